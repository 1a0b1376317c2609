package dev.holdfast.session;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Nanoseconds for intervals, advancing by the larger of the monotonic and the wall clock.
 *
 * <p>The monotonic clock stands still while a virtual machine is suspended, and the wall clock can be set back; the
 * larger advance of the two never makes a copy look younger than it is.
 */
public interface Ticker {
    /** Nanoseconds since an arbitrary moment. */
    long nanos();

    /** Returns when {@link #nanos} has reached a moment. An interrupt does not shorten the wait, and is not lost. */
    default void await(long moment) {
        boolean interrupted = false;
        for (long left = moment - nanos(); left > 0; left = moment - nanos()) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted(); // else the next park returns at once
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Takes a permit, in order of arrival if the semaphore is fair. A request waits for the lock or the turn of another
     * one in here.
     *
     * @param nanos the longest wait; zero or less: none
     * @return false if there was no permit in time, or the thread was interrupted: the interrupt is not lost
     */
    default boolean acquire(Semaphore permits, long nanos) {
        try {
            return permits.tryAcquire(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** The two clocks of this machine. Safe for use by many threads. */
    static Ticker system() {
        return new SystemTicker(System::nanoTime, System::currentTimeMillis);
    }
}
