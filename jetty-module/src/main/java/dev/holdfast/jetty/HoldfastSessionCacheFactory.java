package dev.holdfast.jetty;

import dev.holdfast.HoldfastConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;
import org.eclipse.jetty.session.DefaultSessionCache;
import org.eclipse.jetty.session.SessionCache;
import org.eclipse.jetty.session.SessionCacheFactory;
import org.eclipse.jetty.session.SessionManager;
import org.jspecify.annotations.Nullable;

/**
 * Installs Holdfast for the applications that take part; named in {@code etc/holdfast.xml}, the module's own file.
 *
 * <p>Jetty asks it for the sessions of each application that has no session cache of its own. An application takes part if it has a
 * {@code holdfast.*} context-param or says {@code <distributable/>}. All others keep Jetty's sessions in memory.
 */
public final class HoldfastSessionCacheFactory implements SessionCacheFactory {
    private static final Logger LOG = System.getLogger(HoldfastSessionCacheFactory.class.getName());

    @Override
    public SessionCache getSessionCache(SessionManager manager) {
        ContextHandler application = ContextHandler.getCurrentContextHandler();
        if (manager instanceof AbstractSessionManager own && takesPart(application)) {
            return HoldfastSessionCache.installFor(own, application);
        }
        LOG.log(
                Level.DEBUG,
                () -> "Holdfast leaves " + (application == null ? "a server" : application.getContextPath())
                        + " alone: no <distributable/> and no holdfast.* context-param in web.xml");
        return new DefaultSessionCache(manager);
    }

    private static boolean takesPart(@Nullable ContextHandler application) {
        if (application == null || !ServletSide.isIn(application)) {
            return false;
        }
        ServletSide servletSide = ServletSide.of(application);
        return HoldfastConfig.takesPart(
                servletSide.isDistributable(), servletSide.initParams().keySet());
    }
}
