package dev.holdfast.session;

import java.util.List;
import java.util.function.Predicate;
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
     * @param order what an operator has left there for this node; null for nothing
     */
    record Answer(
            boolean known,
            List<LiveNode> others,
            @Nullable LiveNode clash,
            @Nullable Order order) {
        public Answer {
            others = List.copyOf(others);
        }

        public Answer(boolean known, List<LiveNode> others, @Nullable LiveNode clash) {
            this(known, others, clash, null);
        }
    }

    /**
     * An order that an operator has left for a node.
     *
     * @param text untrusted
     * @param followed whether the node has answered that it does what the order says; null if it has not answered
     */
    record Order(String text, @Nullable Boolean followed) {
        /** With the answer of the node, which knows whether it does what such a text says. */
        public Order answered(Predicate<String> follows) {
            return new Order(text, follows.test(text));
        }
    }

    /**
     * Enters this node, or says that it is still there. One round trip.
     *
     * @param order kept beside the entry with the node's answer, also where the entry had run out; null if the node
     *     knows of none
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    Answer enter(LiveNode me, EntryKind kind, @Nullable Order order, WaitBudget budget);

    /** As {@link #enter(LiveNode, EntryKind, Order, WaitBudget)}, of a node that knows of no order. */
    default Answer enter(LiveNode me, EntryKind kind, WaitBudget budget) {
        return enter(me, kind, null, budget);
    }

    /**
     * Takes this node out, because it stops.
     *
     * @throws StoreUnavailableException if there was no usable answer within the budget
     */
    void leave(LiveNode me, WaitBudget budget);
}
