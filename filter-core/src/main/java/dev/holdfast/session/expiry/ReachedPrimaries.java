package dev.holdfast.session.expiry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.copy.ProtocolContext;
import java.util.Arrays;

/**
 * Since when the primary of each shard has been answering this node: uses that could not be noted before go first, so
 * nobody claims within the grace after that (rule 11). Safe for use by many threads.
 */
public final class ReachedPrimaries {
    private static final long LOST = Long.MAX_VALUE;

    private final ProtocolContext context;
    /** Ticker time for each shard; {@link #LOST} while its primary does not answer. */
    @GuardedBy("itself")
    private final long[] reachedAt = new long[SessionId.SHARDS];

    public ReachedPrimaries(ProtocolContext context) {
        this.context = context;
        Arrays.fill(reachedAt, context.ticker().nanos());
    }

    /** The store has lost uses that it acknowledged, or may have: those that nodes tell again go first. */
    public void otherPrimary() {
        long now = context.ticker().nanos();
        synchronized (reachedAt) {
            for (int shard = 0; shard < SessionId.SHARDS; shard++) {
                reachedAt[shard] = reachedAt[shard] == LOST ? LOST : now;
            }
        }
    }

    /**
     * The primaries of a cluster come and go one by one: uses that one of them was not told are told to that one when
     * it is back.
     *
     * @param shards those that have answered, a bit for each
     */
    void answered(long shards) {
        long now = context.ticker().nanos();
        synchronized (reachedAt) {
            for (int shard = 0; shard < SessionId.SHARDS; shard++) {
                if ((shards >>> shard & 1) == 0) {
                    reachedAt[shard] = LOST;
                } else if (reachedAt[shard] == LOST) {
                    reachedAt[shard] = now;
                }
            }
        }
    }

    /** How long the primary of a shard has been answering; 0 if it does not. */
    long millis(int shard) {
        synchronized (reachedAt) {
            return reachedAt[shard] == LOST ? 0 : context.age(reachedAt[shard]);
        }
    }
}
