package dev.holdfast.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A session in this node's memory: the container's live object, the state it was last equal to, and what decides whether it may be served
 * without asking the store.
 *
 * <p><b>Implementation note.</b> Two guards. The <em>slot</em> (one permit) makes loads and commits of a session one at a time: base, stored
 * id and saved max inactive change only while it is held. The monitor protects the state of the copy and the list of open requests; it is
 * never held across a call to the store, the codec or the container. Order: slot, then monitor.
 */
public final class NearCopy {
    /** Where a copy is in its life. */
    enum State {
        /** Admits nobody: its state is being loaded or replaced. */
        EMPTY,
        /** The one serving object of its id on this node. */
        SERVING,
        /** An orphan: only the requests that were open on it still see it, and it is never committed. */
        DROPPED,
        /** Ended by a request of this node: gone, and nothing of it is to be written. */
        ENDED
    }

    private final SessionCoordinator coordinator;
    final Semaphore slot = new Semaphore(1, true);

    private volatile SessionId id;
    private volatile State state = State.EMPTY;
    private volatile @Nullable LocalSession local;

    /** The id under which the store has the session: differs from {@link #id} while a change of it is not committed. Guarded by the slot. */
    private volatile SessionId storedId;

    /** Written under the slot, peeked at without it. */
    private volatile Base base = Base.NONE;

    private String internalId = "";
    private volatile int savedMaxInactive;

    private final Map<String, Known> known = new ConcurrentHashMap<>();
    /** Fields written through the session's own methods and not known to be saved, with the tick of the last write. */
    private final Map<String, Long> unsaved = new ConcurrentHashMap<>();

    /** Fields written while no request was open. */
    private final Set<String> unowned = ConcurrentHashMap.newKeySet();

    private final AtomicLong ticks = new AtomicLong();

    private final Trust trust;
    private long lastUse;
    private long loadsSent;
    private long loadsDone;
    private final List<RequestSession> open = new ArrayList<>(2);
    /** Fields that a commit under way writes; null while it still examines which. */
    private @Nullable Set<String> committing = Set.of();

    private long settled;

    NearCopy(SessionCoordinator coordinator, SessionId id) {
        this.coordinator = coordinator;
        this.id = id;
        this.storedId = id;
        this.trust = new Trust(coordinator.rules());
    }

    /** The public id, as the container and the application know it. */
    public SessionId id() {
        return id;
    }

    /** The container's object; null while the session is loaded for the first time. */
    public @Nullable LocalSession local() {
        return local;
    }

    State state() {
        return state;
    }

    /** Whether requests may still be served from this object. */
    public boolean isServing() {
        return state == State.SERVING;
    }

    /** Whether a request that is not finished uses this copy. */
    public synchronized boolean isOpen() {
        return !open.isEmpty();
    }

    /** Whether a request that uses this copy began at that moment of the ticker or before, and is not finished. */
    synchronized boolean isOpenSince(long moment) {
        for (RequestSession request : open) {
            if (request.began() <= moment) {
                return true;
            }
        }
        return false;
    }

    /** Whether the session was ended by this node. */
    public boolean isEnded() {
        return state == State.ENDED;
    }

    // ---- what the container's object reports

    /** A request read a field: a change inside the value will be looked for when it commits. An absent name is a read too. */
    public void noteRead(String field) {
        noteUse(field);
    }

    /** Whether an open request answers for the use. */
    private boolean noteUse(String field) {
        RequestSession request = coordinator.currentRequest(this);
        List<RequestSession> users = openRequests();
        if (request != null) {
            request.used(field);
            return users.contains(request);
        }
        users.forEach(user -> user.used(field));
        return !users.isEmpty();
    }

    /**
     * A request sets or removes a field. To be called before the live object changes, so that a neighbour who reads the new value finds
     * it unsaved, and again after it, so that a commit in between does not take the change for saved.
     */
    public void noteWrite(String field) {
        unsaved.put(field, ticks.incrementAndGet());
        if (!noteUse(field)) {
            unowned.add(field); // a thread of the application's own, outside of any request: the next one saves it
        }
    }

