package dev.holdfast.benchmark;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** The application: a page for each way to use a session. It knows nothing of who keeps its sessions. */
public class Pages extends HttpServlet {
    private static final long serialVersionUID = 1;

    static final int ATTRIBUTES = 10;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int seen = switch (request.getPathInfo()) {
            case "/begin" -> begin(request);
            case "/read" -> read(request.getSession(false));
            case "/write" -> write(request.getSession(false));
            case "/change" -> item(request.getSession(false), 0).add();
            default -> 0; // nobody asks for the session
        };
        response.setContentType("text/plain");
        response.getWriter().print(seen);
    }

    private static int begin(HttpServletRequest request) {
        HttpSession session = request.getSession();
        String text = "x".repeat(Integer.parseInt(request.getParameter("bytes")));
        for (int i = 0; i < ATTRIBUTES; i++) {
            session.setAttribute("item" + i, new Item("item" + i, text));
        }
        session.setAttribute("count", 0);
        return 0;
    }

    private static int read(HttpSession session) {
        return item(session, 1).length()
                + item(session, 2).length()
                + item(session, 3).length();
    }

    private static int write(HttpSession session) {
        int next = (Integer) session.getAttribute("count") + 1;
        session.setAttribute("count", next);
        return next;
    }

    private static Item item(HttpSession session, int number) {
        return (Item) session.getAttribute("item" + number);
    }
}
