package dev.holdfast.tomcat;

import dev.holdfast.AppPlace;
import dev.holdfast.EmbeddedApplication;
import dev.holdfast.HoldfastConfig;
import jakarta.servlet.ServletContext;
import java.util.List;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.Host;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.Pipeline;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;

/**
 * Explicit installation for embedded Tomcat, where no JAR in {@code lib} is found. Spring Boot needs none of it: the
 * JAR on its class path is enough.
 *
 * <pre>{@code
 * Context context = tomcat.addContext("/shop", docBase);
 * context.addParameter("holdfast.redis", "redis://127.0.0.1:6380");
 * HoldfastTomcat.install(context);
 * tomcat.start();
 * }</pre>
 */
public final class HoldfastTomcat {
    private HoldfastTomcat() {}

    /**
     * Lets Holdfast keep the sessions of an application. To be called before the application starts; its settings are
     * read from system properties, the environment and the context's parameters when it does. Where Holdfast is
     * installed already, nothing changes.
     *
     * @throws IllegalStateException if the application has started already
     */
    public static void install(Context context) {
        if (context.getState().isAvailable()) {
            throw new IllegalStateException("Holdfast must be installed before " + name(context)
                    + " starts: call HoldfastTomcat.install before Tomcat.start");
        }
        if (!(context.getManager() instanceof HoldfastManager)) {
            context.setManager(new HoldfastManager());
        }
    }

    /**
     * The same for an application whose framework has read its settings. They are checked at once: the framework is to
     * hear of a mistake, which Tomcat would only log.
     *
     * @throws dev.holdfast.HoldfastConfigException naming every wrong setting at once
     */
    static void install(Context context, EmbeddedApplication application) {
        HoldfastConfig config = HoldfastConfig.read(application, place(context));
        HoldfastManager manager = new HoldfastManager(
                new HoldfastManager.Embedded(config, application.classes(), configuredPort(context)));
        context.setManager(manager);
        // Tomcat logs why a manager does not start, and starts without the application: its framework is to hear why.
        server(context).addLifecycleListener(event -> {
            if (event.getType().equals(Lifecycle.AFTER_START_EVENT)) {
                manager.throwStartFailure();
            }
        });
    }

    /** The application as messages name it. */
    static String name(Context context) {
        return context.getName().isEmpty() ? "/" : context.getName();
    }

    /** The context's name is its path with its {@code ##version}; aliases of its host are the same host. */
    static AppPlace place(Context context) {
        ServletContext servletContext = context.getServletContext();
        return new AppPlace(
                context.getParent() instanceof Host host && !isDefault(host) ? List.of(host.getName()) : List.of(),
                context.getName(),
                AppPlace.titleOf(servletContext.getAttribute(AppPlace.SPRING), context.getDisplayName()));
    }

    private static boolean isDefault(Host host) {
        return host.getParent() instanceof Engine engine && host.getName().equalsIgnoreCase(engine.getDefaultHost());
    }

    /** One for each host, however many applications it has; it stays, and does nothing for other applications. */
    static HoldfastValve hostValve(Context context) {
        if (!(context.getParent() instanceof Host host)) {
            throw new IllegalStateException(name(context) + " is in no host of Tomcat");
        }
        Pipeline pipeline = host.getPipeline();
        synchronized (pipeline) {
            for (Valve valve : pipeline.getValves()) {
                if (valve instanceof HoldfastValve there) {
                    return there;
                }
            }
            HoldfastValve valve = new HoldfastValve();
            // Tomcat links a new valve before it knows its successor: a request in between must not find none.
            valve.setNext(pipeline.getBasic());
            pipeline.addValve(valve);
            return valve;
        }
    }

    /** What all applications of one server process have in common. */
    static Container server(Context context) {
        Container top = context;
        while (top.getParent() != null) {
            top = top.getParent();
        }
        return top;
    }

    /** Of the first connector, as it is configured; 0 if there is none. */
    static int configuredPort(Context context) {
        Connector connector = firstConnector(context);
        return connector == null ? 0 : connector.getPort();
    }

    /** Of the first connector; 0 if it does not listen yet, on a port of the system's choice. */
    static int listeningPort(Context context) {
        Connector connector = firstConnector(context);
        return connector == null ? 0 : Math.max(connector.getPort(), Math.max(0, connector.getLocalPort()));
    }

    private static @Nullable Connector firstConnector(Context context) {
        Connector[] connectors = connectors(context);
        return connectors.length == 0 ? null : connectors[0];
    }

    static Connector[] connectors(Context context) {
        for (Container container = context; container != null; container = container.getParent()) {
            if (container instanceof Engine engine && engine.getService() != null) {
                return engine.getService().findConnectors();
            }
        }
        return new Connector[0];
    }
}
