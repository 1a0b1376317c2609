package dev.holdfast.examples.failover;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Asks again and again until something is so. */
final class Waiting {

    private static final Duration PAUSE = Duration.ofMillis(50);

    private Waiting() {}

    /**
     * Returns true as soon as the condition holds, false if it does not within the limit.
     *
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    static boolean until(Duration limit, BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > limit.toNanos()) {
                return false;
            }
            Thread.sleep(PAUSE.toMillis());
        }
        return true;
    }
}
