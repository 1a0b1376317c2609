package dev.holdfast.testing.tell;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What an application does with its session; one session is current, others are kept in a static variable. */
final class SessionActs {
    private static volatile HttpSession kept;

    private final HttpServletRequest request;
    private HttpSession session;

    SessionActs(HttpServletRequest request) {
        this.request = request;
    }

    HttpSession current() {
        return session;
    }

    /** Null if it is no act of this class. */
    String act(String[] words) {
        switch (words[0]) {
            case "session" -> session = request.getSession();
            case "session?" -> session = request.getSession(false);
            case "keep" -> kept = session;
            case "kept" -> session = kept;
            default -> {
                return actOnSession(words);
            }
        }
        return session == null ? "none" : session.getId();
    }

    private String actOnSession(String[] words) {
        switch (words[0]) {
            case "set" -> session.setAttribute(words[1], value(words[2]));
            case "again" -> session.setAttribute(words[1], session.getAttribute(words[1]));
            case "remove" -> session.removeAttribute(words[1]);
            case "put" -> list(words[1]).add(words[2]);
            case "invalidate" -> session.invalidate();
            case "timeout" -> session.setMaxInactiveInterval(Integer.parseInt(words[1]));
            default -> {
                return read(words);
            }
        }
        return "done";
    }

    private String read(String[] words) {
        return switch (words[0]) {
            case "get" -> String.valueOf(session.getAttribute(words.length < 2 ? null : words[1]));
            case "names" -> {
                List<String> names = Collections.list(session.getAttributeNames());
                Collections.sort(names);
                yield names.toString();
            }
            case "id" -> session.getId();
            case "new" -> String.valueOf(session.isNew());
            case "created" -> "t:" + session.getCreationTime();
            case "last" -> "t:" + session.getLastAccessedTime();
            case "max" -> String.valueOf(session.getMaxInactiveInterval());
            case "context" -> String.valueOf(session.getServletContext() == request.getServletContext());
            case "same" -> String.valueOf(session == request.getSession(false));
            case "class" -> session.getClass().getName();
            default -> null;
        };
    }

    @SuppressWarnings("unchecked")
    private List<String> list(String name) {
        return (List<String>) session.getAttribute(name);
    }

    private static Object value(String text) {
        return switch (text) {
            case "null" -> null;
            case "list" -> new ArrayList<String>();
            case "thread" -> new Worker();
            case "number" -> 42;
            default -> {
                int colon = text.indexOf(':');
                if (colon > 0 && text.startsWith("told")) {
                    yield new Told(text.substring(colon + 1));
                }
                yield (Serializable) text;
            }
        };
    }

    /** As a thread in a session: nothing that could be stored. */
    private static final class Worker {
        @Override
        public String toString() {
            return "a worker";
        }
    }
}
