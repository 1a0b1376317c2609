package dev.holdfast.examples.shop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code GET /node}: for health checks and for the page's cards; never looks at a session. Answers the node's name and,
 * for each session that this process has answered, when it did so last.
 */
public final class NodeServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Map<String, String> sessions = new LinkedHashMap<>();
        LastAnswers.of(getServletContext())
                .byFingerprint()
                .forEach((fingerprint, time) -> sessions.put(fingerprint, Long.toString(time)));
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.getWriter()
                .write(Json.object(Map.of("node", Json.string(NodeName.get()), "sessions", Json.object(sessions))));
    }
}
