package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.LogEntry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends that requests of this node ask for, until their outcome is known. Where nobody knows it the request is refused,
 * and the ended log tells it: an entry with the stamp of one says that it was this node that ended the session, be it
 * late, so that the listeners are to be told here: no other node does. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Invariant: of an end that was executed and not answered, exactly one call learns that
 * its listeners are to be told: {@link #endedBy}, or {@link #unanswered} where the log has told it before the request
 * gave up. The log tells no end twice. Proved by {@code EndResenderTest}.
 */
final class PendingLogouts {
    /** The log keeps its entries as long. */
    private static final long KEPT = TimeUnit.MINUTES.toNanos(10);

    /** So many logouts that went unanswered in ten minutes have met an outage; each keeps its session in memory. */
    private static final int MOST = 1000;

    private final Map<String, Asked> byStamp = new ConcurrentHashMap<>();

    /**
     * @param local whose listeners are to be told when the log tells the end; null while its request waits for the
     *     answer
     * @param told by the log
     */
    private record Asked(int shard, @Nullable ContainerSession local, boolean told, long since) {}

    /** To be called before the store is asked. */
    void asks(String stamp, int shard, long now) {
        byStamp.put(stamp, new Asked(shard, null, false, now));
    }

    /** The outcome is known, or nothing was done. */
    void answered(String stamp) {
        byStamp.remove(stamp);
    }

    /**
     * No answer came, and the end may have been executed.
     *
     * @return true if the log has told it already: its listeners are to be told
     */
    boolean unanswered(String stamp, ContainerSession local, long now) {
        Asked left = byStamp.computeIfPresent(
                stamp,
                (key, asked) ->
                        asked.told() || byStamp.size() > MOST ? asked : new Asked(asked.shard(), local, false, now));
        if (left != null && left.local() == null) {
            byStamp.remove(stamp);
        }
        return left != null && left.told();
    }

    /** Whether an end in this shard is in doubt: then its log is to be read. */
    boolean[] follow(boolean[] shards) {
        byStamp.values().forEach(end -> shards[end.shard()] = true);
        return shards;
    }

    /** The session that this entry tells the end of, if it was in doubt; once. */
    @Nullable
    ContainerSession endedBy(LogEntry entry) {
        if (byStamp.isEmpty() || !entry.end()) {
            return null;
        }
        Asked left = byStamp.computeIfPresent(
                entry.token(),
                (key, asked) -> asked.local() != null ? asked : new Asked(asked.shard(), null, true, asked.since()));
        if (left == null || left.local() == null) {
            return null;
        }
        return byStamp.remove(entry.token(), left) ? left.local() : null;
    }

    void forgetOld(long now) {
        byStamp.values().removeIf(end -> now - end.since() > KEPT);
    }
}
