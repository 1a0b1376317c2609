package dev.holdfast.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/**
 * How long one request may still wait for the store, all its calls and waits for the connection pool together.
 *
 * <p>Only waiting counts: an application that computes for a minute between two calls has not used any of it. Safe for
 * use by many threads.
 */
public final class WaitBudget {
    /**
     * What one call in the background may wait, whatever {@code holdfast.timeout} is: many of them follow each other on
     * one thread, and a node that gives its sign of life too late is taken for dead.
     */
    private static final Duration BACKGROUND = Duration.ofSeconds(1);

    @GuardedBy("this")
    private long remainingNanos;

    @GuardedBy("this")
    private int calls;

    private final Duration whole;
    private final boolean background;

    /** Of a request. */
    public WaitBudget(Duration whole) {
        this(whole, false);
    }

    private WaitBudget(Duration whole, boolean background) {
        this.whole = whole;
        this.remainingNanos = whole.toNanos();
        this.background = background;
    }

    /** Of a call that no request waits for. */
    public static WaitBudget ofBackground() {
        return new WaitBudget(BACKGROUND, true);
    }

    /** Whether no request waits for this, so that it holds no thread of the container. */
    public boolean isBackground() {
        return background;
    }

    /** Nanoseconds left, zero or less if nothing is left. */
    public synchronized long remainingNanos() {
        return remainingNanos;
    }

    /** Takes what a call or a wait has used. */
    public synchronized void spend(long nanos) {
        remainingNanos -= Math.max(0, nanos);
    }

    /** As {@link #spend}, for a call to the store. */
    public synchronized void called(long nanos) {
        calls++;
        spend(nanos);
    }

    /** How many calls to the store there were. */
    public synchronized int calls() {
        return calls;
    }

    /** Nanoseconds that were spent. */
    public long spentNanos() {
        return whole.toNanos() - remainingNanos();
    }

    /** The budget that the request began with. */
    public Duration whole() {
        return whole;
    }
}
