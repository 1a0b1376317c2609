package dev.holdfast.jetty;

import java.util.Collection;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;

/**
 * Explicit installation for embedded Jetty, where no module of start.jar is.
 *
 * <pre>{@code
 * ServletContextHandler shop = new ServletContextHandler("/shop", ServletContextHandler.SESSIONS);
 * shop.setInitParameter("holdfast.redis", "redis://127.0.0.1:6380");
 * HoldfastJetty.install(shop);
 * server.setHandler(shop);
 * server.start();
 * }</pre>
 */
public final class HoldfastJetty {
    private HoldfastJetty() {}

    /**
     * Lets Holdfast keep the sessions of an application. To be called before the application starts; its settings are
     * read from system properties, the environment and the application's init-params when it does.
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
        Collection<AbstractSessionManager> managers = application.getContainedBeans(AbstractSessionManager.class);
        if (managers.size() != 1) {
            throw new IllegalArgumentException(application.getContextPath()
                    + " has no sessions to be kept: make its ServletContextHandler with"
                    + " ServletContextHandler.SESSIONS");
        }
        AbstractSessionManager manager = managers.iterator().next();
        HoldfastSessionCache.installFor(manager, application);
    }
}
