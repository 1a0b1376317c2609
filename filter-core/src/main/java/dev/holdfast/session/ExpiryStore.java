package dev.holdfast.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How idle sessions expire where they are kept (rule 11): which are due, the claim before their listeners are told, and
 * the finish after it. What {@link SessionStore} says of every call holds for these, too. Safe for use by many threads.
 */
public interface ExpiryStore {
    /**
     * Claims sessions whose time has come, all in one round trip: from then on each is gone for every other call, and
     * the ended log says so. A claim that is not finished within {@link Lifetimes#LEASE} may be taken by anybody; a
     * second call with the same token finds its own work and answers OK.
     *
     * @return the outcomes, in order
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    List<ClaimReply> claim(List<Claim> claims, WaitBudget budget);

    /**
     * Leaves nothing but a tombstone of claimed sessions, all in one round trip; a second call with the same token
     * finds its own work and answers OK.
     *
     * @return the outcomes, in order
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    List<FinishReply> finish(List<Finish> claimed, WaitBudget budget);

    /**
     * Sessions that are past their deadline, or whose claim has run out, the longest overdue of each shard first. Costs
     * by what is due, not by what is stored.
     *
     * @param perShard how many of each shard at most
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    Due due(int perShard, WaitBudget budget);

    /**
     * @param sessions that are due
     * @param answered the shards that have answered, a bit for each: the primary of another one cannot be reached, or
     *     refused
     */
    record Due(List<SessionId> sessions, long answered) {
        /** All shards. */
        public static final long ALL = -1L;
    }

    /**
     * @param token names this claim, the same in its retries, never used in another
     * @param owner the node as epochs name it, if it holds the session: it may then claim before the deadline what was
     *     idle for max inactive, if the session's epoch is one of its own. Empty: only past the deadline
     * @param reachedMillis how long this node has been reaching this primary: within the session's grace nothing is
     *     claimed, so that the uses that others could not tell go first
     * @param known base of the copy in hand; null if there is none
     */
    record Claim(
            SessionId id,
            String generation,
            String token,
            String owner,
            long reachedMillis,
            @Nullable StateVersion known) {}

    /**
     * @param outcome OK; GONE: missing, ended, or claimed by another; MISMATCH: not yet to be claimed, or not by this
     *     node; OTHER_GENERATION; null if the store refused this one of several (its message is logged by the store)
     * @param sinceUseMillis how long the session had been unused, by the store's clock
     * @param snapshot the whole session if there was no known base or another one; null if the known base is the stored
     *     one
     */
    record ClaimReply(
            SessionStore.@Nullable Outcome outcome,
            ShardTail tail,
            long sinceUseMillis,
            @Nullable SessionSnapshot snapshot) {}

    /** @param token of the claim; it becomes the tombstone's stamp */
    record Finish(SessionId id, String generation, String token, int maxInactiveSeconds) {}

    /**
     * @param outcome OK: finished now or by an earlier call; GONE: missing, or ended otherwise; MISMATCH: not, or no
     *     longer, claimed with this token; OTHER_GENERATION; null if the store refused this one of several (its message
     *     is logged by the store)
     */
    record FinishReply(SessionStore.@Nullable Outcome outcome, ShardTail tail) {}
}
