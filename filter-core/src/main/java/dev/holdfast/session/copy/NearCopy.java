package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A session in this node's memory: the container's live object, the state it was last equal to, and what decides
 * whether it may be served without asking the store.
 *
 * <p><b>Implementation note.</b> Two guards. The <em>slot</em> (one permit) makes loads and commits of a session one at
 * a time: {@link #stored} changes only while it is held. The monitor is that of {@link #admission}, and guards who is
 * admitted and inside; what has to be one step for those takes it here, and it is never held across a call to the
 * store, the codec or application code. Order: slot, then monitor, then a request's or the trust's own.
 */
public final class NearCopy {
    private final ProtocolContext context;
    public final Semaphore slot = new Semaphore(1, true);

    private volatile SessionId id;
    private volatile @Nullable ContainerSession local;
    private final StoredState stored;
    private final CopyAdmission admission;
    private final FieldStates values = new FieldStates();
    private final PendingWrites owed = new PendingWrites();
    private final InFlightFields window = new InFlightFields();
    private final Trust trust;
    private final SessionAccess access;

    /** The copy that the protocol knows by this. */
    public static NearCopy of(SessionAccess access) {
        return ((CopyAccess) access).copy();
    }

    public NearCopy(ProtocolContext context, SessionId id) {
        this.context = context;
        this.id = id;
        this.stored = new StoredState(id, context.rules());
        this.admission = new CopyAdmission(context.rules());
        this.trust = new Trust(context.rules());
        this.access = new CopyAccess(this, context);
    }

    /** The public id, as the container and the application know it. */
    public SessionId id() {
        return id;
    }

    /** The container's object; null while the session is loaded for the first time. */
    public @Nullable ContainerSession local() {
        return local;
    }

    /** Whether requests may still be served from this object. */
    public boolean isServing() {
        return admission.isServing();
    }

    /** Whether it serves nobody any more, for whatever reason. */
    public boolean isOrphan() {
        return admission.isOrphan();
    }

    /** Whether the session is known to have ended, here or elsewhere. */
    public boolean isOver() {
        return admission.isOver();
    }

    /** What the container's object has of this copy. */
    public SessionAccess access() {
        return access;
    }

    /** Whom it admits, and who is inside. */
    public CopyAdmission admission() {
        return admission;
    }

    /** The state of the store that it was last equal to; changes under the slot. */
    public StoredState stored() {
        return stored;
    }

    public FieldStates values() {
        return values;
    }

    public InFlightFields window() {
        return window;
    }

    public PendingWrites owed() {
        return owed;
    }

    /**
     * A request is acknowledged, or refused, whose work is not in the store: the copy takes it over, unless it was
     * dropped.
     */
    public PendingWrites.Taken owe(RequestUse request, boolean isNew, long now) {
        synchronized (admission) {
            if (!isServing()) {
                return PendingWrites.Taken.NOT;
            }
            Set<String> used = request.committedFields(context.rules());
            return owed.add(used, request.namesRead(), values::nextTick, now, isNew);
        }
    }

    /** Whether values of this session stay on this node. */
    boolean hasLocalValues() {
        return context.local().has(stored.internalId());
    }

    /** Whether the store has the session, or may have it. */
    public boolean mayBeStored() {
        return !stored.base().equals(StateVersion.NONE) || owed.createStamp() != null;
    }

    /** Whether the store knows, or may know, the session by another id than the application. */
    public boolean isIdChanging() {
        return mayBeStored() && !id.equals(stored.id());
    }

    /** The store has lost the session, and has been sent what this copy holds; what was unsaved of it is so still. */
    public void sentAgain(ChangeSet.Held held) {
        values.sentAgain(held);
        becomes(held.base(), stored.maxInactiveSeconds());
    }

    /** The first content of a copy that was created here. */
    public void create(ContainerSession created, Epoch born, boolean bornConfirmed, long now) {
        stored.named(RandomToken.next());
        local = created;
        trust.born(born, bornConfirmed);
        admission.begin(now);
    }

    /** For a session that the store knows and that no request uses through this copy. */
    public void standIn(ContainerSession object) {
        local = object;
        stored.unseen();
        admission.begin(0);
    }

    /** Takes the whole state of a load; the caller has made sure that no open request used another one. */
    public void install(SessionSnapshot snapshot) {
        takeOver(snapshot);
        context.local().loaded(admission, stored, snapshot);
    }

    /** Takes the place of a copy, in a state that is not the store's. */
    public void inherit(SessionSnapshot snapshot) {
        takeOver(snapshot);
        context.local().inherited(admission, stored, snapshot.internalId());
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
        context.tombstones().knows(maxInactiveSeconds);
    }

    /**
     * Stops admission so that the whole state can be replaced in the object.
     *
     * @return false if a request is inside, or something is unsaved that no request answers for: what is replaced is to
     *     be merged
     */
    public boolean beginRefresh() {
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
    public Set<String> merge(
            SessionSnapshot snapshot, ContainerSession object, RequestUse own, @Nullable Set<String> kept) {
        synchronized (admission) {
            ForeignChanges changes = new ForeignChanges(snapshot, stored, values, owed, admission, context.rules());
            if (kept == null) {
                Set<String> inTheWay = changes.inTheWay(own);
                if (!inTheWay.isEmpty()) {
                    return inTheWay;
                }
            }
            changes.merge(object, kept == null ? Set.of() : kept);
            context.local().loaded(admission, stored, snapshot);
            becomes(snapshot.base(), snapshot.maxInactiveSeconds());
            return Set.of();
        }
    }

    /** Whether a change of one of the fields by another node is in the way though no request is inside. */
    public boolean owesOn(Set<String> fields) {
        synchronized (admission) {
            return fields.stream().anyMatch(field -> ForeignChanges.isOwedOn(field, values, owed, context.rules()));
        }
    }

    /** Everything that an open request may have changed inside. */
    public Set<String> openFields() {
        synchronized (admission) {
            Set<String> fields = new HashSet<>(values.unowned());
            fields.addAll(owed.fields());
            fields.addAll(admission.committedFields());
            return fields;
        }
    }

    public void serve(ContainerSession object) {
        local = object;
        admission.serve();
    }

    /** Takes over what a commit wrote. */
    public void saved(StateVersion newBase, int maxInactiveSeconds, ChangeSet changes) {
        values.saved(newBase, changes);
        changes.locals().keySet().forEach(field -> {
            if (changes.writes().containsKey(field)) {
                context.counters().localValues.increment();
            }
        });
        becomes(newBase, maxInactiveSeconds);
        context.local().stored(admission, stored, changes);
        paid(changes);
    }

    /**
     * The store has created the session at one of several attempts: which one, and so with what values, is not known.
     */
    public void created(StateVersion newBase, int maxInactiveSeconds, Set<String> perhapsStored) {
        perhapsStored.forEach(field -> values.storedSomehow(field, newBase));
        becomes(newBase, maxInactiveSeconds);
    }

    /** What was examined needs no writing: the store has it. */
    public void clean(ChangeSet changes) {
        values.clean(changes);
        context.local().stored(admission, stored, changes);
        paid(changes);
    }

    /** As the method of what this copy owes; what stays on this node is held from now on. */
    public void acknowledged(Set<String> used, ChangeSet changes, int maxInactiveSeconds) {
        owed.acknowledged(used, changes, maxInactiveSeconds);
        context.local().owed(admission, stored, changes);
    }

    /** What a commit was to save stays with this copy, to be saved later. */
    public void toSave(ChangeSet changes) {
        owed.toSave(changes);
        context.local().owed(admission, stored, changes);
    }

    private void paid(ChangeSet changes) {
        PendingWrites.Cleared cleared = owed.paid(changes.tick());
        if (cleared != null) {
            context.events().paid(cleared);
        }
    }

    /**
     * A request has found nothing to write: then nothing that it wrote is unsaved.
     *
     * @param seen the base that its values were compared with
     * @return false if they may be others by now, or are about to be: it must look again with the slot
     */
    public boolean tryClean(ChangeSet changes, StateVersion seen) {
        synchronized (admission) {
            boolean late = changes.setsLocals() && !isServing(); // the next copy knows nothing of it
            if (late || owed.isUnanswered() || !stored.base().equals(seen) || !window.tryClean(changes)) {
                return false;
            }
            clean(changes);
            return true;
        }
    }

    void changeId(SessionId newId) {
        id = newId;
    }

    /** What decides whether this copy is served without asking. */
    public Trust trust() {
        return trust;
    }

    /** Rule 1: whether a request that carries this epoch is served without asking. */
    public boolean trusts(@Nullable Epoch presented) {
        return isServing()
                && local != null
                && trust.covers(
                        presented,
                        context.options().roaming(),
                        id.shard(),
                        stored.maxInactiveSeconds(),
                        context.ended(),
                        context.ticker().nanos());
    }

    /** Whether the next call must move the epoch because the log was interrupted since the last one (rule 8). */
    public boolean mustMove(long era) {
        return isServing() && !stored.base().equals(StateVersion.NONE) && trust.mustMove(era);
    }

    /** Opens a request on this copy; false if it no longer serves. */
    public boolean open(RequestUse request) {
        return admission.open(request);
    }

    /**
     * Closes a request. A thread of the application's own may have written while it was inside, and after it had looked
     * for the last time: the write counted as the request's, and is nobody's now.
     */
    public void close(RequestUse request) {
        synchronized (admission) {
            admission.close(request);
            if (isServing() && !values.unsaved().isEmpty() && values.disown(field -> isLeftBy(request, field))) {
                context.events().unowned(this, "");
            }
        }
    }

    private boolean isLeftBy(RequestUse request, String field) {
        return request.hasWritten(field)
                && !owed.uses(field)
                && !values.refused().contains(field)
                && !admission.isWritten(field);
    }

    /**
     * Ends the session here.
     *
     * @param alone whether what was ended is for certain the state that this copy was last equal to, and its requests
     *     stand on
     */
    public void end(boolean alone) {
        admission.end(alone);
        context.events().ended(this);
    }
}
