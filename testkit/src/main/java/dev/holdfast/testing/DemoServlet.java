package dev.holdfast.testing;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** An application that uses its session in every way that matters to a cookie; the path says which. */
public final class DemoServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        response.setContentType("text/plain");
        if (request.getParameter("control") != null) {
            response.setHeader("Cache-Control", request.getParameter("control"));
        }
        Object included = request.getAttribute(RequestDispatcher.INCLUDE_PATH_INFO);
        switch (included == null ? request.getPathInfo() : included.toString()) {
            case "/plain" -> response.getWriter().print("no session");
            case "/peek" -> response.getWriter().print("session: " + (request.getSession(false) != null));
            case "/new" -> count(request, response);
            case "/public" -> {
                count(request, response);
                response.setHeader("Cache-Control", "public");
            }
            case "/same" -> compare(request, response);
            case "/rename" -> {
                request.changeSessionId();
                response.getWriter().print("renamed");
            }
            case "/logout" -> {
                request.getSession().invalidate();
                response.getWriter().print("logged out");
            }
            case "/logout-flush" -> {
                request.getSession().invalidate();
                response.getWriter().print("logged out");
                response.flushBuffer();
            }
            case "/relogin" -> {
                request.getSession().invalidate();
                request.getSession().setAttribute("user", "again");
                response.getWriter().print("logged in again");
            }
            case "/reset" -> {
                request.getSession();
                response.reset();
                response.getWriter().print("after reset");
            }
            case "/flush" -> {
                request.getSession();
                response.getWriter().print("flushed");
                response.flushBuffer();
            }
            case "/late" -> {
                response.getWriter().print("flushed ");
                response.flushBuffer();
                try {
                    response.getWriter().print(request.getSession() != null);
                } catch (IllegalStateException e) {
                    response.getWriter().print("refused by the container");
                }
            }
            case "/redirect" -> {
                request.getSession();
                response.sendRedirect("plain");
            }
            case "/forward" -> request.getRequestDispatcher("/new").forward(request, response);
            case "/include" -> {
                response.getWriter().print("included: ");
                request.getRequestDispatcher("/new").include(request, response);
            }
            case "/error" -> response.sendError(500);
            case "/session-error" -> {
                request.getSession();
                response.sendError(500);
            }
            case "/exception" -> throw new ServletException("thrown on purpose");
            case "/errorpage" ->
                response.getWriter()
                        .print("error page of " + request.getSession().getId().isEmpty());
            case "/async-dispatch" -> request.startAsync().dispatch("/new");
            case "/async" -> answerOnAnotherThread(request.startAsync(request, response));
            default -> response.sendError(404);
        }
    }

    private static void count(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        Integer before = (Integer) session.getAttribute("count");
        int count = before == null ? 1 : before + 1;
        session.setAttribute("count", count);
        response.getWriter().print("count " + count);
    }

    private static void compare(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession first = request.getSession();
        HttpSession second = request.getSession(false);
        boolean same = first.equals(second) && second.equals(first) && first.hashCode() == second.hashCode();
        response.getWriter().print(same + " " + first.getId().equals(second.getId()));
    }

    private static void answerOnAnotherThread(AsyncContext async) {
        async.start(() -> {
            try {
                count((HttpServletRequest) async.getRequest(), (HttpServletResponse) async.getResponse());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } finally {
                async.complete();
            }
        });
    }

    /** Marks requests with the header {@code X-Handled} as a container module would. */
    public static final class Marker implements ServletRequestListener {
        @Override
        public void requestInitialized(ServletRequestEvent event) {
            HttpServletRequest request = (HttpServletRequest) event.getServletRequest();
            if (request.getHeader("X-Handled") != null) {
                request.setAttribute("dev.holdfast.affinity", true);
            }
        }
    }
}
