package dev.holdfast.tomcat;

import dev.holdfast.Holdfast;
import dev.holdfast.NodePages;
import dev.holdfast.PageAnswer;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Host;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;

/** Answers what asks for a page of the node's own, on each host that has an application with Holdfast. */
final class NodePage {
    private NodePage() {}

    static void give(NodePages pages, Host host, Request request, Response response) throws IOException {
        PageAnswer answer = PageAnswer.to(
                new PageAnswer.Question(
                        request.getDecodedRequestURI(),
                        request.getMethod(),
                        List.of(String.valueOf(request.getPeerAddr()), String.valueOf(request.getRemoteAddr())),
                        isPassedOn(request)),
                pages,
                applications(host.getParent()));
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        response.setContentLength(answer.body().length);
        response.getOutputStream().write(answer.body());
    }

    /** AJP is for proxies alone, and a RemoteIpValve takes the header away that it has followed. */
    private static boolean isPassedOn(Request request) {
        return request.getConnector().getProtocolHandlerClassName().contains(".ajp.")
                || !Objects.equals(request.getPeerAddr(), request.getRemoteAddr())
                || Collections.list(request.getHeaderNames()).stream().anyMatch(PageAnswer.Question::isOfAProxy);
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
