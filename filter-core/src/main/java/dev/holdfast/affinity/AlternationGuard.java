package dev.holdfast.affinity;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Notices that a session's route is moved to this node again and again, because the balancer does not follow it.
 *
 * <p>One per process or application; safe for use by many threads.
 *
 * <p><i>Implementation note.</i> A fixed table of one {@code long} for each hash of a session id, so that forged ids
 * cost no memory. Two sessions that share an entry take it from each other and at worst start counting again. Lost
 * updates between threads are harmless: the cost is one more cookie.
 */
public final class AlternationGuard {
    /**
     * A node that dies, returns and is drained moves a session three times; the fourth move within the quiet time is a
     * pattern.
     */
    private static final int MOVES = 3;

    private static final int QUIET_SECONDS = 60;
    private static final int ENTRIES = 1024;
    private static final Logger LOG = System.getLogger(AlternationGuard.class.getName());

    /** High to low: 24 bits of hash, 8 bits of moves, 32 bits of seconds at the last move. */
    private final AtomicLongArray entries = new AtomicLongArray(ENTRIES);

    private final AtomicBoolean warned = new AtomicBoolean();
    private final LongSupplier nanos;

    public AlternationGuard() {
        this(System::nanoTime);
    }

    /** @param nanos a monotonic clock */
    AlternationGuard(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * To be asked when a request of a session carries a route of another node, in its route cookie or behind its
     * session id.
     *
     * @return false if this happened more than three times without a minute's pause: leave the cookie alone then
     */
    public boolean mayMove(String sessionId) {
        int hash = sessionId.hashCode();
        hash ^= hash >>> 16;
        int index = hash & (ENTRIES - 1);
        int tag = hash >>> 8;
        int now = (int) TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong());
        long entry = entries.get(index);
        boolean sameSession = (int) (entry >>> 40) == tag && entry != 0;
        // Subtracted as ints: right across an overflow of the seconds.
        boolean recent = now - (int) entry <= QUIET_SECONDS;
        int moves = sameSession && recent ? (int) (entry >>> 32) & 0xff : 0;
        int counted = Math.min(moves + 1, MOVES + 1);
        entries.set(index, ((long) tag << 40) | ((long) counted << 32) | (now & 0xffff_ffffL));
        if (counted <= MOVES) {
            return true;
        }
        if (warned.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "HF-301: The balancer does not follow the route: a session came to this node {0} times within a"
                            + " minute of each other with a cookie that names another node. The cookie of such"
                            + " sessions is left as it is. Configure the balancer as docs/affinity.md shows, or set"
                            + " holdfast.affinity=none.",
                    counted);
        }
        return false;
    }
}
