package dev.holdfast.testing;

import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** An application whose sessions have a number each, and leave a line in a file when they end. */
public final class ExpiryApplication {
    /** Context-param: the file. */
    static final String RECORD = "record";

    /** Context-param: how long a listener takes, in milliseconds. */
    static final String PACE = "pace";

    private ExpiryApplication() {}

    /** {@code ?number=7&timeout=30} begins a session, {@code ?end} ends it, and nothing more says its number. */
    @SuppressWarnings("serial")
    public static final class Numbers extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String number = request.getParameter("number");
            if (number != null) {
                HttpSession session = request.getSession();
                session.setMaxInactiveInterval(Integer.parseInt(request.getParameter("timeout")));
                session.setAttribute("number", number);
                return;
            }
            HttpSession session = request.getSession(false);
            response.getWriter().print(session == null ? "no session" : session.getAttribute("number"));
            if (session != null && request.getParameter("end") != null) {
                session.invalidate();
            }
        }
    }

    /** Writes number and time of each end, so that it is known though the process is killed in the next moment. */
    public static final class Recorder implements HttpSessionListener {
        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            ServletContext application = event.getSession().getServletContext();
            String line = event.getSession().getAttribute("number") + " " + System.currentTimeMillis() + "\n";
            try {
                Files.writeString(
                        Path.of(application.getInitParameter(RECORD)),
                        line,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            LockSupport.parkNanos(Duration.ofMillis(Long.parseLong(application.getInitParameter(PACE)))
                    .toNanos());
        }
    }
}
