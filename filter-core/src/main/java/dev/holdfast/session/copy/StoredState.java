package dev.holdfast.session.copy;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.StateVersion;
import java.util.List;

/**
 * The state of a session in the store that a copy was last equal to: under which id it is there, which version it is,
 * and which the copy knew before (rules 4, 7 and 9).
 *
 * <p><b>Implementation note.</b> Guarded by the copy's lock: nothing of it changes without. What is volatile others may
 * peek at, and have to look again when they have the lock.
 */
public final class StoredState {
    private final Rules rules;
    /** Differs from the copy's own while a change of that is not committed. */
    private volatile SessionId id;

    private volatile StateVersion base = StateVersion.NONE;
    private volatile int maxInactiveSeconds;
    /** Is read without the lock, too; it changes before the copy serves. */
    private volatile String internalId = "";

    private final StateHistory history = new StateHistory();

    StoredState(SessionId id, Rules rules) {
        this.id = id;
        this.rules = rules;
    }

    /** The id under which the store has the session. */
    public SessionId id() {
        return id;
    }

    /** {@link StateVersion#NONE} before the first commit, or load. */
    public StateVersion base() {
        return base;
    }

    /** The timeout, in seconds; 0 and less for none. */
    public int maxInactiveSeconds() {
        return maxInactiveSeconds;
    }

    public String internalId() {
        return internalId;
    }

    /** The states that the copy was equal to, oldest first. */
    public List<StateVersion> history() {
        return List.copyOf(history.bases());
    }

    /** Rule 7: whether the store has an older state of this copy's own history. */
    public boolean isAheadOf(StateVersion found) {
        return !found.equals(base) && rules.mayResend(found, history.bases());
    }

    /** For a copy that takes another one's place: older states of that one. */
    public void descendsFrom(List<StateVersion> states) {
        states.forEach(history::add);
    }

    /**
     * What is about to be sent to a store that has lost the session is a state of this copy's own, also if nobody
     * answers: the next attempt, and what is owed, may be written over it.
     */
    public void sendingAgain(ChangeSet.Held held) {
        if (!held.base().equals(base)) {
            history.maybe(held.base());
        }
    }

    void named(String newInternalId) {
        internalId = newInternalId;
    }

    /** A session that the store has and nobody has looked at: good for no commit. */
    void unseen() {
        base = new StateVersion(0, "unheld");
    }

    /** The copy is equal to this state from now on. */
    void becomes(StateVersion newBase, int newMaxInactiveSeconds) {
        base = newBase;
        maxInactiveSeconds = newMaxInactiveSeconds;
        history.add(newBase);
    }

    /** The store has the session under another id from now on. */
    public void renamed(SessionId newId) {
        id = newId;
    }
}
