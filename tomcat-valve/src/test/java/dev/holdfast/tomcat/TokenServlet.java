package dev.holdfast.tomcat;

import com.example.library.LibraryToken;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/**
 * {@code ?set=text} with a class of a library, {@code ?own=text} with one of the application's modules, or just a look.
 */
@SuppressWarnings("serial")
public final class TokenServlet extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession();
        try {
            if (request.getParameter("set") != null) {
                session.setAttribute("token", new LibraryToken(request.getParameter("set")));
            }
            if (request.getParameter("own") != null) {
                session.setAttribute("token", new ModuleToken(request.getParameter("own")));
            }
            Object token = session.getAttribute("token");
            response.getWriter().print(token == null ? "none" : token);
        } catch (IllegalArgumentException e) {
            response.getWriter().print(e.getMessage());
        }
    }
}
