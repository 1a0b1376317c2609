package dev.holdfast.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes serve an application now. An entry lives for {@link Lifetimes#REGISTRY} and is renewed by its node;
 * whoever died is gone from it after that. Safe for use by many threads.
 */
public interface NodeRegistry {
    /** How an entry is made or renewed. */
    enum EntryKind {
        /**
         * The first time: who had this address before is dead, and gives way. Another node of the same route does not.
         */
        FIRST,
        /**
         * The first time, late, because Redis was away: as {@link #FIRST}, and another node of the same route is no
         * reason to stay out.
         */
        LATE,
        RENEWED
    }

    /**
     * What the registry says.
     *
     * @param known whether this node's entry was there: if not, it ran out or the registry was lost
     * @param others the live nodes but this one
     * @param clash a live node of the same route; a node that came {@link EntryKind#FIRST} is then not entered
     */
    record Answer(
            boolean known, List<LiveNode> others, @Nullable LiveNode clash) {
        public Answer {
            others = List.copyOf(others);
        }
    }

    /**
     * Enters this node, or says that it is still there. One round trip.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    Answer enter(LiveNode me, EntryKind kind, WaitBudget budget);

    /**
     * Takes this node out, because it stops.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    void leave(LiveNode me, WaitBudget budget);
}