    /**
     * Makes the live object of a stored value that has none yet. Two threads may make one each: the container keeps the first.
     *
     * @param publish puts the object into its place; false if there is one already
     * @param retract takes it out again: the value was replaced meanwhile
     */
    public void decode(String field, Predicate<Object> publish, Consumer<Object> retract) {
        Known value = known.get(field);
        if (value == null || value.undecoded() == null || !isUndecoded(field)) {
            return;
        }
        Object live;
        try {
            live = coordinator.codec().decode(Fields.shown(field), value.undecoded());
        } catch (UnreadableAttributeException e) {
            known.replace(field, value, value.damaged());
            coordinator.reportUnreadable(id, field, e);
            return;
        }
        // Before anybody else can change it: encoding what was decoded need not give the stored bytes again.
        Known decoded = value.decoded(fingerprint(field, live, value));
        if (publish.test(live) && !known.replace(field, value, decoded) && !isLive(field)) {
            retract.accept(live);
        }
    }

    /** Whether the store has what a live object of this copy was: the one just published, if nobody has set another since. */
    private boolean isLive(String field) {
        Known value = known.get(field);
        return value != null && value.undecoded() == null && !unsaved.containsKey(field);
    }

    private Fingerprint fingerprint(String field, Object live, Known value) {
        if (field.startsWith(Fields.RESERVED) || coordinator.codec().isImmutable(live)) {
            return value.fingerprint();
        }
        try {
            return Fingerprint.of(coordinator.codec().encode(Fields.shown(field), live));
        } catch (UnencodableAttributeException e) {
            return value.fingerprint(); // the commit will say so, if anything is to be written
        }
    }

    /** Whether a stored value has no live object yet but can have one. */
    public boolean isUndecoded(String field) {
        Known value = known.get(field);
        return value != null && value.undecoded() != null && !value.unreadable() && !unsaved.containsKey(field);
    }

    /** Fields of stored values that have no live object yet but can have one. */
    public Set<String> undecoded() {
        Set<String> fields = new HashSet<>();
        known.keySet().forEach(field -> {
            if (isUndecoded(field)) {
                fields.add(field);
            }
        });
        return fields;
    }

    /**
     * Checks a value before the application's session takes it.
     *
     * @throws IllegalArgumentException if it could not be stored; the message says what to do
     */
    public void check(String attribute, Object value) {
        coordinator.codec().check(attribute, value);
    }

    // ---- state, under the slot

    SessionId storedId() {
        return storedId;
    }

    Base base() {
        return base;
    }

    String internalId() {
        return internalId;
    }

    int savedMaxInactive() {
        return savedMaxInactive;
    }

    Map<String, Known> known() {
        return known;
    }

    Map<String, Long> unsaved() {
        return unsaved;
    }

    Set<String> unowned() {
        return Set.copyOf(unowned);
    }

    /** The first content of a copy that was created here. */
    void create(LocalSession created, Epoch born, boolean bornConfirmed, long now) {
        internalId = RandomToken.next();
        local = created;
        trust.born(born, bornConfirmed);
        synchronized (this) {
            lastUse = now;
            state = State.SERVING;
        }
    }

    /** For a session that the store knows and that no request uses through this copy. */
    void standIn(LocalSession object) {
        local = object;
        base = new Base(0, "unheld");
        synchronized (this) {
            state = State.SERVING;
        }
    }

    /** Takes the whole state of a load; the caller has made sure that no open request used another one. */
    void install(SessionSnapshot snapshot) {
        base = snapshot.base();
        internalId = snapshot.internalId();
        savedMaxInactive = snapshot.maxInactiveSeconds();
        unsaved.clear();
        unowned.clear();
        known.clear();
        snapshot.values().forEach((field, value) -> known.put(field, Known.stored(value)));
    }

    /**
     * Stops admission so that the state can be replaced under the object in use.
     *
     * @return false if another request is inside: it has used the state that would be replaced
     */
    synchronized boolean beginRefresh(RequestSession request) {
        if (state != State.SERVING || hasOpenOtherThan(request)) {
            return false;
        }
        state = State.EMPTY;
        return true;
    }

    void serve(LocalSession object) {
        local = object;
        synchronized (this) {
            if (coordinator.rules().mayInstall(state)) {
                state = State.SERVING;
            }
        }
    }

