package dev.holdfast.jetty;

import jakarta.servlet.Servlet;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.LoginService;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.security.Credential;

/** A Jetty inside the test's JVM with one application, /shop, that Holdfast keeps the sessions of. */
final class EmbeddedJetty extends JettyNode {
    private final ServletContextHandler shop;

    EmbeddedJetty(String name, URI redis, Map<String, String> settings, Consumer<ServletContextHandler> application) {
        this(
                name,
                redis,
                settings,
                new ServletContextHandler("/shop", ServletContextHandler.SESSIONS | ServletContextHandler.SECURITY),
                application);
    }

    private EmbeddedJetty(
            String name,
            URI redis,
            Map<String, String> settings,
            ServletContextHandler shop,
            Consumer<ServletContextHandler> application) {
        super(name, redis, settings, shop);
        this.shop = shop;
        application.accept(shop);
        start();
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

    /** A realm in which one user is known, who has one role. */
    static LoginService oneUser(String realm, String user, String password, String role) {
        UserStore users = new UserStore();
        users.addUser(user, Credential.getCredential(password), new String[] {role});
        HashLoginService login = new HashLoginService(realm);
        login.setUserStore(users);
        return login;
    }

    static void addServlet(ServletContextHandler context, String path, Servlet servlet) {
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        context.addServlet(holder, path);
    }

    ServletContextHandler shop() {
        return shop;
    }
}
