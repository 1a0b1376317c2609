package dev.holdfast.jetty;

import dev.holdfast.session.request.SessionCoordinator;
import dev.holdfast.testing.HttpNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A Jetty inside the test's JVM with one application that Holdfast keeps the sessions of. */
abstract class JettyNode implements HttpNode, AutoCloseable {
    private final String name;
    private final Server server = new Server();
    private final ServerConnector connector = EmbeddedJetty.connector(server);
    private final ServletContextHandler context;

    JettyNode(String name, URI redis, Map<String, String> settings, ServletContextHandler context) {
        this.name = name;
        this.context = context;
        // A cold JVM on a busy machine is no slow Redis: tests of the deadline set their own.
        context.setInitParameter("holdfast.timeout", "5s");
        context.setInitParameter("holdfast.node", name);
        context.setInitParameter("holdfast.redis", redis.toString());
        settings.forEach(context::setInitParameter);
    }

    /** To be called once, when the application is whole. */
    final void start() {
        server.setHandler(context);
        HoldfastJetty.install(context);
        EmbeddedJetty.start(server);
    }

    final SessionCoordinator coordinator() {
        return ((HoldfastSessionCache) context.getSessionHandler().getSessionCache()).coordinator();
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    }

    @Override
    public final void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty did not stop", e);
        }
    }
}
