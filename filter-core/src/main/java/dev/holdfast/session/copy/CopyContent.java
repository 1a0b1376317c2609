package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a copy holds of its session, beside the container's object: the state of the store that it was last equal to,
 * which values are unsaved, and which stay on this node. Loads, merges and commits change all of it together; who may
 * be served from it is the {@link NearCopy}'s, which this is the part of.
 *
 * <p><b>Implementation note.</b> The lock and the monitor are those that {@link NearCopy} tells of.
 */
abstract class CopyContent {
    /** What the content of copies needs of their application: services that know no copy. */
    interface Services {
        SessionCounters counters();

        Rules rules();

        LocalValues local();

        EndMemory tombstones();
    }

    private final StoredState stored;
    private final CopyAdmission admission;
    private final FieldStates values = new FieldStates();
    private final PendingWrites owed = new PendingWrites();
    private final InFlightFields window = new InFlightFields();

    CopyContent(SessionId id, Rules rules) {
        this.stored = new StoredState(id, rules);
        this.admission = new CopyAdmission(rules);
    }

    abstract Services context();

    /** Everything that was owed is in the store. */
    abstract void allPaid(PendingWrites.Cleared was);

    /** A value is unsaved that no request answers for. Is called with the monitor held. */
    abstract void leftUnowned();

    /** The state of the store that it was last equal to; changes under the lock. */
    public final StoredState stored() {
        return stored;
    }

    /** Whom it admits, and who is inside. */
    public final CopyAdmission admission() {
        return admission;
    }

    public final FieldStates values() {
        return values;
    }

    public final PendingWrites owed() {
        return owed;
    }

    public final InFlightFields window() {
        return window;
    }

    /** Whether the store has the session, or may have it. */
    public final boolean mayBeStored() {
        return !stored.base().equals(StateVersion.NONE) || owed.createStamp() != null;
    }

    /** Whether values of this session stay on this node. */
    final boolean hasLocalValues() {
        return context().local().has(stored.internalId());
    }

    // ---- what is taken over from the store, and sent back to it

    /** Takes the whole state of a load; the caller has made sure that no open request used another one. */
    public final void install(SessionSnapshot snapshot) {
        takeOver(snapshot);
        context().local().loaded(admission, stored, snapshot);
    }

    /** Takes the place of a copy, in a state that is not the store's. */
    public final void inherit(SessionSnapshot snapshot) {
        takeOver(snapshot);
        context().local().inherited(admission, stored, snapshot.internalId());
    }

    private void takeOver(SessionSnapshot snapshot) {
        stored.named(snapshot.internalId());
        values.install(snapshot);
        becomes(snapshot.base(), snapshot.maxInactiveSeconds());
    }

    private void becomes(StateVersion base, int maxInactiveSeconds) {
        if (!base.equals(stored.base())) {
            owed.baseMoved();
        }
        stored.becomes(base, maxInactiveSeconds);
        context().tombstones().knows(maxInactiveSeconds);
    }

    /** The store has lost the session, and has been sent what this copy holds; what was unsaved of it is so still. */
    public final void sentAgain(ChangeSet.Held held) {
        values.sentAgain(held);
        becomes(held.base(), stored.maxInactiveSeconds());
    }

    // ---- what other nodes changed (rule 5)

    /**
     * Stops admission so that the whole state can be replaced in the object.
     *
     * @return false if a request is inside, or something is unsaved that no request answers for: what is replaced is to
     *     be merged
     */
    public final boolean beginRefresh() {
        synchronized (admission) {
            return values.unowned().isEmpty() && !owed.isOwing() && admission.stopIfIdle();
        }
    }

    /**
     * Merges what other nodes changed under the object in use, unless an open request used any of it (rule 5). The
     * monitor is held for the whole of it, or a request could read a value of before and one of after.
     *
     * @param own the request whose call found the change
     * @param kept values that requests on this node changed inside: they and all that was set are kept in any case;
     *     null to let what open requests used be in the way
     * @return the fields that are in the way; nothing is merged then
     */
    public final Set<String> merge(
            SessionSnapshot snapshot, ContainerSession object, OpenRequest own, @Nullable Set<String> kept) {
        synchronized (admission) {
            ForeignChanges changes = new ForeignChanges(
                    snapshot, stored, values, owed, admission, context().rules());
            if (kept == null) {
                Set<String> inTheWay = changes.inTheWay(own);
                if (!inTheWay.isEmpty()) {
                    return inTheWay;
                }
            }
            changes.merge(object, kept == null ? Set.of() : kept);
            context().local().loaded(admission, stored, snapshot);
            becomes(snapshot.base(), snapshot.maxInactiveSeconds());
            return Set.of();
        }
    }

