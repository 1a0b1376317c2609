package dev.holdfast.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A clock that a test moves; a wait moves it at once and is noted. */
final class ManualTicker implements Ticker {
    private final List<Duration> waits = new ArrayList<>();
    private long now = Duration.ofHours(1).toNanos();

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public synchronized void await(long moment) {
        waits.add(Duration.ofNanos(Math.max(0, moment - now)));
        now = Math.max(now, moment);
    }

    synchronized void advance(Duration by) {
        now += by.toNanos();
    }

    /** How long each wait took. */
    synchronized List<Duration> waits() {
        return List.copyOf(waits);
    }
}
