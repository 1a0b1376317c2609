package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.Tombstone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The ends that this node made or heard of, as long as a copy of such a session could be sent to a Redis that lost its
 * data. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Invariant: an end that this node made, heard of, or may have missed of a node that is
 * gone, is in here for {@link #lifeNanos} of its session, or {@link #isComplete} says no for its shard for as long; of
 * sessions that this node does not hold it knows no timeout, and sends none. No copy is sent again whose last answer of
 * the store is older than that, so an end that is not in here any more is of no copy that could bring the session back.
 * Proved by {@code EndResenderTest}.
 */
public final class EndMemory {
    /** About 25 MB. Who ends more in a session's life time does not get back what Redis loses. */
    static final int MOST = 100_000;

    private static final long DAY = TimeUnit.DAYS.toNanos(1);
    private static final long CLEANING = TimeUnit.MINUTES.toNanos(1);
    private static final int USUAL = 1800;

    /**
     * @param told whether the log has told it, so that it was made whatever its reply says, if one comes
     * @param underWay whether its call is, so that nobody knows yet whether it is made
     */
    private record Kept(Tombstone tombstone, long until, boolean told, boolean underWay) {}

    private final Ticker ticker;
    private final RateLimitedLog log;
    private final SessionCounters counters;
    private final int most;

    @GuardedBy("this")
    private final Map<SessionId, Kept> byId = new LinkedHashMap<>();
    /** How many are in {@link #byId}. */
    @GuardedBy("this")
    private final long[] inShard = new long[SessionId.SHARDS];

    @GuardedBy("this")
    private final long[] incompleteUntil = new long[SessionId.SHARDS];

    private volatile int longest = USUAL;

    @GuardedBy("this")
    private long cleaned;

    public EndMemory(Ticker ticker, RateLimitedLog log, SessionCounters counters, int most) {
        this.ticker = ticker;
        this.log = log;
        this.counters = counters;
        this.most = most;
        this.cleaned = ticker.nanos();
        Arrays.fill(incompleteUntil, cleaned);
    }

    /**
     * How long an end is remembered, and how old the store's last answer about a copy may be that is sent again. A day
     * at most.
     */
    public static long lifeNanos(int maxInactiveSeconds) {
        return maxInactiveSeconds <= 0 ? DAY : Math.min(DAY, TimeUnit.SECONDS.toNanos(maxInactiveSeconds));
    }

    /**
     * A session has this timeout, one that this node holds: the log does not say how long an end of another node's is
     * to be remembered.
     */
    void knows(int maxInactiveSeconds) {
        int seconds = (int) TimeUnit.NANOSECONDS.toSeconds(lifeNanos(maxInactiveSeconds));
        if (seconds > longest) { // seldom, and with each change of a session: not under the monitor
            synchronized (this) {
                longest = Math.max(longest, seconds);
            }
        }
    }

    /**
     * This node may have missed ends of a shard: those who made them may be gone, so that nobody else tells of them
     * either.
     */
    public synchronized void missed(int shard) {
        incompleteUntil[shard] = Math.max(incompleteUntil[shard], ticker.nanos() + lifeNanos(longest));
    }

    /** This node has ended a session. */
    public synchronized void made(SessionId id, String stamp, Tombstone.How how, int maxInactiveSeconds) {
        keep(id, stamp, how, maxInactiveSeconds, false);
    }

    /**
     * This node sends a call that ends a session, or gives it another id: it is remembered before it is made, and told
     * to nobody before {@link #done} or {@link #forget} says what became of it.
     */
    public synchronized void begun(SessionId id, String stamp, Tombstone.How how, int maxInactiveSeconds) {
        keep(id, stamp, how, maxInactiveSeconds, true);
    }

    @GuardedBy("this")
    private void keep(SessionId id, String stamp, Tombstone.How how, int maxInactiveSeconds, boolean underWay) {
        knows(maxInactiveSeconds);
        if (!byId.containsKey(id)) { // the first one stands
            keep(new Tombstone(id, stamp, how, maxInactiveSeconds), false, underWay);
        }
    }

    /** What was begun is made. */
    public synchronized void done(SessionId id, String stamp) {
        Kept kept = byId.get(id);
        if (kept != null && kept.underWay() && kept.tombstone().stamp().equals(stamp)) {
            byId.put(id, new Kept(kept.tombstone(), kept.until(), kept.told(), false));
        }
    }

    /**
     * An end was not made after all, by all that its caller knows. The log says no end twice: what it has told stays.
     */
    public synchronized void forget(SessionId id, String stamp) {
        Kept kept = byId.get(id);
        if (kept != null && !kept.told() && kept.tombstone().stamp().equals(stamp)) {
            byId.remove(id);
            inShard[id.shard()]--;
        }
    }

    /** Whether the call that makes this one is not over, and the log has not told it either. */
    public synchronized boolean isUnderWay(Tombstone tombstone) {
        Kept kept = byId.get(tombstone.id());
        return kept != null && kept.underWay() && kept.tombstone().equals(tombstone);
    }

    /** Whether this one is still remembered. */
    public synchronized boolean stands(Tombstone tombstone) {
        Kept kept = byId.get(tombstone.id());
        return kept != null && kept.tombstone().equals(tombstone);
    }

    /** The log tells that a session has ended, or has another id. */
    public synchronized void heard(LogEntry entry) {
        if (!entry.end()) {
            return;
        }
        Kept kept = byId.get(entry.id());
        if (kept == null) {
            Tombstone.How how = entry.renamed() ? Tombstone.How.RENAMED : Tombstone.How.ENDED;
            keep(new Tombstone(entry.id(), entry.token(), how, longest), true, false);
        } else if (!kept.told()) {
            byId.put(entry.id(), new Kept(kept.tombstone(), kept.until(), true, false));
        }
    }

    @GuardedBy("this")
    private void keep(Tombstone tombstone, boolean told, boolean underWay) {
        long now = ticker.nanos();
        byId.put(tombstone.id(), new Kept(tombstone, now + lifeNanos(tombstone.maxInactiveSeconds()), told, underWay));
        inShard[tombstone.id().shard()]++;
        if (now - cleaned > CLEANING) {
            cleaned = now;
            for (Iterator<Kept> all = byId.values().iterator(); all.hasNext(); ) {
                if (isOver(all.next())) {
                    all.remove();
                }
            }
        }
        if (byId.size() > most) {
            Iterator<Kept> oldest = byId.values().iterator();
            Kept lost = oldest.next();
            oldest.remove();
            inShard[lost.tombstone().id().shard()]--;
            if (lost.until() - now > 0) {
                fallsOut(lost);
            }
        }
    }

    /** Counts it out if it is. */
    @GuardedBy("this")
    private boolean isOver(Kept kept) {
        boolean over = kept.until() - cleaned <= 0;
        inShard[kept.tombstone().id().shard()] -= over ? 1 : 0;
        return over;
    }

    @GuardedBy("this")
    private void fallsOut(Kept lost) {
        int shard = lost.tombstone().id().shard();
        incompleteUntil[shard] = Math.max(incompleteUntil[shard], lost.until());
        counters.forgottenEnds.increment();
        log.warn(
                "HF-218",
                () -> "More than " + most + " sessions ended within their timeout, and this node cannot remember all of"
                        + " them. If Redis loses its data now, sessions of the shards concerned do not come back.",
                null);
    }

    /** Whether no end of this shard was forgotten, or missed, that could still be of use. */
    public synchronized boolean isComplete(int shard) {
        return incompleteUntil[shard] - ticker.nanos() <= 0;
    }

    /** Whether the session is known to have ended, or has another id. */
    public synchronized boolean contains(SessionId id) {
        Kept kept = byId.get(id);
        return kept != null && kept.until() - ticker.nanos() > 0;
    }

    /** Whether there is none of this shard, or only such that are forgotten with the next cleaning. */
    synchronized boolean isEmpty(int shard) {
        return inShard[shard] == 0 || of(1L << shard).isEmpty();
    }

    /** All of some shards, oldest first. */
    public synchronized List<Tombstone> of(long shards) {
        long now = ticker.nanos();
        List<Tombstone> found = new ArrayList<>();
        for (Kept kept : byId.values()) {
            if ((shards >>> kept.tombstone().id().shard() & 1) == 1 && kept.until() - now > 0) {
                found.add(kept.tombstone());
            }
        }
        return found;
    }
}
