package dev.holdfast.session.copy;

import dev.holdfast.session.StateVersion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;

/**
 * The states of a session that a copy was last equal to, from its own commits and from loads: one of them found in the
 * store says that the store went back (rule 7). Guarded by the copy's lock.
 */
final class StateHistory {
    /** Redis replicates within fractions of a second: far more commits than one session makes in that time. */
    private static final int LENGTH = 16;

    private final Deque<StateVersion> bases = new ArrayDeque<>(4);

    /**
     * States under which the session was sent to a store that had lost it, and that nobody has said to be there. They
     * are apart, or those of many attempts would push out the others.
     */
    private final Deque<StateVersion> sent = new ArrayDeque<>(0);

    void add(StateVersion base) {
        sent.remove(base);
        if (base.equals(bases.peekLast())) {
            return;
        }
        if (bases.size() == LENGTH) {
            bases.removeFirst();
        }
        bases.addLast(base);
    }

    /** A state is about to be sent: whether it arrives may never be known. */
    void maybe(StateVersion base) {
        if (sent.size() == LENGTH) {
            sent.removeFirst();
        }
        sent.addLast(base);
    }

    Collection<StateVersion> bases() {
        if (sent.isEmpty()) {
            return bases;
        }
        List<StateVersion> all = new ArrayList<>(bases);
        all.addAll(sent);
        return all;
    }
}
