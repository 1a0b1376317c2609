package dev.holdfast.session.testing;

import dev.holdfast.session.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A clock that a test moves; a wait moves it at once and is noted. */
public final class ManualTicker implements Ticker {
    private final List<Duration> waits = new ArrayList<>();
    private boolean patient = true;
    private Runnable duringWait = () -> {};
    private volatile Semaphore queue = new Semaphore(0);
    private long now = Duration.ofHours(1).toNanos();

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized void await(long moment) {
        waits.add(Duration.ofNanos(Math.max(0, moment - now)));
        now = Math.max(now, moment);
        duringWait.run();
    }

    /** What happens during each wait from now on. */
    public synchronized void duringWaits(Runnable happens) {
        duringWait = happens;
    }

    /** From now on nobody has the patience to wait for another request. */
    public synchronized void loseAllPatience() {
        patient = false;
    }

    @Override
    public boolean acquire(Semaphore permits, long nanos) {
        queue = permits;
        return Ticker.super.acquire(permits, isPatient() ? nanos : 0);
    }

    /** How many threads wait for what was last waited for. */
    public int waiting() {
        return queue.getQueueLength();
    }

    private synchronized boolean isPatient() {
        return patient;
    }

    public synchronized void advance(Duration by) {
        now += by.toNanos();
    }

    /** How long each wait took. */
    public synchronized List<Duration> waits() {
        return List.copyOf(waits);
    }
}
