package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * What another node has changed of a session in use: which of it is in the way of the requests inside, and how the rest
 * is merged under the object (rule 5).
 *
 * <p><b>Implementation note.</b> Guarded by the lock of the copy and by its monitor, from the first question to the end
 * of {@link #merge}: or a request could read a value of before and one of after.
 */
final class ForeignChanges {
    private final SessionSnapshot snapshot;
    private final StoredState stored;
    private final FieldStates values;
    private final PendingWrites owed;
    private final CopyAdmission admission;
    private final Rules rules;
    /** Fields that another node may have changed. */
    private final Set<String> changed;

    /** Of these, what is the work of this copy all the same. */
    private final Set<String> mine;

    ForeignChanges(
            SessionSnapshot snapshot,
            StoredState stored,
            FieldStates values,
            PendingWrites owed,
            CopyAdmission admission,
            Rules rules) {
        this.snapshot = snapshot;
        this.stored = stored;
        this.values = values;
        this.owed = owed;
        this.admission = admission;
        this.rules = rules;
        this.changed = values.changed(snapshot, rules);
        if (stored.base().equals(StateVersion.NONE)) {
            // What a creation that went unanswered wrote, and is not there, another node may have removed.
            owed.created().stream()
                    .filter(field -> !snapshot.values().containsKey(field))
                    .forEach(changed::add);
        }
        this.mine = new HashSet<>(changed);
        mine.removeIf(field -> !isOwnWork(field));
    }

    /**
     * Whether the stored state of a field is the work of a commit of this copy that went unanswered; its live value may
     * be newer.
     */
    private boolean isOwnWork(String field) {
        KnownField here = values.known(field);
        boolean live = here == null
                || here.undecoded() == null
                || values.unsaved().containsKey(field); // replaced, or removed, without a look
        return live && rules.isOwnWork(owed.isMine(field, snapshot.values().get(field)));
    }

    /**
     * The fields that are in the way.
     *
     * @param own the request whose call found the changes
     */
    Set<String> inTheWay(OpenRequest own) {
        Set<String> inTheWay = new TreeSet<>(changed);
        inTheWay.removeIf(field -> mine.contains(field) || !isUsed(field, own));
        return inTheWay;
    }

    private boolean isUsed(String field, OpenRequest own) {
        // What is just being written may be neither the old value nor the new.
        return admission.isUsed(field, own) || isOwedOn(field, values, owed, rules) || values.isBeingWritten(field);
    }

    /** Whether a change of the field by another node is in the way though no request is inside. */
    static boolean isOwedOn(String field, FieldStates values, PendingWrites owed, Rules rules) {
        // Whoever wrote what nobody owns may have read it.
        return rules.isUseOfTheAcknowledged(owed.uses(field))
                || values.unowned().contains(field);
    }

    /**
     * Merges them under an object.
     *
     * @param kept values that requests on this node changed inside: they and all that was set are kept
     */
    void merge(ContainerSession object, Set<String> kept) {
        Set<String> staying = new HashSet<>(values.unsaved().keySet());
        staying.addAll(mine);
        staying.addAll(kept);
        values.merge(snapshot, changed, staying);
        Set<String> replaced = new HashSet<>(changed);
        replaced.removeAll(staying);
        object.merge(replaced, maxInactive(object));
    }

    /** Set here and set there: as with a blind write, the last one wins. */
    private int maxInactive(ContainerSession object) {
        boolean asSaved = stored.base().equals(StateVersion.NONE)
                ? owed.isMyTimeout(object.maxInactiveSeconds())
                : object.maxInactiveSeconds() == stored.maxInactiveSeconds();
        return asSaved && !owed.isMyTimeout(snapshot.maxInactiveSeconds())
                ? snapshot.maxInactiveSeconds()
                : object.maxInactiveSeconds();
    }
}
