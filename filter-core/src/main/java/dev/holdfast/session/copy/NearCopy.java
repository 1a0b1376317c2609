package dev.holdfast.session.copy;

import dev.holdfast.session.Base;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.LocalSession;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StoreUnavailableException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A session in this node's memory: the container's live object, the state it was last equal to, and what decides
 * whether it may be served without asking the store.
 *
 * <p><b>Implementation note.</b> Two guards. The <em>slot</em> (one permit) makes loads and commits of a session one at
 * a time: base, stored id and saved max inactive change only while it is held. The monitor protects the state of the
 * copy and the list of open requests; it is never held across a call to the store, the codec or application code.
 * Order: slot, then monitor, then a request's or the trust's own.
 */
public final class NearCopy {
    /** What came of taking over a request's debt. */
    public enum Debt {
        /** The copy serves nobody any more. */
        NONE,
        /** It owed nothing before. */
        FIRST,
        MORE
    }

    private final ProtocolContext context;
    public final Semaphore slot = new Semaphore(1, true);

    private volatile SessionId id;
    private volatile CopyState state = CopyState.EMPTY;
    private volatile boolean endedElsewhere;
    /** Dropped by a request that could not have the slot: whoever has it learns whether the copy is all there is. */
    private volatile boolean leftToSlot;

    /** What its request was refused for; null if the store was not to blame. */
    private volatile @Nullable StoreUnavailableException leftFor;

    /** Of an ended copy: its requests may not have seen what other nodes wrote before. */
    private volatile boolean endedUnseen;

    private volatile @Nullable LocalSession local;

    /**
     * The id under which the store has the session: differs from {@link #id} while a change of it is not committed.
     * Guarded by the slot.
     */
    private volatile SessionId storedId;

    /** Written under the slot, peeked at without it. */
    private volatile Base base = Base.NONE;

    private String internalId = "";
    private volatile int savedMaxInactive;

    private final FieldStates values = new FieldStates();
    private final PendingWrites owed = new PendingWrites();
    private final StateHistory history = new StateHistory();
    private final Trust trust;
    private final SessionAccess access;
    private long lastUse;
    private long loadsSent;
    private long loadsDone;
    private final List<RequestUse> open = new ArrayList<>(2);
    private final InFlightFields window = new InFlightFields();

    /** The copy that the protocol knows by this. */
    public static NearCopy of(SessionAccess access) {
        return ((CopyAccess) access).copy();
    }

    public NearCopy(ProtocolContext context, SessionId id) {
        this.context = context;
        this.id = id;
        this.storedId = id;
        this.trust = new Trust(context.rules());
        this.access = new CopyAccess(this, context);
    }

    /** The public id, as the container and the application know it. */
    public SessionId id() {
        return id;
    }

    /** The container's object; null while the session is loaded for the first time. */
    public @Nullable LocalSession local() {
        return local;
    }

    public CopyState state() {
        return state;
    }

    /** Whether requests may still be served from this object. */
    public boolean isServing() {
        return state == CopyState.SERVING;
    }

    /** Whether a request that is not finished uses this copy. */
    public synchronized boolean isOpen() {
        return !open.isEmpty();
    }

    /** Whether a request that uses this copy began at that moment of the ticker or before, and is not finished. */
    public synchronized boolean isOpenSince(long moment) {
        for (RequestUse request : open) {
            if (request.began() <= moment) {
                return true;
            }
        }
        return false;
    }

    /** Whether the session was ended by this node. */
    public boolean isEnded() {
        return state == CopyState.ENDED;
    }

    /** Whether it serves nobody any more, for whatever reason. */
    public boolean isOrphan() {
        return state == CopyState.DROPPED || state == CopyState.ENDED;
    }

    /** Whether the session is known to have ended, here or elsewhere. */
    public boolean isOver() {
        return endedElsewhere || isEnded();
    }

    /** What the container's object has of this copy. */
    public SessionAccess access() {
        return access;
    }

    /**
     * A request uses the copy.
     *
     * @param request null if no request is known to: then all that are open do
     * @return whether an open request answers for the use
     */
    synchronized boolean noteUse(@Nullable RequestUse request, Consumer<RequestUse> use) {
        if (request != null) {
            use.accept(request);
            return open.contains(request);
        }
        open.forEach(use);
        return !open.isEmpty();
    }

    // ---- state, under the slot

