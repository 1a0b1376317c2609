package dev.holdfast.testing;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code do=add|set|read|remove|invalidate|rotate|new|peek}, {@code control=} a Cache-Control; answers with the state
 * of the session.
 */
public final class CartServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String action = request.getParameter("do");
        if (request.getParameter("control") != null) {
            response.setHeader("Cache-Control", request.getParameter("control"));
        }
        HttpSession session = request.getSession(!action.equals("peek"));
        if (session == null) {
            response.getWriter().print("none");
            return;
        }
        switch (action) {
            case "add" -> items(session).add(request.getParameter("item"));
            case "set" -> session.setAttribute(request.getParameter("name"), request.getParameter("value"));
            case "remove" -> session.removeAttribute(request.getParameter("name"));
            case "rotate" -> request.changeSessionId();
            case "invalidate" -> {
                session.invalidate();
                response.getWriter().print("ended");
                return;
            }
            default -> {}
        }
        List<String> names = Collections.list(session.getAttributeNames());
        Collections.sort(names);
        StringBuilder text = new StringBuilder(session.isNew() ? "new" : "old");
        names.forEach(name -> text.append(' ').append(name).append('=').append(session.getAttribute(name)));
        response.getWriter().print(text);
    }

    @SuppressWarnings("unchecked")
    private static List<String> items(HttpSession session) {
        List<String> items = (List<String>) session.getAttribute("items");
        if (items == null) {
            items = new ArrayList<>();
            session.setAttribute("items", items);
        }
        return items;
    }
}
