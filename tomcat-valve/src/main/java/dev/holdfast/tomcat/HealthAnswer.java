package dev.holdfast.tomcat;

import dev.holdfast.Health;
import dev.holdfast.Holdfast;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

/** Answers what asks at {@code holdfast.health.path}, on each host that has an application with Holdfast. */
final class HealthAnswer {
    private HealthAnswer() {}

    static void give(Host host, Request request, Response response) throws IOException {
        String method = request.getMethod();
        response.setHeader("Cache-Control", "no-store");
        if (!method.equals("GET") && !method.equals("HEAD")) {
            response.setHeader("Allow", "GET, HEAD");
            response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        Health health = Health.of(applications(host.getParent()));
        byte[] body = health.text().getBytes(StandardCharsets.US_ASCII);
        response.setStatus(health.status());
        response.setContentType("text/plain;charset=US-ASCII");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /**
     * Asked of Tomcat each time: what was undeployed is not there any more, what did not start is. Of an application's
     * versions one has to be there: while another starts, or fails, or is taken away, it serves.
     */
    private static Collection<Optional<Holdfast>> applications(Container engine) {
        Map<String, Optional<Holdfast>> applications = new HashMap<>();
        for (Container host : engine.findChildren()) {
            for (Container child : host.findChildren()) {
                if (child instanceof Context context && context.getManager() instanceof HoldfastManager manager) {
                    boolean available = context.getState().isAvailable();
                    applications.merge(
                            host.getName() + context.getPath(),
                            available ? manager.holdfast() : Optional.empty(),
                            (one, other) -> one.or(() -> other));
                }
            }
        }
        return applications.values();
    }
}
