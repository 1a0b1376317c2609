package dev.holdfast.tomcat;

import dev.holdfast.AppPlace;
import dev.holdfast.EmbeddedApplication;
import dev.holdfast.HoldfastConfig;
import jakarta.servlet.ServletContext;
import java.util.List;
import java.util.concurrent.Executor;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.Host;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.Pipeline;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.ProtocolHandler;
import org.apache.tomcat.util.threads.ResizableExecutor;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
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

    /** One valve for each host, however many applications it has; it stays, for other applications it does nothing. */
    static void addHostValve(Context context) {
        if (!(context.getParent() instanceof Host host)) {
            throw new IllegalStateException(name(context) + " is in no host of Tomcat");
        }
        Pipeline pipeline = host.getPipeline();
        synchronized (pipeline) {
            for (Valve valve : pipeline.getValves()) {
                if (valve instanceof HoldfastValve) {
                    return;
                }
            }
            HoldfastValve valve = new HoldfastValve();
            // Tomcat links a new valve before it knows its successor: a request in between must not find none.
            valve.setNext(pipeline.getBasic());
            pipeline.addValve(valve);
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

    /**
     * How many threads serve requests at most; 0 if nobody tells, {@link Integer#MAX_VALUE} for virtual threads. Of
     * several connectors with threads of their own the largest number counts: it bounds what may wait on each of them.
     */
    static int requestThreads(Context context) {
        int most = 0;
        for (Connector connector : connectors(context)) {
            most = Math.max(most, threads(connector.getProtocolHandler()));
        }
        return most;
    }

    private static int threads(@Nullable ProtocolHandler handler) {
        Executor executor = handler == null ? null : handler.getExecutor();
        if (executor instanceof ResizableExecutor resizable) {
            return resizable.getMaxThreads(); // a shared <Executor>
        }
        if (executor instanceof ThreadPoolExecutor pool) {
            return pool.getMaximumPoolSize();
        }
        if (executor instanceof java.util.concurrent.ThreadPoolExecutor pool) {
            return pool.getMaximumPoolSize();
        }
        if (executor != null && isOfVirtualThreads(executor)) {
            return Integer.MAX_VALUE;
        }
        // It makes its own when it starts.
        return executor == null && handler instanceof AbstractProtocol<?> protocol
                ? Math.max(0, protocol.getMaxThreads())
                : 0;
    }

    /** Tomcat's two kinds and the JDK's have no type in common, and are not there on every version. */
    private static boolean isOfVirtualThreads(Executor executor) {
        String name = executor.getClass().getSimpleName();
        return name.contains("VirtualThread") || name.equals("ThreadPerTaskExecutor");
    }
}
