package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/**
 * {@code do=late} works for a while before it asks for its session, and answers when it began; {@code do=last} answers
 * with the last access.
 */
public final class LateServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        long began = System.currentTimeMillis();
        switch (request.getParameter("do")) {
            case "begin" -> request.getSession(true);
            case "late" -> {
                await().pollDelay(Duration.ofMillis(500)).until(() -> true);
                response.getWriter()
                        .print(began + " " + request.getSession(false).getId());
            }
            default -> response.getWriter().print(request.getSession(false).getLastAccessedTime());
        }
    }
}
