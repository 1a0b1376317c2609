package dev.holdfast.testing;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/** An application that keeps in its session what cannot be stored. {@code ?do=} says what it does. */
@SuppressWarnings("serial")
public final class UnstorableServlet extends HttpServlet {
    /** Not serializable. */
    public static final class Connection {
        private final String text;

        Connection(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Can be stored as long as what it holds can be. */
    public static final class Basket implements Serializable {
        private final List<Object> items = new ArrayList<>();

        @Override
        public String toString() {
            return String.valueOf(items);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        String value = request.getParameter("value");
        PrintWriter out = response.getWriter();
        switch (request.getParameter("do")) {
            case "set" -> {
                session.setAttribute("connection", new Connection(value));
                session.setAttribute("note", value);
            }
            case "replace" -> session.setAttribute("connection", value);
            case "basket" -> session.setAttribute("basket", new Basket());
            case "add" -> basket(session).items.add(value);
            case "hold" -> basket(session).items.add(new Connection(value));
            case "empty" -> basket(session).items.clear();
            case "show" ->
                out.print(session.getAttribute("connection") + ", " + session.getAttribute("note") + ", "
                        + session.getAttribute("basket"));
            case "names" -> out.print(new TreeSet<>(Collections.list(session.getAttributeNames())));
            case "login" -> request.changeSessionId();
            default -> throw new IllegalArgumentException(request.getParameter("do"));
        }
    }

    private static Basket basket(HttpSession session) {
        return (Basket) session.getAttribute("basket");
    }
}
