package dev.holdfast.jetty;

import dev.holdfast.session.request.SessionCoordinator;
import dev.holdfast.testing.HttpNode;
import jakarta.servlet.Servlet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A Jetty inside the test's JVM with one application, /shop, that Holdfast keeps the sessions of. */
final class EmbeddedJetty implements HttpNode, AutoCloseable {
    private final String name;
    private final Server server = new Server();
    private final ServerConnector connector;
    private final ServletContextHandler shop;

    EmbeddedJetty(String name, URI redis, Map<String, String> settings, Consumer<ServletContextHandler> application) {
        this.name = name;
        connector = connector(server);
        shop = new ServletContextHandler("/shop", ServletContextHandler.SESSIONS | ServletContextHandler.SECURITY);
        // A cold JVM on a busy machine is no slow Redis: tests of the deadline set their own.
        shop.setInitParameter("holdfast.timeout", "5s");
        shop.setInitParameter("holdfast.node", name);
        shop.setInitParameter("holdfast.redis", redis.toString());
        settings.forEach(shop::setInitParameter);
        application.accept(shop);
        HoldfastJetty.install(shop);
        server.setHandler(shop);
        start(server);
    }

    /** A connector for HTTP/1.1 and HTTP/2 in clear text on a free port of the loopback interface. */
    static ServerConnector connector(Server server) {
        HttpConfiguration http = new HttpConfiguration();
        ServerConnector connector =
                new ServerConnector(server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.addConnector(connector);
        return connector;
    }

    static void start(Server server) {
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty did not start", e);
        }
    }

    static void addServlet(ServletContextHandler context, String path, Servlet servlet) {
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        context.addServlet(holder, path);
    }

    SessionCoordinator coordinator() {
        return ((HoldfastSessionCache) shop.getSessionHandler().getSessionCache()).coordinator();
    }

    ServletContextHandler shop() {
        return shop;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("Jetty did not stop", e);
        }
    }
}
