package dev.holdfast.jetty;

import dev.holdfast.EmbeddedApplication;
import dev.holdfast.HoldfastConfig;
import java.util.Collection;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;

/**
 * Explicit installation for embedded Jetty, where no module of start.jar is. Spring Boot needs none of it: the JAR on
 * its class path is enough.
 *
 * <pre>{@code
 * ServletContextHandler shop = new ServletContextHandler("/shop", ServletContextHandler.SESSIONS);
 * shop.setInitParameter("holdfast.redis", "redis://127.0.0.1:6380");
 * server.setHandler(shop);
 * HoldfastJetty.install(shop);
 * server.start();
 * }</pre>
 */
public final class HoldfastJetty {
    private HoldfastJetty() {}

    /**
     * Lets Holdfast keep the sessions of an application. To be called before the application starts; its settings are
     * read from system properties, the environment and the application's init-params when it does. Of a server that has
     * the application already, {@code holdfast.health.path} and {@code holdfast.metrics.path} are answered, too; else
     * insert a {@link NodePagesHandler}.
     *
     * @param application a {@code ServletContextHandler} or {@code WebAppContext} of ee10 or ee11, with sessions
     * @throws IllegalStateException if the application has started already
     * @throws IllegalArgumentException if it has no sessions
     */
    public static void install(ContextHandler application) {
        if (application.isRunning()) {
            throw new IllegalStateException("Holdfast must be installed before " + application.getContextPath()
                    + " starts: call HoldfastJetty.install before Server.start");
        }
        HoldfastSessionCache.installFor(managerOf(application), application, null);
        NodePagesHandler.insertInto(application.getServer());
    }

    /**
     * The same for the one application of a server whose framework has read its settings. They are checked at once, so
     * that a mistake does not look like one of the server.
     *
     * @throws dev.holdfast.HoldfastConfigException naming every wrong setting at once
     */
    static void install(Server server, EmbeddedApplication embedded) {
        NodePagesHandler.insertInto(server);
        for (ContextHandler application : server.getDescendants(ContextHandler.class)) {
            if (ServletEnvironment.isIn(application)) {
                HoldfastConfig config = HoldfastConfig.read(embedded, JettyPlace.place(application));
                HoldfastSessionCache.installFor(
                        managerOf(application),
                        application,
                        new HoldfastSessionCache.Embedded(
                                config, embedded.classes(), JettyPlace.configuredPort(server)));
                return;
            }
        }
    }

    private static AbstractSessionManager managerOf(ContextHandler application) {
        Collection<AbstractSessionManager> managers = application.getContainedBeans(AbstractSessionManager.class);
        if (managers.size() != 1) {
            throw new IllegalArgumentException(application.getContextPath()
                    + " has no sessions to be kept: make its ServletContextHandler with"
                    + " ServletContextHandler.SESSIONS");
        }
        return managers.iterator().next();
    }
}
