package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Whether what a primary refuses, for a reason that mostly passes within a second (a failover, a replica that is just
 * coming back, a slot on its way), is worth trying again within the same request. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A primary that refuses answers, so nothing else keeps threads from waiting for it.
 * Invariant: at most half of the container's threads try again at a time; and where it refuses whatever is asked of it,
 * none does any more when changes have been refused for the whole of {@code holdfast.timeout} and none was taken, until
 * one is. Each request still tries once, which is how that is found out. Proved by {@code PassingRefusalsTest}.
 */
final class PassingRefusals {
    private final long timeout;
    private final LongSupplier clock;
    private final IntSupplier mostAtOnce;
    private final AtomicInteger tryingAgain = new AtomicInteger();

    // Seldom written.
    @GuardedBy("this")
    private long since;

    @GuardedBy("this")
    private long last;

    private volatile boolean any;

    /**
     * @param timeout in nanoseconds
     * @param mostAtOnce how many may wait for the primary at a time
     */
    PassingRefusals(long timeout, LongSupplier clock, IntSupplier mostAtOnce) {
        this.timeout = timeout;
        this.clock = clock;
        this.mostAtOnce = mostAtOnce;
    }

    /**
     * Begins to try again, unless too many do. {@link #leave} is to be called behind the last try.
     *
     * @return whether it may
     */
    boolean enter() {
        if (tryingAgain.incrementAndGet() > mostAtOnce.getAsInt()) {
            tryingAgain.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        tryingAgain.decrementAndGet();
    }

    /**
     * Something was refused, as all else may be; whether that has lasted for so long by now that it makes no sense to
     * try again.
     */
    synchronized boolean isLasting() {
        long now = clock.getAsLong();
        if (!any || now - last > timeout) {
            since = now; // nobody asked meanwhile
            any = true;
        }
        last = now;
        return now - since >= timeout;
    }

    /** Whether something was refused since changes were taken. */
    boolean areAny() {
        return any;
    }

    /** A change was taken, or this is another primary. */
    void beginAnew() {
        any = false;
    }
}
