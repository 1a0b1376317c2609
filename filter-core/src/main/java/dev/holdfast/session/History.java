package dev.holdfast.session;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;

/**
 * The states of a session that a copy was last equal to, from its own commits and from loads: one of them found in the store says that the
 * store went back (rule 7). Guarded by the copy's slot.
 */
final class History {
    /** Redis replicates within fractions of a second: far more commits than one session makes in that time. */
    private static final int LENGTH = 16;

    private final Deque<Base> bases = new ArrayDeque<>(4);

    void add(Base base) {
        if (base.equals(bases.peekLast())) {
            return;
        }
        if (bases.size() == LENGTH) {
            bases.removeFirst();
        }
        bases.addLast(base);
    }

    Collection<Base> bases() {
        return bases;
    }
}
