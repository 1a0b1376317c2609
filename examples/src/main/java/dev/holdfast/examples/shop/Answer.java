package dev.holdfast.examples.shop;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What every endpoint of the shop answers: who answered, on which container, for which session, what is in its cart.
 */
final class Answer {

    /** Cookies that the page shows; it cannot read them itself, they are HttpOnly. */
    private static final Set<String> SHOWN = Set.of("JSESSIONID", "HFROUTE", "HFEPOCH");

    private Answer() {}

    /** Writes the state of the request's session as JSON; makes no session. */
    static void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        Cart.Content cart = Cart.Content.EMPTY;
        Map<String, String> members = new LinkedHashMap<>();
        members.put("node", Json.string(NodeName.get()));
        members.put("container", Json.string(request.getServletContext().getServerInfo()));
        if (session == null) {
            members.put("session", "null");
            members.put("new", "false");
        } else {
            LastAnswers.of(request.getServletContext()).answered(session.getId());
            members.put("session", Json.string(shortened(session.getId())));
            members.put("new", Boolean.toString(session.isNew()));
            if (session.getAttribute(Cart.ATTRIBUTE) instanceof Cart stored) {
                cart = stored.content();
            }
        }
        members.put("user", Json.string(request.getRemoteUser()));
        members.put("changes", Integer.toString(cart.changes()));
        members.put("items", Json.array(cart.items().stream().map(Answer::item).toList()));
        members.put("cookies", Json.object(cookies(request)));

        response.setContentType("application/json");
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.getWriter().write(Json.object(members));
    }

    private static String item(Item item) {
        return "{\"name\":" + Json.string(item.name()) + ",\"addedOn\":" + Json.string(item.addedOn()) + "}";
    }

    private static Map<String, String> cookies(HttpServletRequest request) {
        Map<String, String> shown = new LinkedHashMap<>();
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (SHOWN.contains(cookie.getName())) {
                    shown.putIfAbsent(cookie.getName(), Json.string(withoutSecret(cookie.getValue())));
                }
            }
        }
        return shown;
    }

    /** A session id or a mark is a credential: four characters of it are enough to see that it changed. */
    private static String withoutSecret(String value) {
        int dot = value.lastIndexOf('.');
        String secret = dot < 0 ? value : value.substring(0, dot);
        String route = dot < 0 ? "" : value.substring(dot);
        return (secret.length() <= 8 ? secret : shortened(secret) + "…") + route;
    }

    private static String shortened(String id) {
        return id.substring(0, Math.min(4, id.length()));
    }
}
