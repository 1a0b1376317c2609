package dev.holdfast.testing;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes the call that {@code do} names, notes what it throws, and lets its container see that, too: as applications do
 * that catch nothing.
 */
public final class CatchingServlet extends HttpServlet {
    /** The calls, each of which needs Redis where no copy is trusted or a session is new. */
    public static final List<String> CALLS = List.of(
            "find",
            "create",
            "findId",
            "user",
            "rotate",
            "invalidate",
            "flush",
            "flushWriter",
            "closeWriter",
            "closeStream",
            "bigBody",
            "redirect",
            "error",
            "forgotten",
            "late",
            "asyncComplete",
            "asyncThread",
            "asyncWrite",
            "listener");

    private static final long serialVersionUID = 1L;
    private static final byte[] BIG = new byte[200_000];
    private static final Map<String, List<Throwable>> CAUGHT = new ConcurrentHashMap<>();

    /** Asks for the session before any servlet does. */
    public static final class Listener implements ServletRequestListener {
        @Override
        public void requestInitialized(ServletRequestEvent event) {
            HttpServletRequest request = (HttpServletRequest) event.getServletRequest();
            if ("listener".equals(request.getParameter("do"))) {
                noting("listener", () -> request.getSession(true));
            }
        }
    }

    private static final AtomicReference<Throwable> KEPT = new AtomicReference<>();

    /** What the call {@code keep} puts into the session, and {@code kept} shows. */
    static void keep(Throwable thrown) {
        KEPT.set(thrown);
    }

    private interface Call {
        void run() throws ServletException, IOException;
    }

    /** What a call has thrown since the last time that somebody asked. */
    static List<Throwable> takeCaught(String call) {
        List<Throwable> caught = CAUGHT.remove(call);
        return caught == null ? List.of() : caught;
    }

    private static void note(String name, Throwable thrown) {
        CAUGHT.computeIfAbsent(name, n -> new CopyOnWriteArrayList<>()).add(thrown);
    }

    private static void noting(String name, Call call) {
        try {
            call.run();
        } catch (ServletException | IOException | RuntimeException e) {
            note(name, e);
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String name = request.getParameter("do");
        try {
            call(name, request, response);
        } catch (ServletException | IOException | RuntimeException e) {
            note(name, e);
            throw e;
        }
    }

    private static void call(String name, HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        switch (name) {
            case "find" -> request.getSession(false);
            case "create", "listener" -> request.getSession(true);
            case "findId" -> request.isRequestedSessionIdValid();
            case "user" -> request.getUserPrincipal();
            case "rotate" -> {
                request.getSession();
                request.changeSessionId();
            }
            case "invalidate" -> request.getSession().invalidate();
            case "forgotten" -> change(request);
            case "keep" -> {
                Throwable thrown = KEPT.get();
                request.getSession().setAttribute("thrown", thrown);
                request.getSession().setAttribute("thrownInMap", new HashMap<>(Map.of("thrown", thrown)));
            }
            case "kept" -> {
                HttpSession session = request.getSession();
                Throwable thrown = (Throwable) session.getAttribute("thrown");
                Map<?, ?> map = (Map<?, ?>) session.getAttribute("thrownInMap");
                String told = thrown + " / " + map.get("thrown") + " / " + thrown.getStackTrace().length;
                response.getWriter().print(URLEncoder.encode(told, StandardCharsets.UTF_8));
            }
            case "late" -> {
                response.flushBuffer();
                change(request);
            }
            default -> answer(name, request, response);
        }
    }

    private static void change(HttpServletRequest request) {
        HttpSession session = request.getSession();
        session.setAttribute("time", System.nanoTime());
    }

    private static void answer(String name, HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (name.startsWith("async")) {
            answerAsync(name, request);
            return;
        }
        change(request);
        switch (name) {
            case "flush" -> response.flushBuffer();
            case "flushWriter" -> response.getWriter().flush();
            case "closeWriter" -> response.getWriter().close();
            case "closeStream" -> response.getOutputStream().close();
            case "bigBody" -> response.getOutputStream().write(BIG);
            case "redirect" -> response.sendRedirect("elsewhere");
            case "error" -> response.sendError(418);
            default -> throw new ServletException("No such call: " + name);
        }
    }

    private static void answerAsync(String name, HttpServletRequest request) throws IOException {
        AsyncContext async = request.startAsync();
        async.setTimeout(20_000);
        switch (name) {
            case "asyncComplete" -> {
                change(request);
                async.complete();
            }
            case "asyncThread" ->
                async.start(() -> noting(name, () -> {
                    try {
                        change((HttpServletRequest) async.getRequest());
                        async.getResponse().flushBuffer();
                    } finally {
                        async.complete();
                    }
                }));
            default -> {
                change(request);
                writeWhenReady(name, async);
            }
        }
    }

    private static void writeWhenReady(String name, AsyncContext async) throws IOException {
        ServletOutputStream out = async.getResponse().getOutputStream();
        out.setWriteListener(new WriteListener() {
            @Override
            public void onWritePossible() {
                try {
                    if (out.isReady()) {
                        out.write(BIG);
                    }
                    if (out.isReady()) {
                        async.complete();
                    }
                } catch (IOException | RuntimeException e) {
                    note(name, e);
                    async.complete();
                }
            }

            @Override
            public void onError(Throwable thrown) {
                note(name, thrown);
                async.complete();
            }
        });
    }
}