    public SessionId storedId() {
        return storedId;
    }

    public Base base() {
        return base;
    }

    public String internalId() {
        return internalId;
    }

    public int savedMaxInactive() {
        return savedMaxInactive;
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
    public synchronized Debt owe(RequestUse request, boolean isNew, long now) {
        if (state != CopyState.SERVING) {
            return Debt.NONE;
        }
        boolean first =
                owed.add(request.committedFields(context.rules()), request.namesRead(), values::nextTick, now, isNew);
        return first ? Debt.FIRST : Debt.MORE;
    }

    /** Whether the store has the session, or may have it. */
    public boolean mayBeStored() {
        return !base.equals(Base.NONE) || owed.createStamp() != null;
    }

    /** The states that this copy was equal to, oldest first. */
    public List<Base> history() {
        return List.copyOf(history.bases());
    }

    /** For a copy that takes another one's place: older states of that one. */
    public void descendsFrom(List<Base> states) {
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

    /** The store has lost the session, and has been sent what this copy holds; what was unsaved of it is so still. */
    public void sentAgain(ChangeSet.Held held) {
        values.sentAgain(held);
        base(held.base(), savedMaxInactive);
    }

    /** Rule 7: whether the store has an older state of this copy's own history. */
    public boolean isAheadOf(Base stored) {
        return !stored.equals(base) && context.rules().mayResend(stored, history.bases());
    }

    /** The first content of a copy that was created here. */
    public void create(LocalSession created, Epoch born, boolean bornConfirmed, long now) {
        internalId = RandomToken.next();
        local = created;
        trust.born(born, bornConfirmed);
        synchronized (this) {
            lastUse = now;
            state = CopyState.SERVING;
        }
    }

    /** For a session that the store knows and that no request uses through this copy. */
    public void standIn(LocalSession object) {
        local = object;
        base = new Base(0, "unheld");
        synchronized (this) {
            state = CopyState.SERVING;
        }
    }

    /** Takes the whole state of a load; the caller has made sure that no open request used another one. */
    public void install(SessionSnapshot snapshot) {
        internalId = snapshot.internalId();
        values.install(snapshot);
        base(snapshot.base(), snapshot.maxInactiveSeconds());
    }

    private void base(Base newBase, int maxInactiveSeconds) {
        if (!newBase.equals(base)) {
            owed.baseMoved();
        }
        base = newBase;
        savedMaxInactive = maxInactiveSeconds;
        context.tombstones().knows(maxInactiveSeconds);
        history.add(newBase);
    }

    /**
     * Stops admission so that the whole state can be replaced in the object.
     *
     * @return false if a request is inside, or something is unsaved that no request answers for: what is replaced is to
     *     be merged
     */
    public synchronized boolean beginRefresh() {
        if (state != CopyState.SERVING || !open.isEmpty() || !values.unowned().isEmpty() || owed.isOwing()) {
            return false;
        }
        state = CopyState.EMPTY;
        return true;
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
    public synchronized Set<String> merge(
            SessionSnapshot stored, LocalSession object, RequestUse own, @Nullable Set<String> kept) {
        Set<String> changed = values.changed(stored, context.rules());
        if (base.equals(Base.NONE)) {
            // What a creation that went unanswered wrote, and is not there, another node may have removed.
            owed.created().stream()
                    .filter(field -> !stored.values().containsKey(field))
                    .forEach(changed::add);
        }
        Set<String> mine = new HashSet<>(changed);
        mine.removeIf(field -> !isOwnWork(field, stored));
        if (kept == null) {
            Set<String> inTheWay = new TreeSet<>(changed);
            inTheWay.removeIf(field -> mine.contains(field) || !isUsed(field, own));
            if (!inTheWay.isEmpty()) {
                return inTheWay;
            }
        }
        Set<String> staying = new HashSet<>(values.unsaved().keySet());
        staying.addAll(mine);
        if (kept != null) {
            staying.addAll(kept);
        }
        values.merge(stored, changed, staying);
        changed.removeAll(staying);
        // Set here and set there: as with a blind write, the last one wins.
        boolean asSaved = base.equals(Base.NONE)
                ? owed.isMyTimeout(object.maxInactiveSeconds())
                : object.maxInactiveSeconds() == savedMaxInactive;
        int maxInactive = asSaved && !owed.isMyTimeout(stored.maxInactiveSeconds())
                ? stored.maxInactiveSeconds()
                : object.maxInactiveSeconds();
        object.merge(changed, maxInactive);
        base(stored.base(), stored.maxInactiveSeconds());
        return Set.of();
    }

    /**
     * Whether the stored state of a field is the work of a commit of this copy that went unanswered; its live value may
     * be newer.
     */
    private boolean isOwnWork(String field, SessionSnapshot stored) {
        KnownField here = values.known(field);
        boolean live = here == null
                || here.undecoded() == null
                || values.unsaved().containsKey(field); // replaced, or removed, without a look
        return live
                && context.rules().isOwnWork(owed.isMine(field, stored.values().get(field)));
    }

    private boolean isUsed(String field, RequestUse own) {
        Rules rules = context.rules();
        for (RequestUse request : open) {
            if (rules.isChecked(request == own) && request.uses(field, rules)) {
                return true;
            }
        }
        // What is just being written may be neither the old value nor the new.
        return isOwedOn(field) || values.isBeingWritten(field);
    }

    // Whoever wrote what nobody owns may have read it.
    private boolean isOwedOn(String field) {
        return context.rules().isUseOfTheAcknowledged(owed.uses(field))
                || values.unowned().contains(field);
    }

    /** Whether a change of one of the fields by another node is in the way though no request is inside. */
    public synchronized boolean owesOn(Set<String> fields) {
        return fields.stream().anyMatch(this::isOwedOn);
    }

    /** Everything that an open request may have changed inside. */
    public synchronized Set<String> openFields() {
        Set<String> fields = new HashSet<>(values.unowned());
        fields.addAll(owed.fields());
        open.forEach(request -> fields.addAll(request.committedFields(context.rules())));
        return fields;
    }

    public void serve(LocalSession object) {
        local = object;
        synchronized (this) {
            if (context.rules().mayInstall(state)) {
                state = CopyState.SERVING;
            }
        }
    }

    /** Takes over what a commit wrote. */
    public void saved(Base newBase, int maxInactiveSeconds, ChangeSet changes) {
        values.saved(newBase, changes);
        base(newBase, maxInactiveSeconds);
        paid(changes);
    }

    /**
     * The store has created the session at one of several attempts: which one, and so with what values, is not known.
     */
    public void created(Base newBase, int maxInactiveSeconds, Set<String> perhapsStored) {
        perhapsStored.forEach(field -> values.storedSomehow(field, newBase));
        base(newBase, maxInactiveSeconds);
    }

    /** What was examined needs no writing: the store has it. */
    public void clean(ChangeSet changes) {
        values.clean(changes);
        paid(changes);
    }

    private void paid(ChangeSet changes) {
        PendingWrites.Debt debt = owed.paid(changes.tick());
        if (debt != null) {
            context.events().paid(debt);
        }
    }

    /**
     * A request has found nothing to write: then nothing that it wrote is unsaved.
     *
     * @param seen the base that its values were compared with
     * @return false if they may be others by now, or are about to be: it must look again with the slot
     */
    public synchronized boolean settle(ChangeSet changes, Base seen) {
        if (owed.isUnanswered() || !base.equals(seen) || !window.settle(changes)) {
            return false;
        }
        clean(changes);
        return true;
    }

    public void renamed(SessionId newStoredId) {
        storedId = newStoredId;
    }

    void changeId(SessionId newId) {
        id = newId;
    }

    // ---- trust

    /** What decides whether this copy is served without asking. */
    public Trust trust() {
        return trust;
    }

    /** Rule 1: whether a request that carries this epoch is served without asking. */
    public boolean trusts(@Nullable Epoch presented, boolean roaming, InvalidationLog log, long now) {
        return state == CopyState.SERVING
                && local != null
                && trust.covers(presented, roaming, id.shard(), savedMaxInactive, log, now);
    }

    /** Whether a request that carries this epoch may be served while the store is away. */
    public boolean mayServeWithoutStore(@Nullable Epoch presented, long now) {
        LocalSession object = local;
        if (state != CopyState.SERVING || object == null || !trust.coversWithoutStore(presented)) {
            return false;
        }
        // The store ends it by the timeout that it knows; the application may have set a shorter one since.
        boolean stored = !base.equals(Base.NONE);
        return isWithin(object.maxInactiveSeconds(), now - lastUse())
                && (!stored || isWithin(savedMaxInactive, now - trust.acknowledgedUse()));
    }

    private static boolean isWithin(long maxInactiveSeconds, long ageNanos) {
        return maxInactiveSeconds <= 0 || ageNanos <= maxInactiveSeconds * 1_000_000_000L;
    }

    /** Whether the next call must move the epoch because the log was interrupted since the last one (rule 8). */
    public boolean mustMove(long era) {
        return state == CopyState.SERVING && !base.equals(Base.NONE) && trust.mustMove(era);
    }

    @Nullable
    public Epoch epoch() {
        return trust.epoch();
    }

    public synchronized long lastUse() {
        return lastUse;
    }

    public synchronized long loadsSent() {
        return loadsSent;
    }

    public synchronized long sendLoad() {
        return ++loadsSent;
    }

    public synchronized void loadDone(long number) {
        loadsDone = number;
    }

    public synchronized boolean loadedSince(long number) {
        return loadsDone > number;
    }

    // ---- open requests

    /** Opens a request on this copy; false if it no longer serves. */
    public synchronized boolean open(RequestUse request) {
        if (state != CopyState.SERVING) {
            return false;
        }
        if (!open.contains(request)) {
            open.add(request);
        }
        lastUse = Math.max(lastUse, request.began());
        return true;
    }

    /**
     * Closes a request. A thread of the application's own may have written while it was inside, and after it had looked
     * for the last time: the write counted as the request's, and is nobody's now.
     */
    public synchronized void close(RequestUse request) {
        open.remove(request);
        if (state == CopyState.SERVING
                && !values.unsaved().isEmpty()
                && values.disown(field -> isLeftBy(request, field))) {
            context.events().unowned(this, "");
        }
    }

    private boolean isLeftBy(RequestUse request, String field) {
        return request.hasWritten(field)
                && !owed.uses(field)
                && !values.refused().contains(field)
                && open.stream().noneMatch(other -> other.hasWritten(field));
    }

    /**
     * Stops admission if no request is inside. To be called with the slot; {@link #resume} or {@link #drop} follows.
     */
    public synchronized boolean stopIfIdle() {
        if (state != CopyState.SERVING || !open.isEmpty()) {
            return false;
        }
        state = CopyState.EMPTY;
        return true;
    }

    /** Admits requests again, unless the copy was dropped meanwhile. */
    public synchronized void resume() {
        if (state == CopyState.EMPTY) {
            state = CopyState.SERVING;
        }
    }

    /** A request used the session until now. */
    public synchronized void usedAt(long now) {
        lastUse = Math.max(lastUse, now);
    }

    /** Before the copy is dropped without the slot: what it holds may still be taken over, by who has that. */
    public synchronized void leaveToSlot(@Nullable StoreUnavailableException failure) {
        if (state == CopyState.SERVING) {
            leftFor = failure;
            leftToSlot = true;
        }
    }

    @Nullable
    public StoreUnavailableException leftFor() {
        return leftFor;
    }

    /** Whether it is so, and nobody has done it; with the slot. */
    public boolean isLeftToSlot() {
        return leftToSlot && !isOver();
    }

    /** What it holds is taken over, or is not worth it. */
    public void taken() {
        leftToSlot = false;
    }

    /** Makes the copy an orphan; false if it was one already. */
    public synchronized boolean drop() {
        if (state == CopyState.DROPPED || state == CopyState.ENDED) {
            return false;
        }
        state = CopyState.DROPPED;
        return true;
    }

    /** Makes the copy an orphan of a session that ended elsewhere; false if that was known, or if it ended here. */
    synchronized boolean endElsewhere() {
        if (isOver()) {
            return false;
        }
        endedElsewhere = true;
        state = CopyState.DROPPED;
        return true;
    }

    /**
     * @param alone whether what was ended is for certain the state that this copy was last equal to, and its requests
     *     stand on
     */
    public void end(boolean alone) {
        synchronized (this) {
            endedUnseen = !alone || state == CopyState.DROPPED;
            state = CopyState.ENDED;
        }
        context.events().ended(this);
    }

    /**
     * Whether a request has nothing to save any more: the session was ended here, by itself or by a neighbour with all
     * that it stands on.
     */
    public boolean endedFor(RequestUse request) {
        return isEnded() && (!endedUnseen || request.hasEndedSession());
    }
}
