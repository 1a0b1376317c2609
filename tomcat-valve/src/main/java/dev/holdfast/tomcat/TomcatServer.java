package dev.holdfast.tomcat;

import dev.holdfast.ContainerServer;
import java.util.concurrent.Executor;
import org.apache.catalina.Context;
import org.apache.catalina.Engine;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.LifecycleState;
import org.apache.catalina.Server;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.ProtocolHandler;
import org.apache.tomcat.util.threads.ResizableExecutor;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/** The Tomcat that an application runs in. */
final class TomcatServer implements ContainerServer {
    private final Context context;

    TomcatServer(Context context) {
        this.context = context;
    }

    /** The connectors come last; where Spring Boot keeps them away at first, they are not there before. */
    @Override
    public boolean isOpen() {
        Server server = server();
        boolean starting = server != null && server.getState() != LifecycleState.STARTED;
        if (starting || !context.getState().isAvailable()) {
            return false;
        }
        return takesConnections();
    }

    private boolean takesConnections() {
        for (Connector connector : HoldfastTomcat.connectors(context)) {
            if (connector.getState() == LifecycleState.STARTED) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Server server() {
        return HoldfastTomcat.server(context) instanceof Engine engine && engine.getService() != null
                ? engine.getService().getServer()
                : null;
    }

    /** Its services stop after this event, the connectors first. */
    @Override
    public Runnable beforeStop(Runnable task) {
        Server server = server();
        if (server == null) {
            return () -> {};
        }
        LifecycleListener listener = event -> {
            if (event.getType().equals(Lifecycle.BEFORE_STOP_EVENT) && takesConnections()) {
                task.run();
            }
        };
        server.addLifecycleListener(listener);
        return () -> server.removeLifecycleListener(listener);
    }

    /**
     * How many threads serve requests at most; 0 if nobody tells, {@link Integer#MAX_VALUE} for virtual threads. Of
     * several connectors with threads of their own the largest number counts: it bounds what may wait on each of them.
     */
    @Override
    public int requestThreads() {
        int most = 0;
        for (Connector connector : HoldfastTomcat.connectors(context)) {
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
