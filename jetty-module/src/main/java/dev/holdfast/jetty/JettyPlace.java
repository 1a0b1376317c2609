package dev.holdfast.jetty;

import dev.holdfast.AppPlace;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.session.SessionIdManager;
import org.jspecify.annotations.Nullable;

/**
 * Where an application runs, as Jetty knows it: its place among the applications of a server, what that server is
 * called, and where it listens. Asked when the application starts.
 */
final class JettyPlace {
    /** What Jetty's standard worker is called, in every node that has no name: no name at all. */
    private static final String NOBODYS_WORKER = "node0";

    private JettyPlace() {}

    // ---- the application

    static AppPlace place(ContextHandler application) {
        String title = application.getDisplayName(); // the path, if nobody has set one
        return new AppPlace(
                application.getVirtualHosts(),
                path(application),
                AppPlace.titleOf(
                        application.getContext().getAttribute(AppPlace.SPRING),
                        application.getContextPath().equals(title) ? null : title));
    }

    /** The context path, empty for the root. */
    static String path(ContextHandler application) {
        String path = application.getContextPath();
        return path.equals("/") ? "" : path;
    }

    /** That of its classes: its own, or the one of the thread that starts an application without one. */
    static ClassLoader loader(ContextHandler application) {
        ClassLoader own = application.getClassLoader();
        return own != null ? own : Thread.currentThread().getContextClassLoader();
    }

    // ---- its server

    /** What somebody has named the node; null if nobody has. */
    static @Nullable String workerName(Server server) {
        SessionIdManager ids = server.getBean(SessionIdManager.class);
        String worker = ids == null ? null : ids.getWorkerName();
        return worker == null || worker.isEmpty() || worker.equals(NOBODYS_WORKER) ? null : worker;
    }

    /** Of the first connector that has a port, as it is configured; 0 if there is none. */
    static int configuredPort(Server server) {
        for (Connector connector : server.getConnectors()) {
            if (connector instanceof NetworkConnector network) {
                return network.getPort();
            }
        }
        return 0;
    }
}
