package dev.holdfast.redis;

import dev.holdfast.redis.client.Utf8;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StoredValue;
import java.util.Map;
import java.util.TreeMap;

/**
 * A session as it is stored, for whoever looks at it from outside.
 *
 * @param node the first characters of the name of the node that may serve it from memory; empty if none may
 * @param ageMillis since it was created
 * @param idleMillis since its last use that Redis was told of
 * @param maxInactiveSeconds 0 or less for a session without timeout
 * @param version how often it was changed, its creation included
 * @param values by field, see {@link dev.holdfast.session.Fields}; empty if they were not asked for
 */
public record StoredSession(
        SessionId id,
        State state,
        String node,
        long ageMillis,
        long idleMillis,
        int maxInactiveSeconds,
        long version,
        Map<String, StoredValue> values) {
    public StoredSession {
        values = Map.copyOf(values);
    }

    /** What became of it. */
    public enum State {
        LIVE,
        /** Its time is over, and no node has ended it yet: nobody is served with it any more. */
        OVERDUE,
        /** Its end has been claimed, and a node tells its listeners: nobody is served with it any more. */
        ENDING,
        /** Logged out, expired, or ended by an operator. */
        ENDED,
        /** It goes on under another id. */
        RENAMED,
        /** Put aside since it was damaged. */
        DAMAGED,
        /** Of a format that this version does not know, or damaged and met by nobody yet. */
        UNREADABLE
    }

    /**
     * @param hash not empty, as far as it was asked for
     * @param now by the clock of Redis
     */
    static StoredSession of(SessionId id, Map<String, byte[]> hash, long now) {
        byte[] tombstone = hash.get(SessionHash.TOMBSTONE);
        byte[] packed = hash.get(SessionHash.META);
        SessionHash.Meta meta = packed == null ? null : SessionHash.Meta.parse(Utf8.of(packed));
        if (tombstone != null || meta == null) {
            State state = tombstone == null ? State.UNREADABLE : stateOf(Utf8.of(tombstone));
            return new StoredSession(id, state, "", 0, 0, 0, 0, Map.of());
        }
        Map<String, StoredValue> values = new TreeMap<>();
        hash.forEach((field, value) -> {
            if (SessionHash.isValue(field)) {
                values.put(field, SessionHash.value(value));
            }
        });
        long idle = Math.max(0, now - meta.lastUseMillis());
        long deadline = Lifetimes.deadlineMillis(meta.maxInactiveSeconds());
        State alive = deadline > 0 && idle > deadline ? State.OVERDUE : State.LIVE;
        return new StoredSession(
                id,
                hash.containsKey(SessionHash.CLAIM) ? State.ENDING : alive,
                meta.epoch().route(),
                Math.max(0, now - meta.createdMillis()),
                idle,
                meta.maxInactiveSeconds(),
                meta.base().version(),
                values);
    }

    private static State stateOf(String tombstone) {
        if (tombstone.endsWith("|renamed")) {
            return State.RENAMED;
        }
        return tombstone.endsWith("|damaged") ? State.DAMAGED : State.ENDED;
    }
}
