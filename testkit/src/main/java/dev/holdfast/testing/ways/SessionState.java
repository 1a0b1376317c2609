package dev.holdfast.testing.ways;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.util.ArrayList;
import java.util.List;

/** What the servlets do to the session: one attribute is set, two are changed in place. */
public final class SessionState {
    /** The header of a request that says what to put into the session. */
    static final String VALUE = "X-Value";

    private SessionState() {}

    static void change(HttpServletRequest request) {
        change(request.getSession(), request.getHeader(VALUE));
    }

    static void change(HttpSession session, String value) {
        session.setAttribute("set", value);
        if (session.getAttribute("list") == null) {
            session.setAttribute("list", new ArrayList<String>());
            session.setAttribute("basket", new Basket());
        }
        @SuppressWarnings("unchecked") // only this class sets it
        List<String> list = (List<String>) session.getAttribute("list");
        list.add(value);
        ((Basket) session.getAttribute("basket")).change(value);
    }

    /** The state in one text, as {@code CommitWays} expects it. */
    static String describe(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session == null) {
            return "no session";
        }
        Basket basket = (Basket) session.getAttribute("basket");
        return "set=" + session.getAttribute("set")
                + " list=" + session.getAttribute("list")
                + " basket=" + (basket == null ? null : basket.last())
                + " late=" + session.getAttribute("late")
                + " user=" + request.getRemoteUser();
    }
}
