package dev.holdfast.session;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends that requests of this node asked for, and whose outcome nobody knows: the request was refused. The ended log tells it. An entry with
 * the stamp of one says that it was this node that ended the session, be it late, so that the listeners are to be told here: no other node
 * does. Safe for use by many threads.
 */
final class EndsInDoubt {
    /** The log keeps its entries as long. */
    private static final long KEPT = TimeUnit.MINUTES.toNanos(10);

    /** So many logouts that went unanswered in ten minutes have met an outage; each keeps its session in memory. */
    private static final int MOST = 1000;

    private final Map<String, InDoubt> byStamp = new ConcurrentHashMap<>();

    private record InDoubt(int shard, LocalSession local, long since) {}

    void add(String stamp, int shard, LocalSession local, long now) {
        if (byStamp.size() < MOST) {
            byStamp.put(stamp, new InDoubt(shard, local, now));
        }
    }

    /** Whether an end in this shard is in doubt: then its log is to be read. */
    boolean[] follow(boolean[] shards) {
        byStamp.values().forEach(end -> shards[end.shard()] = true);
        return shards;
    }

    /** The session that this entry tells the end of, if it was in doubt; once. */
    @Nullable
    LocalSession endedBy(LogEntry entry) {
        if (byStamp.isEmpty() || !entry.end()) {
            return null;
        }
        InDoubt end = byStamp.remove(entry.token());
        return end == null ? null : end.local();
    }

    void forgetOld(long now) {
        byStamp.values().removeIf(end -> now - end.since() > KEPT);
    }
}
