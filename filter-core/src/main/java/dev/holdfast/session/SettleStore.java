package dev.holdfast.session;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What nodes do with the shards of a store that lost data (rule 7). Only background work calls it. Each method is one
 * round trip for each primary concerned; an answer that is null was not given by its primary. Safe for use by many
 * threads.
 */
public interface SettleStore {
    /**
     * Asks for the generations of shards, and lets those that are there live on.
     *
     * @return for each, in order, its generation, empty if it is missing; null without an answer
     */
    List<@Nullable String> generations(List<Integer> shards, WaitBudget budget);

    /**
     * Leaves tombstones where there are none, in place of whatever is there, and tells of them in the log. Writes no
     * generation.
     *
     * @return for each whether it is there now; null without an answer
     */
    List<@Nullable Boolean> bury(List<Tombstone> tombstones, WaitBudget budget);

    /**
     * Tells that a node has come to a step in settling a shard. The generations of all shards that are settled by that
     * are written.
     *
     * @param same whether the primaries are those that took what the steps stand for; asked before anything is sent to
     *     one, and if not, nothing is
     * @return where the shards stand; null without an answer
     */
    List<@Nullable Progress> join(List<Join> joining, BooleanSupplier same, WaitBudget budget);

    /**
     * Sends copies again while their shard has no generation and all nodes have told their tombstones.
     *
     * @return OK: it is there now; GONE: ended; MISMATCH: another state is there, which is not older; OTHER_GENERATION:
     *     it is too late, or too early; null without an answer
     */
    List<SessionStore.@Nullable Outcome> push(List<Push> pushes, WaitBudget budget);

    /** What a node has done for a shard. */
    enum Step {
        /**
         * Nothing yet. The mark of it shows whether the store that is told the tombstones is still there when that is
         * done.
         */
        BEGUN,
        /** (a): told its tombstones. */
        TOLD,
        /** (c): sent its copies, or had none to send. */
        SENT
    }

    /** For whom a node still waits. */
    enum Waiting {
        WAITS,
        /** Not for nodes that have not told their tombstones: nothing that is missing is to be sent by anybody. */
        FOR_THOSE_WHO_CAME,
        /** Not for nodes that have not sent their copies either. */
        FOR_NOBODY
    }

    /**
     * @param incarnation of this node
     * @param progress of this node in sending, in all shards together: a number that grows as long as it comes on
     * @param others whom this node has seen in the registry, by their incarnations
     */
    record Join(int shard, String incarnation, Step step, Waiting waiting, long progress, Set<String> others) {}

    /** Where a shard stands. */
    enum Phase {
        /** It has a generation. */
        SETTLED,
        /** Not all nodes have told their tombstones. */
        WAITING,
        /** All have: copies may be sent. */
        SENDING,
        /** One never came: copies may not be sent, the shard is settled without them. */
        GIVEN_UP,
        /** It has lost the mark of the step before, and so what that stands for: this node has to begin again. */
        FORGOTTEN
    }

    /**
     * @param generation empty unless settled
     * @param progress of those that have told their tombstones and have copies to send: another number than before if
     *     one of them came on
     * @param awaited nodes that the next phase waits for, by their incarnations
     */
    record Progress(Phase phase, String generation, long progress, Set<String> awaited) {}

    /**
     * A copy to be sent. It is put where nothing is; where a state is, only if that is of the copy's history, or of a
     * lower version.
     *
     * @param base version and stamp that it gets
     * @param history older states of the copy
     * @param useAgeMillis how long ago the session was last used
     */
    record Push(
            SessionId id,
            StateVersion base,
            List<StateVersion> history,
            String internalId,
            long createdMillis,
            int maxInactiveSeconds,
            long useAgeMillis,
            Map<String, StoredValue> values) {}
}
