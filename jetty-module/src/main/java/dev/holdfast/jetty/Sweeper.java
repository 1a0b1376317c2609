package dev.holdfast.jetty;

import dev.holdfast.session.Shown;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Has the idle sessions of an application ended every ten seconds, until it is stopped: the listeners of a session that
 * ends may take any time, on a thread of the server's. Safe for use by many threads.
 */
final class Sweeper {
    private static final Logger LOG = System.getLogger("dev.holdfast.jetty.HoldfastSessionCache");
    private static final int SWEEP_SECONDS = 10;

    private final Server server;
    private final Runnable endIdle;
    private volatile boolean stopped;
    private volatile Scheduler.@Nullable Task task;

    Sweeper(Server server, Runnable endIdle) {
        this.server = server;
        this.endIdle = endIdle;
    }

    void schedule() {
        if (!stopped) {
            task = server.getScheduler()
                    .schedule(() -> server.getThreadPool().execute(this::sweep), SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void sweep() {
        try {
            if (!stopped) {
                endIdle.run();
            }
        } catch (Throwable e) { // Errors too: the search goes on, and somebody has to say so
            LOG.log(
                    Level.WARNING,
                    () -> "HF-121: Idle sessions could not be ended, they are asked for again in a while ["
                            + Shown.failure(e) + "]");
        } finally {
            schedule();
        }
    }

    void stop() {
        stopped = true;
        Scheduler.Task next = task;
        if (next != null) {
            next.cancel();
        }
    }
}
