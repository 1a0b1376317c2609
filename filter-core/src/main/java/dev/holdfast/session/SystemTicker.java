package dev.holdfast.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Two clocks of which the larger advance counts. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> The wall clock is only looked at for jumps against the monotonic one: while that stood
 * still, or when it was set. The two are read one after the other, so a thread that is held up in between sees a jump
 * that there was not: what looks like one is read again. Small jumps are kept until they are a large one together.
 */
final class SystemTicker implements Ticker {
    /** Less is the clocks' own difference, or a thread that had to wait for a core. */
    private static final long JUMP = TimeUnit.MILLISECONDS.toNanos(200);

    private final LongSupplier monotonic;
    private final LongSupplier wall;
    /** By how much the wall clock was ahead when that was last taken for a jump, or less if it was less since. */
    @GuardedBy("this")
    private long ahead;

    /** All jumps so far, less the start. */
    @GuardedBy("this")
    private long jumps;

    /**
     * @param monotonic nanoseconds, never less than before
     * @param wall milliseconds, as somebody has set them
     */
    SystemTicker(LongSupplier monotonic, LongSupplier wall) {
        this.monotonic = monotonic;
        this.wall = wall;
        long start = monotonic.getAsLong();
        this.ahead = wallNanos() - start;
        this.jumps = -start;
    }

    private long wallNanos() {
        return TimeUnit.MILLISECONDS.toNanos(wall.getAsLong());
    }

    @Override
    public synchronized long nanos() {
        long now = monotonic.getAsLong();
        long aheadNow = wallNanos() - now;
        if (aheadNow - ahead > JUMP) {
            now = monotonic.getAsLong();
            aheadNow = Math.min(aheadNow, wallNanos() - now);
            if (aheadNow - ahead > JUMP) {
                jumps += aheadNow - ahead;
                ahead = aheadNow;
            }
        }
        ahead = Math.min(ahead, aheadNow); // set back, or the first look was a held-up one
        return now + jumps;
    }
}
