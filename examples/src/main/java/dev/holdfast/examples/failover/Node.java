package dev.holdfast.examples.failover;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One server with a folder and a port of its own, and at most one process. Thread-safe. */
final class Node {

    /** What a person sees of a node. */
    enum State {
        /** No process. */
        DEAD,
        /** A process that does not answer yet. */
        STARTING,
        /** It answers. */
        ALIVE
    }

    private static final Duration READY_WITHIN = Duration.ofSeconds(90);

    private final String name;
    private final Server server;
    private final Path base;
    private final int port;
    private final Map<String, String> settings;
    private final Children children;
    private final Probe probe;
    private @Nullable Process process;
    private State state = State.DEAD;

    /**
     * A node without a process.
     *
     * @param base its folder, filled
     * @param settings system properties of the shop and of Holdfast
     */
    Node(
            String name,
            Server server,
            Path base,
            int port,
            Map<String, String> settings,
            Children children,
            Probe probe) {
        this.name = name;
        this.server = server;
        this.base = base;
        this.port = port;
        this.settings = Map.copyOf(settings);
        this.children = children;
        this.probe = probe;
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    String server() {
        return server.title();
    }

    synchronized State state() {
        return pid() == null ? State.DEAD : state;
    }

    synchronized @Nullable Long pid() {
        return process == null || !process.isAlive() ? null : process.pid();
    }

    /** Starts the process and returns at once; nothing happens if there is one. */
    synchronized void start() throws CannotRunException {
        if (process != null && process.isAlive()) {
            return;
        }
        Server.Launch launch = server.launch(base, port, settings);
        process = children.start(launch.command(), launch.environment(), base.resolve("logs/console.log"));
        state = State.STARTING;
    }

    /** Waits until the shop answers on this node. */
    void awaitReady() throws CannotRunException, InterruptedException {
        boolean done = Waiting.until(READY_WITHIN, () -> pid() == null || Probe.isFrom(name, probe.ask(port)));
        synchronized (this) {
            if (!done || pid() == null) {
                throw new CannotRunException("Node " + name + " (" + server() + ") did not answer on port " + port
                        + " within " + READY_WITHIN.toSeconds() + "s; what it said is in "
                        + base.resolve("logs/console.log") + ".");
            }
            state = State.ALIVE;
        }
    }

    /** Ends the process as {@code kill -9} does; returns when it is gone. */
    synchronized void kill() {
        children.kill(process);
        state = State.DEAD;
    }
}
