package dev.holdfast.jetty;

import dev.holdfast.session.request.SessionCoordinator;
import dev.holdfast.testing.HttpNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.security.Credential;

/** A Jetty inside the test's JVM with one web application, web.xml and all, whose user is ada. */
final class EmbeddedWebapp implements HttpNode, AutoCloseable {
    private final String name;
    private final Server server = new Server();
    private final ServerConnector connector;
    private final WebAppContext context;

    EmbeddedWebapp(String name, URI redis, String path, Path exploded, Map<String, String> settings) {
        this.name = name;
        connector = EmbeddedJetty.connector(server);
        UserStore users = new UserStore();
        users.addUser("ada", Credential.getCredential("engine"), new String[] {"user"});
        HashLoginService login = new HashLoginService("test");
        login.setUserStore(users);
        context = new WebAppContext(exploded.toString(), path);
        context.setInitParameter("holdfast.node", name);
        context.setInitParameter("holdfast.redis", redis.toString());
        settings.forEach(context::setInitParameter);
        context.getSecurityHandler().setLoginService(login);
        context.setThrowUnavailableOnStartupException(true);
        HoldfastJetty.install(context);
        server.setHandler(context);
        EmbeddedJetty.start(server);
    }

    SessionCoordinator coordinator() {
        return ((HoldfastSessionCache) context.getSessionHandler().getSessionCache()).coordinator();
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
