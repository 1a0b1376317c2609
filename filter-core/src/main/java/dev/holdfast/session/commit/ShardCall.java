package dev.holdfast.session.commit;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.copy.InvalidationLog;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestUse;
import org.jspecify.annotations.Nullable;

/**
 * A call to the store about one session, sent as often as it takes, under the copy's lock: what is to be done around it
 * so that what this node knows of the session's shard stays true (rules 7 and 8). Used by one thread.
 *
 * <p><b>Implementation note.</b> Invariant: trust counts from the sending. What was true of the shard is taken before a
 * call is sent, so that an end or a move of which the log tells while the call is on its way is never older than the
 * copy; and nothing is sent to a shard that lost its data before it is settled. The first answer of another generation
 * may be one that this node had not heard of, so the call is sent once more; the second means that the shard is to be
 * settled.
 */
public final class ShardCall {
    private final ProtocolContext context;
    private final NearCopy copy;
    private InvalidationLog.@Nullable Sent sent;
    private int shard;
    private boolean otherGeneration;

    public ShardCall(ProtocolContext context, NearCopy copy) {
        this.context = context;
        this.copy = copy;
    }

    /**
     * To be called before each time that it is sent.
     *
     * @return what is true of the shard now
     * @throws StoreUnavailableException if the store has lost the shard's data and it is not settled
     */
    public InvalidationLog.Sent sending() {
        shard = copy.stored().id().shard();
        if (context.shards().isUnsettled(shard)) {
            throw unsettled(shard);
        }
        InvalidationLog.Sent now = context.ended().sending(shard);
        copy.trust().sending(now);
        sent = now;
        return now;
    }

    /**
     * Takes an answer of another generation.
     *
     * @return whether it is one, and the call is to be sent again
     * @throws StoreUnavailableException if it is the second one: the shard is not settled
     */
    public boolean isOfOtherGeneration(SessionStore.Outcome outcome, ShardTail tail) {
        if (outcome != SessionStore.Outcome.OTHER_GENERATION) {
            return false;
        }
        context.shards().otherGeneration(shard, tail.generation());
        if (otherGeneration) {
            throw unsettled(copy.stored().id().shard());
        }
        otherGeneration = true;
        return true;
    }

    /**
     * Takes what an answer tells of the shard's log.
     *
     * @return the era in which a copy with the answer's state may be trusted, -1 if in none
     */
    public long heard(ShardTail tail) {
        InvalidationLog.Sent before = sent;
        if (before == null) {
            throw new IllegalStateException("An answer to what was not sent");
        }
        return context.ended().heard(shard, before, tail);
    }

    /**
     * The copy has the state of an answer from now on.
     *
     * @param era as {@link #heard} said
     * @param use ticker time of the newest use that the store knows of
     */
    public void acknowledged(Epoch epoch, boolean confirmed, long era, ShardTail tail, long use) {
        copy.trust().acknowledged(epoch, confirmed, era, LogEntry.sequenceOf(tail.newestEntry()), use);
    }

    /**
     * Ticker time of the newest use that the store knows of behind a load, or before: this request's, if it was noted.
     */
    public static long useTold(SessionStore.LoadReply reply, RequestUse request) {
        return reply.noted() ? request.began() : request.began() - reply.sinceUseMillis() * 1_000_000L;
    }

    /** Why nothing is loaded from a shard, or written to it. */
    public static StoreUnavailableException unsettled(int shard) {
        return new StoreUnavailableException(
                "Redis lost the data of shard " + shard + ", and not all nodes have settled it yet, see HF-222.",
                false,
                StoreUnavailableException.Reason.UNSETTLED,
                null);
    }
}
