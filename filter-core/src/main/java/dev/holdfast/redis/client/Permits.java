package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * So many at a time, in order of arrival. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> As a fair {@link java.util.concurrent.Semaphore}, but who waits keeps the place in the
 * queue while looking whether it still makes sense, and a pause of this process is not taken for a time in which nobody
 * left. Invariant: a place is given to who is taken from the queue, under the lock; who leaves the queue finds under
 * the lock whether that has happened.
 */
final class Permits {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final int all;

    @GuardedBy("this")
    private final Set<Turn> queue = new LinkedHashSet<>();

    @GuardedBy("this")
    private int free;

    private static final class Turn {
        private final Thread thread = Thread.currentThread();
        private volatile boolean come;
    }

    Permits(int all) {
        this.all = all;
        this.free = all;
    }

    /**
     * Takes one.
     *
     * @param deadline by {@link OwnTime}
     * @param waiter may give up before; null for none
     * @throws TimeoutException if none became free in time
     */
    void acquire(long deadline, @Nullable Waiter waiter) throws InterruptedException, TimeoutException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Turn turn = new Turn();
        synchronized (this) {
            if (free > 0) {
                free--;
                return;
            }
            queue.add(turn);
        }
        boolean decided = false;
        try {
            while (!turn.come) {
                long left = deadline - OwnTime.now();
                boolean interrupted = Thread.interrupted();
                if (left <= 0 || interrupted || (waiter != null && waiter.waitsInVain())) {
                    decided = true;
                    leave(turn, interrupted);
                    return;
                }
                LockSupport.parkNanos(this, Math.min(left, LOOK_NANOS));
            }
            decided = true;
        } finally {
            if (!decided) {
                abandon(turn);
            }
        }
    }

    /** Whoever waits has failed: a place that came to it meanwhile is the next one's. */
    private synchronized void abandon(Turn turn) {
        if (!queue.remove(turn)) {
            release();
        }
    }

    private synchronized void leave(Turn turn, boolean interrupted) throws InterruptedException, TimeoutException {
        boolean come = !queue.remove(turn);
        if (interrupted) {
            if (come) {
                release();
            }
            throw new InterruptedException();
        }
        if (!come) {
            throw new TimeoutException("all connections are busy");
        }
    }

    /** Gives one back. */
    synchronized void release() {
        if (queue.isEmpty()) {
            free++;
            return;
        }
        Turn next = queue.iterator().next();
        queue.remove(next);
        next.come = true;
        LockSupport.unpark(next.thread);
    }

    /** How many are taken. */
    synchronized int taken() {
        return all - free;
    }
}
