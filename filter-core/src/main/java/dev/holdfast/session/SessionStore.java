package dev.holdfast.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where sessions are kept. Each call is at most one round trip (a retry after an unknown outcome is a second one) and
 * one atomic step at the store.
 *
 * <p>Order of checks in every call: generation, tombstone, claim, existence, then epoch, then base; the first that
 * fails answers, and nothing is written before all are passed. A node passes the generation that it last saw for the
 * shard; if it never saw one, the empty text, by which a missing one is written, or {@link #UNSEEN}, by which a missing
 * one is another.
 *
 * <p>A call whose outcome is unknown is sent again once, with the same arguments, within the budget. Safe for use by
 * many threads.
 */
public interface SessionStore extends ExpiryStore {
    /**
     * In place of a generation, by a node that never saw one and is not alone: a missing one is to be settled by all.
     */
    String UNSEEN = "?";

    /** How a call ended. */
    enum Outcome {
        /** Done as asked. */
        OK,
        /** The shard's generation is not the one passed; nothing was done. */
        OTHER_GENERATION,
        /** The session is not there, was ended, or is past its deadline. */
        GONE,
        /** The session goes by another id since, and nothing leads there. */
        RENAMED,
        /** The state is not the one that the caller's copy is based on; nothing was done. */
        MISMATCH
    }

    /**
     * Creates a session; a second call with the same stamp finds its own work and answers OK.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    CommitReply create(Create command, WaitBudget budget);

    /**
     * Loads a session, says whether {@code presented} may be trusted from now on, and else moves the epoch to
     * {@code fresh}.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    LoadReply load(Load command, WaitBudget budget);

    /**
     * Writes changes, and changes the public id, if the stored base is the one passed; else one more round trip reads
     * what is stored.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    CommitReply commit(Commit command, WaitBudget budget);

    /**
     * Creates and commits several sessions, each of them once and as by {@link #create} and {@link #commit}, in one
     * round trip to each primary; the states that some of them meet in place of their bases take one more.
     *
     * @return what became of each, in order
     */
    default List<Written> write(List<Write> writes, WaitBudget budget) {
        List<Written> all = new ArrayList<>(writes.size());
        for (Write write : writes) {
            try {
                all.add(new Written(
                        write instanceof Commit commit ? commit(commit, budget) : create((Create) write, budget),
                        null));
            } catch (StoreUnavailableException e) {
                all.add(new Written(null, e));
            }
        }
        return all;
    }

    /**
     * Notes uses of sessions that nothing was changed in, all in one round trip.
     *
     * @return the outcomes, in order
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    List<TouchReply> touch(List<Touch> touches, WaitBudget budget);

    /**
     * Ends a session, leaves a tombstone and an entry in the ended log, also if the session is missing.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    EndReply end(End command, WaitBudget budget);

    /**
     * Whether a session can be loaded; changes nothing and does not count as a use. Takes one round trip, and a second
     * one if there is one.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    Presence exists(SessionId id, WaitBudget budget);

    /**
     * Asks the primary of each shard what ended or moved since an entry, that entry included; of much the oldest, and
     * at least two entries. A generation that is missing is empty.
     *
     * @return for each question, in order, an answer, or null where the primary gave none that counts
     */
    List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget);

    /**
     * Registers a listener that is called before the first command on a connection to another primary than before, or
     * to one that does not tell which it is.
     */
    void onOtherPrimary(Runnable listener);

    /** What nodes do when data was lost. */
    SettleStore settling();

    /** Whether the store is taken for away, so that calls fail at once. Costs nothing. */
    default boolean isAway() {
        return false;
    }

    /** What {@link #write} takes. */
    sealed interface Write permits Create, Commit {
        /** Of the session, as the store knows it. */
        SessionId id();
    }

    /**
     * What became of one of several writes: one of the two is null.
     *
     * @param failure why there is no reply
     */
    record Written(@Nullable CommitReply reply, @Nullable StoreUnavailableException failure) {}

    /**
     * The listener runs each time the store has been away and answers again, behind that answer. It must be quick,
     * throw nothing, and hand what takes time to a thread of its own: somebody waits for that answer. Some of the store
     * may still be away, or so again.
     */
    default void onBack(Runnable listener) {
        // a store that is never away never comes back
    }

    /**
     * A new session.
     *
     * @param generation the shard's generation as last seen; empty if never seen, then a missing one is written
     * @param stamp of the first version
     * @param epoch born confirmed; without holder for a roaming node
     * @param useAgeMillis how long ago the session was last used: not at all if a request makes it
     * @param createdMillis creation time as the application sees it
     */
    record Create(
            SessionId id,
            String generation,
            String stamp,
            Epoch epoch,
            String internalId,
            long createdMillis,
            int maxInactiveSeconds,
            long useAgeMillis,
            Map<String, byte[]> values)
            implements Write {}

    /**
     * @param presented the epoch that the request carries; null if it carries none, or none that may be confirmed: the
     *     epoch then moves
     * @param fresh drawn for this call, never used in another; without holder for a roaming node, which then only moves
     *     an epoch that has a holder
     * @param known base of the copy in hand; null if there is none
     * @param useAgeMillis how long ago the request began
     */
    record Load(
            SessionId id,
            String generation,
            @Nullable Epoch presented,
            Epoch fresh,
            @Nullable StateVersion known,
            long useAgeMillis) {}

    /**
     * @param outcome OK, GONE, RENAMED or OTHER_GENERATION
     * @param tail of the shard, as the script saw it
     * @param epoch the session's epoch after the call
     * @param before the session's epoch before the call; null if it is not known
     * @param confirmed true if the request's epoch is the session's and its owner is that of {@code fresh}: nothing
     *     moved
     * @param sinceUseMillis how long the session had been unused before this call, by the store's clock
     * @param snapshot the whole session if there was no known base or another one; null if the known base is the stored
     *     one
     * @param noted whether the use was noted; false if the store takes no changes now and could only be read
     */
    record LoadReply(
            Outcome outcome,
            ShardTail tail,
            @Nullable Epoch epoch,
            @Nullable Epoch before,
            boolean confirmed,
            long sinceUseMillis,
            @Nullable SessionSnapshot snapshot,
            boolean noted) {
        /** A reply of a store that has noted the use. */
        public LoadReply(
                Outcome outcome,
                ShardTail tail,
                @Nullable Epoch epoch,
                @Nullable Epoch before,
                boolean confirmed,
                long sinceUseMillis,
                @Nullable SessionSnapshot snapshot) {
            this(outcome, tail, epoch, before, confirmed, sinceUseMillis, snapshot, true);
        }

        /** The same, where it does not say who held the session. */
        public LoadReply(
                Outcome outcome,
                ShardTail tail,
                @Nullable Epoch epoch,
                boolean confirmed,
                long sinceUseMillis,
                @Nullable SessionSnapshot snapshot) {
            this(outcome, tail, epoch, null, confirmed, sinceUseMillis, snapshot);
        }
    }

    /**
     * @param base of the copy
     * @param stamp of this commit, never used in another, the same in its retries
     * @param admitted epoch that the request was admitted under; null if it must not be kept. If it is not the
     *     session's, the epoch moves to {@code fresh}
     * @param fresh drawn for this call, never used in another; without holder for a roaming node
     * @param writes new values by field name
     * @param removes field names
     * @param newId the session's new public id in the same shard; null if it stays
     */
    record Commit(
            SessionId id,
            String generation,
            StateVersion base,
            String stamp,
            @Nullable Epoch admitted,
            Epoch fresh,
            int maxInactiveSeconds,
            long useAgeMillis,
            Map<String, byte[]> writes,
            Set<String> removes,
            @Nullable SessionId newId)
            implements Write {}

    /**
     * @param outcome OK, GONE, RENAMED, MISMATCH or OTHER_GENERATION
     * @param epoch the session's epoch after the call; null unless OK or MISMATCH
     * @param repeated true if the first attempt's outcome was unknown: a mismatch may then be the command's own late
     *     twin
     * @param snapshot the whole session, read after a mismatch: after that of a creation, its internal id says whose it
     *     is; null for any other outcome
     */
    record CommitReply(
            Outcome outcome,
            ShardTail tail,
            @Nullable Epoch epoch,
            boolean repeated,
            @Nullable SessionSnapshot snapshot) {
        /** A reply without a session. */
        public CommitReply(Outcome outcome, ShardTail tail, @Nullable Epoch epoch, boolean repeated) {
            this(outcome, tail, epoch, repeated, null);
        }
    }

    /** @param useAgeMillis how long ago the last use was; the stored last use never goes back */
    record Touch(SessionId id, String generation, int maxInactiveSeconds, long useAgeMillis) {}

    /**
     * @param outcome OK, GONE, RENAMED or OTHER_GENERATION; null if the store refused this one (its message is logged
     *     by the store)
     */
    record TouchReply(@Nullable Outcome outcome, ShardTail tail) {}

    /**
     * Ends a session whatever state it is in.
     *
     * @param stamp of the tombstone, so that a retry knows its own
     * @param base that the copy in hand was last equal to
     */
    record End(SessionId id, String generation, String stamp, int maxInactiveSeconds, StateVersion base) {}

    /**
     * What became of it.
     *
     * @param outcome OK: ended now or by the same stamp; GONE: it had ended before, or is claimed; RENAMED: it goes by
     *     another id since; OTHER_GENERATION
     * @param ofBase true if what was ended was the state of the base for certain
     */
    record EndReply(Outcome outcome, ShardTail tail, boolean ofBase) {}

    /**
     * @param there whether it can be loaded
     * @param ended whether it has ended, or is about to: no session can be created under this id
     * @param generation of the shard when it was looked for; empty if it is missing: then the session may come back
     */
    record Presence(boolean there, boolean ended, String generation) {}

    /** @param from newest entry that the node knows, included in the answer; empty for the whole log */
    record ShardQuestion(int shard, String from, String generation) {}

    /**
     * @param entries the log from the asked entry on, oldest first
     * @param more whether the log may go on behind the last of them, which a further question from there on would tell
     */
    record ShardAnswer(String generation, List<String> entries, boolean more) {}
}
