package dev.holdfast.examples.failover;

import io.undertow.Undertow;
import io.undertow.attribute.ExchangeAttributes;
import io.undertow.server.handlers.proxy.LoadBalancingProxyClient;
import io.undertow.server.handlers.proxy.ProxyHandler;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Undertow's load balancing proxy, for machines without HAProxy. It follows a cookie only in the form {@code .n1}. */
final class EmbeddedBalancer implements Balancer {

    /** Kept, or the level set on it would be forgotten with it. */
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("io.undertow"), Logger.getLogger("org.xnio"), Logger.getLogger("org.jboss"));

    /** What is sent to the other node if a node dies over it; a POST never is. */
    private static final Set<HttpString> REPEATABLE = Set.of(Methods.GET, Methods.HEAD, Methods.OPTIONS);

    private static final int PROBLEM_SERVER_RETRY_SECONDS = 1;
    private static final int CONNECTIONS_PER_THREAD = 64;
    private static final int MAX_REQUEST_MILLIS = 30_000;

    private final Undertow server;

    private EmbeddedBalancer(Undertow server) {
        this.server = server;
    }

    /**
     * Starts it; it listens when this returns.
     *
     * @param routeCookie the cookie to follow
     * @param ports of the nodes, by name
     */
    static EmbeddedBalancer start(int port, String routeCookie, Map<String, Integer> ports) throws CannotRunException {
        // A dead node is what this example is about, not an error worth a stack trace.
        LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
        LoadBalancingProxyClient nodes = new LoadBalancingProxyClient()
                // It looks at the first of its cookies that it finds and no further, route or not.
                .removeSessionCookieName("JSESSIONID")
                .addSessionCookieName(routeCookie)
                .setProblemServerRetry(PROBLEM_SERVER_RETRY_SECONDS)
                .setConnectionsPerThread(CONNECTIONS_PER_THREAD);
        ports.forEach((node, nodePort) -> nodes.addHost(URI.create("http://127.0.0.1:" + nodePort), node));
        ProxyHandler proxy = ProxyHandler.builder()
                .setProxyClient(nodes)
                .setMaxRequestTime(MAX_REQUEST_MILLIS)
                .setMaxConnectionRetries(2)
                // A POST must not go out on an idle connection whose node has just died: it cannot be repeated.
                .addRequestHeader(Headers.CONNECTION, ExchangeAttributes.constant("close"))
                .setIdempotentRequestPredicate(exchange -> REPEATABLE.contains(exchange.getRequestMethod()))
                .build();
        Undertow server = Undertow.builder()
                .addHttpListener(port, "127.0.0.1")
                .setIoThreads(2)
                .setWorkerThreads(2)
                .setHandler(proxy)
                .build();
        try {
            server.start();
        } catch (RuntimeException e) {
            throw new CannotRunException("The embedded balancer cannot listen on port " + port + ".", e);
        }
        return new EmbeddedBalancer(server);
    }

    @Override
    public String description() {
        return "embedded Undertow proxy";
    }

    @Override
    public void close() {
        server.stop();
    }
}
