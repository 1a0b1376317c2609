package dev.holdfast.tomcat;

import dev.holdfast.HoldfastConfig;
import dev.holdfast.Participants;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import java.util.Collections;
import java.util.Set;
import org.apache.catalina.Cluster;
import org.apache.catalina.Context;
import org.apache.catalina.Globals;
import org.apache.catalina.Manager;
import org.apache.catalina.WebResourceRoot;
import org.apache.catalina.loader.WebappClassLoaderBase;
import org.apache.catalina.session.StandardManager;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Installs Holdfast for the applications that take part, from the JAR in Tomcat's {@code lib} and with nothing but
 * web.xml.
 *
 * <p>An application takes part if {@code holdfast.apps} names it, if it has a {@code holdfast.*} context-param, or if
 * it says {@code <distributable/>} and has neither a Cluster nor a Manager of its own. All others are left alone.
 */
public final class HoldfastInitializer implements ServletContainerInitializer {
    private static final Log LOG = LogFactory.getLog(HoldfastInitializer.class);

    @Override
    public void onStartup(@Nullable Set<Class<?>> classes, ServletContext servletContext) throws ServletException {
        if (getClass().getClassLoader() instanceof WebappClassLoaderBase) {
            throw new ServletException(
                    "HF-103: The JAR of Holdfast for Tomcat is in WEB-INF/lib of " + servletContext.getContextPath()
                            + ", where it cannot work. Move it to the lib directory of Tomcat (CATALINA_BASE/lib) and"
                            + " take it out of WEB-INF/lib.");
        }
        Context context = contextOf(servletContext);
        if (context == null) {
            return;
        }
        Participants participants = ServerReport.of(context);
        boolean named = participants.isNamed(HoldfastTomcat.place(context));
        Manager manager = context.getManager();
        if (manager instanceof HoldfastManager) {
            LOG.debug("Holdfast is the Manager of " + HoldfastTomcat.name(context)
                    + " already"); // context.xml, or before a stop
        } else if (named || hasParameter(servletContext)) {
            warnReplaced(
                    context, manager, named ? "holdfast.apps names it" : "its web.xml has holdfast.* context-params");
            context.setManager(new HoldfastManager());
        } else if (context.getDistributable()) {
            Cluster cluster = context.getCluster();
            if (cluster != null || isConfigured(manager)) {
                participants.staysOut(
                        HoldfastTomcat.name(context),
                        "<distributable/>, but with "
                                + (cluster != null
                                        ? "a Cluster"
                                        : "a Manager (" + manager.getClass().getName() + ")")
                                + " of its own; holdfast.apps or a holdfast.* context-param would make it take part",
                        LOG::info);
                return;
            }
            context.setManager(new HoldfastManager());
        } else {
            participants.staysOut(HoldfastTomcat.name(context), Participants.NOTHING_SAYS_SO, LOG::info);
            return;
        }
    }

    private static @Nullable Context contextOf(ServletContext servletContext) {
        return servletContext.getAttribute(Globals.RESOURCES_ATTR) instanceof WebResourceRoot resources
                ? resources.getContext()
                : null;
    }

    private static boolean hasParameter(ServletContext servletContext) {
        return HoldfastConfig.isNamedIn(Collections.list(servletContext.getInitParameterNames()));
    }

    private static boolean isConfigured(@Nullable Manager manager) {
        return manager != null && manager.getClass() != StandardManager.class;
    }

    private static void warnReplaced(Context context, @Nullable Manager manager, String why) {
        if (manager != null && isConfigured(manager)) {
            LOG.warn("Holdfast replaces the Manager " + manager.getClass().getName() + " of "
                    + HoldfastTomcat.name(context)
                    + ": " + why + ". Take one of the two away.");
        }
        if (context.getCluster() != null && context.getDistributable()) {
            LOG.warn("Holdfast keeps the sessions of " + HoldfastTomcat.name(context)
                    + ", the Cluster that Tomcat is configured with does not: take <distributable/> or the"
                    + " Cluster away.");
        }
    }
}
