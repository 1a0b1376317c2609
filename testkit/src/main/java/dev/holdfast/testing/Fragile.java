package dev.holdfast.testing;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;

/** An attribute that fails while it is stored, with an Error that nobody planned. */
public final class Fragile implements Serializable {
    private static final long serialVersionUID = 1L;

    private Fragile() {}

    private void writeObject(ObjectOutputStream out) {
        throw new AssertionError("on purpose");
    }

    /**
     * {@code set=<text>} sets an attribute, {@code break} one that fails while it is saved, {@code late} one that fails
     * when the head of the answer has left; the answer is the text.
     */
    public static final class Page extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getParameter("set") != null) {
                request.getSession().setAttribute("text", request.getParameter("set"));
            }
            if (request.getParameter("late") != null) {
                request.getSession().getAttribute("text");
                response.getWriter().print("begun");
                response.flushBuffer();
            }
            if (request.getParameter("break") != null) {
                request.getSession().setAttribute("fragile", new Fragile());
            }
            response.getWriter().print(request.getSession().getAttribute("text"));
        }
    }
}
