package dev.holdfast.jetty;

import dev.holdfast.ContainerServer;
import java.util.Arrays;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.ThreadPool;

/** The Jetty that an application runs in. */
final class JettyServer implements ContainerServer {
    private final Server server;
    private final ContextHandler application;

    JettyServer(Server server, ContextHandler application) {
        this.server = server;
        this.application = application;
    }

    /** The connectors come last; Spring Boot keeps them away at first. */
    @Override
    public boolean isOpen() {
        return server.isStarted() && application.isAvailable() && takesConnections();
    }

    private boolean takesConnections() {
        return Arrays.stream(server.getConnectors()).anyMatch(Connector::isStarted);
    }

    /** Its connectors and handlers stop after this event. */
    @Override
    public Runnable beforeStop(Runnable task) {
        LifeCycle.Listener listener = new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopping(LifeCycle event) {
                if (takesConnections()) {
                    task.run();
                }
            }
        };
        server.addEventListener(listener);
        return () -> server.removeEventListener(listener);
    }

    @Override
    public int requestThreads() {
        ThreadPool pool = server.getThreadPool();
        if (VirtualThreads.getVirtualThreadsExecutor(pool) != null) {
            return Integer.MAX_VALUE;
        }
        return pool instanceof ThreadPool.SizedThreadPool sized ? sized.getMaxThreads() : 0;
    }
}
