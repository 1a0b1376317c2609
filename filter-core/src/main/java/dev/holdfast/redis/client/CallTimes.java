package dev.holdfast.redis.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long calls have taken since the start, each with its waits for a connection and all its attempts. Safe for use by
 * many threads; noting one allocates nothing.
 */
public final class CallTimes {
    /** From what a Redis beside the node needs to what {@code holdfast.timeout} lets a request wait. */
    private static final long[] BOUNDS_MICROS = {
        250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000
    };

    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double MICROS = TimeUnit.SECONDS.toMicros(1);

    private final LongAdder[] counts = new LongAdder[BOUNDS_MICROS.length + 1];
    private final LongAdder nanos = new LongAdder();

    CallTimes() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    void note(long took) {
        long micros = TimeUnit.NANOSECONDS.toMicros(took);
        int i = 0;
        while (i < BOUNDS_MICROS.length && micros > BOUNDS_MICROS[i]) {
            i++;
        }
        counts[i].increment();
        nanos.add(took);
    }

    /** Upper bounds in seconds, each inside what it bounds; what took longer than the last one comes behind it. */
    public static List<Double> bounds() {
        List<Double> bounds = new ArrayList<>();
        for (long micros : BOUNDS_MICROS) {
            bounds.add(micros / MICROS);
        }
        return bounds;
    }

    /** How many took no longer than each bound and longer than the one before, and last how many took longer. */
    public List<Long> counts() {
        List<Long> all = new ArrayList<>();
        for (LongAdder count : counts) {
            all.add(count.sum());
        }
        return all;
    }

    /** How long all of them have taken together. */
    public double seconds() {
        return nanos.sum() / NANOS;
    }
}
