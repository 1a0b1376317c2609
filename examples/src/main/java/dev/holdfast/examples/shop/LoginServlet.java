package dev.holdfast.examples.shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;

/** {@code POST /login} with {@code user} and {@code password}, and {@code POST /logout}: the container's own login. */
public final class LoginServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if ("/logout".equals(request.getServletPath())) {
            logOut(request);
        } else if (!logIn(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "This user or password is not known.");
            return;
        }
        Answer.send(request, response);
    }

    private static boolean logIn(HttpServletRequest request) throws ServletException {
        if (request.getRemoteUser() != null) {
            request.logout();
        }
        // The container remembers a login only for a session that is there before it.
        request.getSession();
        try {
            request.login(request.getParameter("user"), request.getParameter("password"));
            return true;
        } catch (ServletException refused) {
            if (request.getRemoteUser() == null && refused.getCause() == null) {
                return false;
            }
            throw refused;
        }
    }

    private static void logOut(HttpServletRequest request) throws ServletException {
        request.logout();
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }
}
