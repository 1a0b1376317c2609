package dev.holdfast.history.run;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The application that the browsers work with: it does what {@link #CALL} says and tells what it saw.
 *
 * <p>As any application with parallel requests must, it lets one request of a session at a time read, change and write
 * back. It does not wait for the neighbours' answers.
 */
public final class HistoryServlet extends HttpServlet {
    /**
     * The header with action, life, name, token, milliseconds to wait while at work, and when to change: {@code early}
     * or {@code late}.
     */
    static final String CALL = "X-Call";

    /** Begins every answer, before the name of the node. */
    static final String NODE = ".node";

    static final List<String> COUNTERS = List.of("n1", "n2");
    static final String LIST = "list";
    static final String SET = "set";
    static final List<String> VALUES = List.of("r1", "r2", "r3");
    static final String PAIR = "pair";

    /** Its token has ten million characters behind it in the session. */
    static final String BIG = "big";

    private static final long serialVersionUID = 1L;
    private static final String BORN = "born";
    private static final String NOTHING = "-";
    private static final int BALLAST = 10_000_000;
    private static final Object[] LOCKS = new Object[256];

    static {
        for (int i = 0; i < LOCKS.length; i++) {
            LOCKS[i] = new Object();
        }
    }

    /** What the header says. */
    private record Work(String action, String life, String name, String token, int millis, boolean late) {
        static Work of(String header) {
            String[] words = header.split(" ", -1);
            return new Work(
                    words[0], words[1], words[2], words[3], Integer.parseInt(words[4]), words[5].equals("late"));
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        Work work = Work.of(request.getHeader(CALL));
        response.setContentType("text/plain");
        response.setCharacterEncoding("UTF-8");
        PrintWriter out = response.getWriter();
        out.print(NODE + " " + System.getProperty("holdfast.node") + "\n");
        HttpSession session = sessionOf(request, work);
        if (session == null) {
            out.print("none\n");
            return;
        }
        if (work.late()) {
            out.print("late\n");
            response.flushBuffer();
        }
        Map<String, String> seen = new LinkedHashMap<>();
        try {
            if (work.action().equals("LOG_IN")) {
                logIn(request);
            } else if (work.action().equals("CHANGE_ID")) {
                request.changeSessionId();
            }
            synchronized (LOCKS[Math.floorMod(work.life().hashCode(), LOCKS.length)]) {
                work(work, request, session, seen);
            }
        } catch (IllegalStateException ended) {
            out.print("none\n");
            return;
        }
        seen.forEach((name, value) -> out.print(name + " " + value + "\n"));
        out.print("end\n");
    }

    private static @Nullable HttpSession sessionOf(HttpServletRequest request, Work work) {
        try {
            return request.getSession(work.action().equals("START"));
        } catch (IllegalStateException ended) { // by a neighbour, between two looks of Jetty's own
            return null;
        }
    }

    private static void logIn(HttpServletRequest request) throws ServletException {
        if (request.getRemoteUser() == null) {
            request.login("ada", "engine");
        }
    }

    private static void work(Work work, HttpServletRequest request, HttpSession session, Map<String, String> seen) {
        seen.put(".id", session.getId());
        switch (work.action()) {
            case "PUT", "DROP", "PUT_BOTH" -> setBlindly(work, session);
            default -> {
                seen.put(".born", text(born(work, session)));
                change(work, request, session, seen);
            }
        }
    }

    private static void setBlindly(Work work, HttpSession session) {
        pause(work.millis() / 2);
        switch (work.action()) {
            case "PUT" -> session.setAttribute(work.name(), stored(work.name(), work.token()));
            case "DROP" -> session.removeAttribute(work.name());
            default -> {
                session.setAttribute(work.name() + ".1", work.token());
                session.setAttribute(work.name() + ".2", work.token());
            }
        }
        pause(work.millis() / 2);
    }

    private static String stored(String name, String token) {
        return name.equals(BIG) ? token + "x".repeat(BALLAST) : token;
    }

    /** The token alone, if all that is to stand behind it does. */
    private static String withoutBallast(String value) {
        int token = value.length() - BALLAST;
        return token > 0 && value.endsWith("x".repeat(BALLAST)) ? value.substring(0, token) : value;
    }

    private static Object born(Work work, HttpSession session) {
        Object born = session.getAttribute(BORN);
        if (born == null && work.action().equals("START")) {
            session.setAttribute(LIST, new ArrayList<String>());
            session.setAttribute(SET, new HashSet<String>());
            session.setAttribute(BORN, work.token());
            return work.token();
        }
        return born;
    }

    private static void change(Work work, HttpServletRequest request, HttpSession session, Map<String, String> seen) {
        switch (work.action()) {
            case "INCREMENT" -> {
                Integer number = (Integer) session.getAttribute(work.name());
                pause(work.millis());
                session.setAttribute(work.name(), number == null ? 1 : number + 1);
                seen.put(work.name(), text(session.getAttribute(work.name())));
            }
            case "ADD", "TAKE" -> {
                @SuppressWarnings("unchecked") // it is made above
                Collection<String> elements = (Collection<String>) session.getAttribute(work.name());
                pause(work.millis() / 2);
                if (work.action().equals("ADD")) {
                    elements.add(work.token());
                } else {
                    elements.remove(work.token());
                }
                seen.put(work.name(), String.join(",", elements));
                pause(work.millis() / 2);
            }
            case "LOG_OUT" -> {
                pause(work.millis());
                session.invalidate();
            }
            case "READ" -> {
                pause(work.millis());
                lookAround(request, session, seen);
            }
            default -> seen.put(".user", text(request.getRemoteUser()));
        }
    }

    private static void lookAround(HttpServletRequest request, HttpSession session, Map<String, String> seen) {
        seen.put(".user", text(request.getRemoteUser()));
        COUNTERS.forEach(name -> seen.put(name, text(session.getAttribute(name))));
        VALUES.forEach(name -> seen.put(name, text(session.getAttribute(name))));
        seen.put(BIG, withoutBallast(text(session.getAttribute(BIG))));
        for (String name : List.of(PAIR + ".1", PAIR + ".2")) {
            seen.put(name, text(session.getAttribute(name)));
        }
        for (String name : List.of(LIST, SET)) {
            Object elements = session.getAttribute(name);
            seen.put(name, elements == null ? NOTHING : joined((Collection<?>) elements));
        }
    }

    private static String joined(Collection<?> elements) {
        List<String> texts = new ArrayList<>();
        elements.forEach(element -> texts.add(String.valueOf(element)));
        return String.join(",", texts);
    }

    private static String text(Object value) {
        return value == null ? NOTHING : value.toString();
    }

    /** As an application that computes something. */
    private static void pause(int millis) {
        if (millis == 0) {
            return;
        }
        try {
            if (new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("Nobody counts down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
