package dev.holdfast.session;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long one request may still wait for the store, all its calls and waits for the connection pool together.
 *
 * <p>Only waiting counts: an application that computes for a minute between two calls has not used any of it. Safe for use by many
 * threads.
 */
public final class WaitBudget {
    private final AtomicLong remainingNanos;
    private final Duration whole;

    public WaitBudget(Duration whole) {
        this.whole = whole;
        this.remainingNanos = new AtomicLong(whole.toNanos());
    }

    /** Nanoseconds left, zero or less if nothing is left. */
    public long remainingNanos() {
        return remainingNanos.get();
    }

    /** Takes what a call or a wait has used. */
    public void spend(long nanos) {
        remainingNanos.addAndGet(-Math.max(0, nanos));
    }

    /** The budget that the request began with. */
    public Duration whole() {
        return whole;
    }
}
