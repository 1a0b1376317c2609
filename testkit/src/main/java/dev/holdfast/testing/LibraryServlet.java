package dev.holdfast.testing;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/**
 * Keeps objects of classes that it knows by name only: {@code ?put=CLASS} puts a new one into the session, as attribute
 * {@code value}; {@code ?touch=TEXT} another attribute; and each request says what the first holds.
 */
@SuppressWarnings("serial")
public final class LibraryServlet extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        String wanted = request.getParameter("put");
        if (wanted != null) {
            try {
                Class<?> type = Class.forName(wanted, true, getClass().getClassLoader());
                session.setAttribute("value", type.getConstructor().newInstance());
            } catch (ReflectiveOperationException e) {
                throw new IllegalArgumentException(wanted, e);
            }
        }
        if (request.getParameter("touch") != null) {
            session.setAttribute("note", request.getParameter("touch"));
        }
        response.getWriter().print(session.getAttribute("value"));
    }
}