    /** Takes over what a commit wrote. */
    void saved(Base newBase, int maxInactiveSeconds, Changes changes) {
        base = newBase;
        savedMaxInactive = maxInactiveSeconds;
        changes.writes().forEach((field, value) -> known.put(field, Known.live(newBase, changes.fingerprint(field))));
        changes.removes().forEach(known::remove);
        clean(changes);
    }

    /** What was examined and needs no writing, or no longer, is not unsaved; a write that came later has left a newer tick. */
    void clean(Changes changes) {
        changes.examined().forEach((field, tick) -> {
            if (tick == 0 || unsaved.remove(field, tick)) {
                unowned.remove(field);
            }
        });
    }

    /**
     * A request has found nothing to write. A value equal to the stored one is none to write only if no commit is about to replace the
     * stored one.
     *
     * @return false if a commit under way may write what the request used: it must look again after that
     */
    synchronized boolean settle(Changes changes) {
        Set<String> used = changes.examined().keySet();
        if (used.isEmpty()) {
            return true;
        }
        if (committing == null || !Collections.disjoint(committing, used)) {
            return false;
        }
        settled++;
        return true;
    }

    /** Number of requests that have found nothing to write: what was examined before another one did is to be examined again. */
    synchronized long settled() {
        return settled;
    }

    /** With the slot: from now on nobody settles, until it is known what is written. */
    synchronized long beginCommit() {
        committing = null;
        return settled;
    }

    synchronized void committing(Changes changes) {
        Set<String> fields = new HashSet<>(changes.writes().keySet());
        fields.addAll(changes.removes());
        committing = fields;
    }

    synchronized void endCommit() {
        committing = Set.of();
    }

    void renamed(SessionId newStoredId) {
        storedId = newStoredId;
    }

    void changeId(SessionId newId) {
        id = newId;
    }

    // ---- trust

    /** What decides whether this copy is served without asking. */
    Trust trust() {
        return trust;
    }

    /** Rule 1: whether a request that carries this epoch is served without asking. */
    boolean trusts(@Nullable Epoch presented, boolean roaming, EndedLog log, long now) {
        return state == State.SERVING
                && local != null
                && trust.covers(presented, roaming, id.shard(), savedMaxInactive, log, now);
    }

    /** Whether the next call must move the epoch because the log was interrupted since the last one (rule 8). */
    boolean mustMove(long era) {
        return state == State.SERVING && !base.equals(Base.NONE) && trust.mustMove(era);
    }

    @Nullable
    Epoch epoch() {
        return trust.epoch();
    }

    synchronized long lastUse() {
        return lastUse;
    }

    synchronized long loadsSent() {
        return loadsSent;
    }

    synchronized long sendLoad() {
        return ++loadsSent;
    }

    synchronized void loadDone(long number) {
        loadsDone = number;
    }

    synchronized boolean loadedSince(long number) {
        return loadsDone > number;
    }

    // ---- open requests

    /** Opens a request on this copy; false if it no longer serves. */
    synchronized boolean open(RequestSession request) {
        if (state != State.SERVING) {
            return false;
        }
        if (!open.contains(request)) {
            open.add(request);
        }
        lastUse = Math.max(lastUse, request.began());
        return true;
    }

    synchronized void close(RequestSession request) {
        open.remove(request);
    }

    synchronized boolean hasOpenOtherThan(@Nullable RequestSession request) {
        for (RequestSession other : open) {
            if (other != request) {
                return true;
            }
        }
        return false;
    }

    /** Stops admission if no request is inside. To be called with the slot; {@link #resume} or {@link #drop} follows. */
    synchronized boolean stopIfIdle() {
        if (state != State.SERVING || !open.isEmpty()) {
            return false;
        }
        state = State.EMPTY;
        return true;
    }

    /** Admits requests again, unless the copy was dropped meanwhile. */
    synchronized void resume() {
        if (state == State.EMPTY) {
            state = State.SERVING;
        }
    }

    /** A request used the session until now. */
    synchronized void usedAt(long now) {
        lastUse = Math.max(lastUse, now);
    }

    private synchronized List<RequestSession> openRequests() {
        return List.copyOf(open);
    }

    /** Makes the copy an orphan; false if it was one already. */
    synchronized boolean drop() {
        if (state == State.DROPPED || state == State.ENDED) {
            return false;
        }
        state = State.DROPPED;
        return true;
    }

    synchronized void end() {
        state = State.ENDED;
    }
}