    /** Whether a change of one of the fields by another node is in the way though no request is inside. */
    public final boolean owesOn(Set<String> fields) {
        synchronized (admission) {
            return fields.stream()
                    .anyMatch(field -> ForeignChanges.isOwedOn(
                            field, values, owed, context().rules()));
        }
    }

    /** Everything that an open request may have changed inside. */
    public final Set<String> openFields() {
        synchronized (admission) {
            Set<String> fields = new HashSet<>(values.unowned());
            fields.addAll(owed.fields());
            fields.addAll(admission.committedFields());
            return fields;
        }
    }

    // ---- what was saved, or needs no saving

    /** Takes over what a commit wrote. */
    public final void saved(StateVersion newBase, int maxInactiveSeconds, ChangeSet changes) {
        values.saved(newBase, changes);
        changes.locals().keySet().forEach(field -> {
            if (changes.writes().containsKey(field)) {
                context().counters().localValues.increment();
            }
        });
        becomes(newBase, maxInactiveSeconds);
        context().local().stored(admission, stored, changes);
        paid(changes);
    }

    /**
     * The store has created the session at one of several attempts: which one, and so with what values, is not known.
     */
    public final void created(StateVersion newBase, int maxInactiveSeconds, Set<String> perhapsStored) {
        perhapsStored.forEach(field -> values.storedSomehow(field, newBase));
        becomes(newBase, maxInactiveSeconds);
    }

    /** What was examined needs no writing: the store has it. */
    public final void clean(ChangeSet changes) {
        values.clean(changes);
        context().local().stored(admission, stored, changes);
        paid(changes);
    }

    /**
     * A request has found nothing to write: then nothing that it wrote is unsaved.
     *
     * @param seen the base that its values were compared with
     * @return false if they may be others by now, or are about to be: it must look again with the lock
     */
    public final boolean tryClean(ChangeSet changes, StateVersion seen) {
        synchronized (admission) {
            boolean late = changes.setsLocals() && !admission.isServing(); // the next copy knows nothing of it
            if (late || owed.isUnanswered() || !stored.base().equals(seen) || !window.tryClean(changes)) {
                return false;
            }
            clean(changes);
            return true;
        }
    }

    private void paid(ChangeSet changes) {
        PendingWrites.Cleared cleared = owed.paid(changes.tick());
        if (cleared != null) {
            allPaid(cleared);
        }
    }

    // ---- what is unsaved

    /**
     * A request is acknowledged, or refused, whose work is not in the store: the copy takes it over, unless it was
     * dropped.
     */
    public final PendingWrites.Taken owe(OpenRequest request, boolean isNew, long now) {
        synchronized (admission) {
            if (!admission.isServing()) {
                return PendingWrites.Taken.NOT;
            }
            Collection<String> used = request.committedFields(context().rules());
            return owed.add(used, request.namesRead(), values::nextTick, now, isNew);
        }
    }

    /** As the method of what this copy owes; what stays on this node is held from now on. */
    public final void acknowledged(Collection<String> used, ChangeSet changes, int maxInactiveSeconds) {
        owed.acknowledged(used, changes, maxInactiveSeconds);
        context().local().owed(admission, stored, changes);
    }

    /** What a commit was to save stays with this copy, to be saved later. */
    public final void toSave(ChangeSet changes) {
        owed.toSave(changes);
        context().local().owed(admission, stored, changes);
    }

    /**
     * Closes a request. A thread of the application's own may have written while it was inside, and after it had looked
     * for the last time: the write counted as the request's, and is nobody's now.
     */
    public final void close(OpenRequest request) {
        synchronized (admission) {
            admission.close(request);
            if (admission.isServing()
                    && !values.unsaved().isEmpty()
                    && values.disown(field -> isLeftBy(request, field))) {
                leftUnowned();
            }
        }
    }

    private boolean isLeftBy(OpenRequest request, String field) {
        return request.hasWritten(field)
                && !owed.uses(field)
                && !values.refused().contains(field)
                && !admission.isWritten(field);
    }
}
