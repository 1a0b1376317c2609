package dev.holdfast.jetty;

import dev.holdfast.HoldfastConfig;
import dev.holdfast.Participants;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.AbstractSessionManager;
import org.eclipse.jetty.session.DefaultSessionCache;
import org.eclipse.jetty.session.SessionCache;
import org.eclipse.jetty.session.SessionCacheFactory;
import org.eclipse.jetty.session.SessionManager;

/**
 * Installs Holdfast for the applications that take part; named in {@code etc/holdfast.xml}, the module's own file.
 *
 * <p>Jetty asks it for the sessions of each application that has no session cache of its own. An application takes part
 * if {@code holdfast.apps} names it, if it has a {@code holdfast.*} context-param, or if it says
 * {@code <distributable/>}. All others keep Jetty's sessions in memory.
 */
public final class HoldfastSessionCacheFactory implements SessionCacheFactory {
    private static final Logger LOG = System.getLogger(HoldfastSessionCacheFactory.class.getName());

    @Override
    public SessionCache getSessionCache(SessionManager manager) {
        ContextHandler application = ContextHandler.getCurrentContextHandler();
        if (application == null || application.getServer() == null) {
            return new DefaultSessionCache(manager);
        }
        Participants participants = ServerReport.of(application.getServer());
        boolean named = participants.isNamed(JettyPlace.place(application)); // it is here, whatever it is
        if (!(manager instanceof AbstractSessionManager own) || !ServletEnvironment.isIn(application)) {
            participants.staysOut(
                    application.getContextPath(),
                    "no application with servlets of ee10 or ee11",
                    text -> LOG.log(Level.INFO, text));
        } else if (named || takesPart(application)) {
            return HoldfastSessionCache.installFor(own, application, null);
        } else {
            participants.staysOut(
                    application.getContextPath(), Participants.NOTHING_SAYS_SO, text -> LOG.log(Level.INFO, text));
        }
        return new DefaultSessionCache(manager);
    }

    private static boolean takesPart(ContextHandler application) {
        ServletEnvironment servletEnvironment = ServletEnvironment.of(application);
        return HoldfastConfig.takesPart(
                servletEnvironment.isDistributable(),
                servletEnvironment.initParams().keySet());
    }
}
