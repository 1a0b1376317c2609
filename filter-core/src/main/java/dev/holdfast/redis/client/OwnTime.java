package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock that stands still while this process does: while it is stopped, collects garbage, or gets no processor. What
 * waits for Redis is measured by it, so that a pause of this node is not taken for a silence of Redis. Safe for use by
 * many threads.
 *
 * <p><b>Implementation note.</b> A thread that sleeps for {@link #PERIOD} again and again sees how late it wakes up.
 * What goes beyond {@link #GRACE} is taken off. Invariant: the clock never shows more than {@link #GRACE} past the last
 * waking, so whoever runs first behind a pause, before that thread does, sees none of it either. Proved by {@code
 * OwnTimeTest}.
 */
final class OwnTime {
    static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(25);
    static final long GRACE = 2 * PERIOD;

    private static final Logger LOG = System.getLogger("dev.holdfast.redis.OwnTime");
    private static final OwnTime SYSTEM = new OwnTime(System::nanoTime);

    private final LongSupplier clock;
    private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
    private volatile State state;

    @GuardedBy("this")
    private @Nullable Thread thread;

    /**
     * @param woke when the thread woke up last, by the clock
     * @param stalled what was taken off until then
     * @param watched whether there is a thread that would have woken up since
     */
    private record State(long woke, long stalled, boolean watched) {}

    OwnTime(LongSupplier clock) {
        this.clock = clock;
        this.state = new State(clock.getAsLong(), 0, false);
    }

    /** Nanoseconds since an arbitrary moment in which this process could run; never goes back on one thread. */
    static long now() {
        return SYSTEM.nanos();
    }

    /** How long this process has stood still since it began, in nanoseconds. */
    static long stood() {
        return SYSTEM.stalledNanos();
    }

    /** Has this run every {@link #PERIOD}; it must be quick. The thread lives as long as anybody is to be run. */
    static void watch(Runnable watcher) {
        SYSTEM.begin(watcher);
    }

    static void forget(Runnable watcher) {
        SYSTEM.end(watcher);
    }

    long nanos() {
        while (true) {
            State seen = state;
            long now = clock.getAsLong();
            if (seen.equals(state)) { // else it is of before a pause of this thread
                long latest = seen.watched() ? Math.min(now, seen.woke() + GRACE) : now;
                return latest - seen.stalled();
            }
        }
    }

    long stalledNanos() {
        State seen = state;
        return seen.stalled() + (seen.watched() ? Math.max(0, clock.getAsLong() - seen.woke() - GRACE) : 0);
    }

    /** The thread has woken up. */
    void wake() {
        State before = state;
        long now = clock.getAsLong();
        long stalled = before.watched() ? Math.max(0, now - before.woke() - GRACE) : 0;
        state = new State(now, before.stalled() + stalled, true);
        watchers.forEach(OwnTime::run);
    }

    private static void run(Runnable watcher) {
        try {
            watcher.run();
        } catch (RuntimeException | Error e) {
            // Without this thread nothing is found to be away any more.
            LOG.log(Level.WARNING, "HF-132: The look for whether Redis is away failed, it is tried again at once", e);
        }
    }

    private synchronized void begin(Runnable watcher) {
        watchers.add(watcher);
        if (thread != null) {
            return;
        }
        Thread made = new Thread(this::sleepAndWake, "holdfast-clock");
        made.setDaemon(true);
        // Made while an application starts: its class loader must not stay with a thread that outlives it.
        made.setContextClassLoader(OwnTime.class.getClassLoader());
        thread = made;
        made.start();
    }

    private synchronized void end(Runnable watcher) {
        watchers.remove(watcher);
        if (watchers.isEmpty() && thread != null) {
            LockSupport.unpark(thread);
            thread = null;
        }
    }

    private synchronized boolean isMine() {
        return Thread.currentThread().equals(thread);
    }

    private void sleepAndWake() {
        while (isMine()) {
            wake();
            LockSupport.parkNanos(PERIOD);
        }
        synchronized (this) {
            if (thread == null) {
                State last = state;
                state = new State(last.woke(), last.stalled(), false);
            }
        }
    }
}
