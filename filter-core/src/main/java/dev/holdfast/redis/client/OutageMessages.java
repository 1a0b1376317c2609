package dev.holdfast.redis.client;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What operators are told of an outage of one primary: that it is away, that it is back, and that too many wait for it,
 * which is said once until it has answered. Safe for use by many threads; to log, no lock may be held.
 */
final class OutageMessages {
    private static final Logger LOG = System.getLogger("dev.holdfast.redis.OutageGate");

    private final Object redis;
    private final AtomicLong heldBack = new AtomicLong();
    private final AtomicLong tooMany = new AtomicLong();
    private final AtomicBoolean toldTooMany = new AtomicBoolean();

    /** @param redis its text names it */
    OutageMessages(Object redis) {
        this.redis = redis;
    }

    /** It is away from now on; does not log. */
    void beginsAway() {
        heldBack.set(0);
    }

    /** A call was not sent, because it is away; does not log. */
    void countHeldBack() {
        heldBack.incrementAndGet();
    }

    /** It has answered; does not log. */
    void answered() {
        if (toldTooMany.get()) {
            toldTooMany.set(false);
        }
    }

    /**
     * @param silence for how long nothing of use came from it, in nanoseconds
     * @param what it did, as the end of a sentence that begins with its name
     * @param apartMillis how often it is looked for at least
     */
    void away(long silence, String what, long apartMillis) {
        LOG.log(
                Level.WARNING,
                "HF-105: Redis " + redis + " is away: for " + TimeUnit.NANOSECONDS.toMillis(silence)
                        + "ms nothing of use came from it, it " + what
                        + ". Nobody waits for it from now on; it is looked"
                        + " for at least every " + apartMillis + "ms.");
    }

    /** @param millis for how long it was away */
    void back(long millis) {
        LOG.log(
                Level.WARNING,
                "HF-106: Redis " + redis + " is back after " + millis + "ms; " + heldBack.getAndSet(0)
                        + " calls were not sent meanwhile.");
    }

    /**
     * A request would wait, or waits, and is one too many: said once until they may again, and counted.
     *
     * @param silence for how long it has answered nothing, at least, in nanoseconds
     * @param mayWait how many requests may wait for it at a time
     */
    void tooMany(long silence, int mayWait) {
        tooMany.incrementAndGet();
        if (toldTooMany.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "HF-131: Redis " + redis + " has answered nothing for "
                            + TimeUnit.NANOSECONDS.toMillis(silence) + "ms, and half of the request threads ("
                            + mayWait + ") wait for it. Further requests that need it are answered 503 at once, so"
                            + " that pages without a session go on.");
        }
    }

    /** How many requests were not let wait since the start. */
    long tooMany() {
        return tooMany.get();
    }
}
