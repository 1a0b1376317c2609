package dev.holdfast.session;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one application on one node, as the container sees it: requests begin, sessions are created, change their id and end,
 * and once a second the background work is done. Loading, saving and ending are parts of their own.
 *
 * <p><b>Implementation note.</b> A session has at most one serving {@link NearCopy} per node. Loads and commits of it go one at a time,
 * under its slot. A state of the store that differs from a copy's base is merged under it if no request inside has used what changed;
 * else the copy is dropped, and each request that was inside is refused if anything it did is not in the store. Who holds a slot waits
 * for no other one, so there is no order between slots; rounds that save several sessions together take only slots that are free.
 */
public final class SessionCoordinator {
    /** A request that took longer has used its session until its end, not only when it began. */
    private static final long LONG_REQUEST = TimeUnit.SECONDS.toNanos(1);

    /** A copy that another node has taken over is kept this long, in case the browser comes back. */
    private static final long STALE_KEEP = TimeUnit.SECONDS.toNanos(30);

    /** So long a start waits for others that settle the store with it. */
    private static final long START = TimeUnit.SECONDS.toNanos(2);

    private static final long START_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final Node node;
    private final Loading loading;
    private final Saving saving;
    private final Ending ending;
    private final Expiring expiring;
    private final TouchBatcher touches;
    private final Turns turns;
    private final CopiesBound bound;

    /**
     * @param store where the sessions are kept
     * @param membership of this node among those that serve the application
     * @param sessions makes the container's objects
     * @param waits of all applications of this server
     */
    public SessionCoordinator(
            SessionStore store,
            Membership membership,
            AttributeCodec codec,
            LocalSessions sessions,
            SessionOptions options,
            ClientWaits waits,
            Ticker ticker) {
        this(store, membership, codec, sessions, options, waits, ticker, Rules.ALL);
    }

    SessionCoordinator(
            SessionStore store,
            Membership membership,
            AttributeCodec codec,
            LocalSessions sessions,
            SessionOptions options,
            ClientWaits waits,
            Ticker ticker,
            Rules rules) {
        this.node = new Node(this, store, membership, codec, sessions, options, waits, ticker, rules);
        Merging merging = new Merging(node);
        this.touches = new TouchBatcher(store, ticker, node.ended);
        this.expiring = new Expiring(node, touches);
        this.bound = new CopiesBound(node, touches, CopiesBound.MOST);
        this.ending = new Ending(node, expiring::tellLater);
        this.saving = new Saving(node, merging);
        this.loading = new Loading(node, expiring, merging, saving);
        this.turns = new Turns(node);
        store.onOtherPrimary(node.ended::otherPrimary);
        store.onOtherPrimary(expiring::otherPrimary);
        store.onOtherPrimary(node.settling::otherPrimary);
        store.onBack(node.backlog::storeIsBack);
    }

    /**
     * Looks at all that this application has in the store, so that no request has to find out what was lost. To be called once, before the
     * first request; where the store does not answer, the first {@link #tick} that it answers does it. Where others start at an empty store,
     * too, each waits for what the other has to tell, a moment: else their first requests would be refused until the next tick of both.
     */
    public void start() {
        node.settling.lookAtAll();
        look();
        settle();
        long end = node.ticker.nanos() + START;
        while (node.settling.isWaitingForOthers() && node.ticker.nanos() - end < 0) {
            node.ticker.await(node.ticker.nanos() + START_PAUSE);
            settle();
        }
    }

    private void look() {
        Membership.Beat beat = node.membership.beat(node.ended.unsettled());
        if (beat == Membership.Beat.UNKNOWN) {
            // It was taken for dead, or stood still for long: all that it holds is to be asked for again. Marks are its
            // own, so this only comes on top.
            node.ended.otherPrimary();
        }
        node.settling.look(beat);
    }

    private void settle() {
        if (node.settling.settle()) {
            expiring.otherPrimary(); // uses were lost, too
        }
    }

    /** Whether {@link #saveOwed} has anything to do. */
    public boolean isOwing() {
        return node.backlog.hasWork() || node.ended.unsettled() != 0 || node.settling.isTelling();
    }

    /**
     * Begins a request. Costs no round trip.
     *
     * @param presented the epoch cookie; null if there is none or one that cannot be read
     * @param owner what the container wants to find again with {@link RequestScope#owner}
     */
    public RequestScope begin(@Nullable Epoch presented, Object owner) {
        return new RequestScope(this, presented, owner, new WaitBudget(node.options.timeout()), node.ticker.nanos());
    }

    /** How many sessions have changes in this node's memory that were acknowledged while the store was away, and are not saved yet. */
    public int atRisk() {
        return node.backlog.owing();
    }

    /** How often each branch of the protocol was taken. */
    public SessionCounters counters() {
        return node.counters;
    }

    long age(long since) {
        return node.age(since);
    }

    long ago(long millis) {
        return node.ticker.nanos() - TimeUnit.MILLISECONDS.toNanos(millis);
    }

    Rules rules() {
        return node.rules;
    }

    AttributeCodec codec() {
        return node.codec;
    }

    @Nullable
    RequestSession currentRequest(NearCopy copy) {
        RequestScope scope = RequestScope.currentOf(this);
        return scope != null ? scope.sessionOf(copy) : null;
    }

    Lookup find(RequestScope scope, SessionId id, boolean mayAsk) {
        Turns.Entry turn = turns.enter(scope.turns(), scope.budget(), id, mayAsk);
        if (turn == Turns.Entry.BUSY || turn == Turns.Entry.CROWDED) {
            return mayAsk ? Lookup.unavailable(turns.refused(turn, scope.budget(), id)) : Lookup.NOT_ASKED;
        }
        boolean found = false;
        try {
            Lookup lookup = loading.find(scope, id, mayAsk);
            found = lookup.found() == Lookup.Found.FOUND;
            return lookup;
        } finally {
            if (!found && turn == Turns.Entry.TAKEN) {
                turns.leave(scope.turns(), id);
            }
        }
    }

    void save(RequestScope scope, RequestSession request) {
        saving.save(scope, request, true);
    }

    /**
     * A new session; it reaches the store with the first commit of a request that uses it.
     *
     * @param scope of the request that creates it, null if none is known
     */
    public NearCopy create(@Nullable RequestScope scope, SessionId id, LocalSession local) {
        NearCopy copy = new NearCopy(this, id);
        Epoch born = Epoch.fresh(node.owner);
        copy.create(local, born, !node.options.roaming(), node.ticker.nanos());
        node.copies.put(copy);
        if (scope != null) {
            turns.enter(scope.turns(), scope.budget(), id, false);
            adopt(scope, copy);
        }
        return copy;
    }

    void adopt(RequestScope scope, NearCopy copy) {
        RequestSession request = new RequestSession(copy, scope.began());
        Epoch epoch = copy.epoch();
        if (copy.base().equals(Base.NONE)) {
            request.admit(epoch, copy.trust().takeBorn() ? epoch : Epoch.fresh(node.owner));
        } else if (copy.trusts(scope.presented(), node.options.roaming(), node.ended, node.ticker.nanos())) {
            request.admit(epoch, null);
        } else {
            request.admit(null, Epoch.fresh(node.owner));
            request.movedAt(node.ticker.nanos());
        }
        LocalSession local = copy.local();
        boolean justMade =
                copy.base().equals(Base.NONE) && local != null && local.fields().isEmpty();
        if (!justMade) {
            // What was read before this request was known to use the session is on no list: all of it may have changed
            // in place.
            request.usedAll(copy);
        }
        copy.open(request); // if it was dropped, the request is one of an orphan
        scope.add(request);
    }

    /**
     * Changes the public id of a session; the store learns of it with the next commit of a request that uses it.
     *
     * @throws IllegalArgumentException if the new id is in another shard
     * @throws SessionRefusedException if a neighbour's call to the store takes longer than this request may wait
     */
    public void changeId(NearCopy copy, SessionId newId) {
        if (newId.shard() != copy.id().shard()) {
            throw new IllegalArgumentException(
                    "Session " + copy.id() + " cannot become " + newId + ": a session id keeps its first two digits");
        }
        RequestScope scope = node.currentScope();
        requireNewIdPossible(scope, copy);
        WaitBudget budget = scope != null ? scope.budget() : new WaitBudget(node.options.timeout());
        // Under the slot, so that no commit is under way that does not know of it.
        if (!node.acquire(copy.slot, budget)) {
            throw node.refuse(scope, "Session " + copy.id() + " cannot change its id: ", node.busy(copy.id(), budget));
        }
        try {
            requireNewIdPossible(scope, copy); // a commit that this waited for may have ended at risk
            if (scope != null) {
                turns.alsoFor(scope.turns(), copy.id(), newId);
            }
            node.copies.changeId(copy, newId);
        } finally {
            copy.slot.release();
        }
    }

    private void requireNewIdPossible(@Nullable RequestScope scope, NearCopy copy) {
        StoreUnavailableException away = node.outage.whyNoNewId(copy);
        if (away == null
                && copy.mayBeStored()
                && node.ended.isUnsettled(copy.id().shard())) {
            away = Node.unsettled(
                    copy); // under another id its commit could not be kept, and the copy may be all there is
        }
        if (away != null) {
            throw node.refuse(scope, "Session " + copy.id() + " cannot change its id: ", away);
        }
    }

    /**
     * Ends a session for good, in the store first: when this returns, no node brings it back. Does nothing if it has ended here already.
     *
     * @return false if another request or node has ended it before, and tells the listeners
     * @throws SessionRefusedException if the store cannot be told; the session then lives on
     */
    public boolean end(NearCopy copy) {
        return ending.end(copy);
    }

    /** At the end of a request: its headers have left, or everything is saved. */
    void saveLate(RequestScope scope, RequestSession request) {
        // An epoch that moved after the headers had left is none of this request's business unless it used the session
        // since.
        if (saving.save(scope, request, request.usedSinceSave())) {
            node.counters.lateCommits.increment();
        }
    }

    /** The request was refused and is over. */
    void abandon(RequestSession request, @Nullable SessionRefusedException refusal) {
        node.outage.afterRefusal(
                request, refusal != null && refusal.reason() instanceof StoreUnavailableException e ? e : null);
    }

    /** The request was refused, and what it left could not be looked at: nothing of the copy is committed any more. */
    void orphan(RequestSession request) {
        try {
            node.copies.drop(request.copy());
        } catch (RuntimeException | Error e) {
            // The application's, which hears of it last: the copy is out of the maps.
        }
    }

    /** Ends a request's hold on a session; a use that no call has told the store is told with the next batch. */
    void close(RequestSession request) {
        NearCopy copy = request.copy();
        long now = node.ticker.nanos();
        copy.usedAt(now);
        long use = now - request.began() > LONG_REQUEST ? now : request.began();
        if (copy.isServing() && copy.trust().needsTouch(use)) {
            touches.note(copy, use);
        }
        copy.close(request);
    }

    /** Lets the next request use the sessions of one that has finished. */
    void leave(RequestScope scope) {
        turns.leaveAll(scope.turns());
    }

    /**
     * Renews this node's entry in the registry, asks the ended logs, sends the touches (also for requests that last), forgets copies that other nodes have taken over. To be called once a second by one thread;
     * what fails is tried again with the next call.
     */
    public void tick() {
        look();
        boolean[] followed = new boolean[SessionId.SHARDS];
        node.copies.all().forEach(copy -> followed[copy.id().shard()] = true);
        try {
            ending.inDoubt().follow(followed);
            node.ended.ask(shard -> followed[shard], (shard, entry) -> heard(entry));
        } finally {
            ending.inDoubt().forgetOld(node.ticker.nanos());
            touchLongRequests();
            flushTouches();
            forgetStale();
            bound.drop();
            node.backlog.tellIfPaid();
        }
    }

    /**
     * Settles what the store has lost, tells another primary of ends, and saves what an outage left and what no request answers for, as long as that gets on; does
     * nothing while the store is away or another call is at it. To be called when the store answers again and behind each {@link #tick}, as long as it {@link #isOwing}, on a thread of this application's own and with its class loader in
     * place: attributes are encoded, and the application's code that writes them may take as long as it likes.
     */
    public void saveOwed() {
        do {
            if (node.ended.unsettled() != 0) {
                settle();
            }
            node.settling.tellOtherPrimary();
        } while (node.backlog.saveAll(turns));
    }

    /** A session is in use as long as a request is inside, whoever holds it. */
    private void touchLongRequests() {
        long now = node.ticker.nanos();
        for (NearCopy copy : node.copies.all()) {
            boolean stored = !copy.base().equals(Base.NONE); // or the touch would find nothing, and the copy be dropped
            if (stored && copy.isServing() && copy.isOpenSince(now - LONG_REQUEST)) {
                touches.note(copy, now);
            }
        }
    }

    private void flushTouches() {
        try {
            node.counters.touches.add(touches.flush(this::touchedGone));
        } catch (StoreUnavailableException e) {
            node.log.warn(
                    "HF-211",
                    () -> "Uses of sessions cannot be told to the store, they are kept and told later: "
                            + e.getMessage(),
                    e);
        }
    }

    /** A touch found no session; if a commit has changed the id meanwhile, that says nothing. */
    private void touchedGone(NearCopy copy, SessionId touched) {
        if (copy.slot.tryAcquire()) {
            try {
                if (copy.storedId().equals(touched)) {
                    node.copies.endedElsewhere(copy);
                }
            } finally {
                copy.slot.release();
            }
        }
    }

    private void forgetStale() {
        long now = node.ticker.nanos();
        for (NearCopy copy : node.copies.all()) {
            if (copy.trust().isStale()
                    && !copy.owed().isOwing()
                    && !copy.values().hasUnowned()
                    && now - copy.lastUse() > STALE_KEEP
                    && copy.slot.tryAcquire()) {
                try {
                    if (copy.stopIfIdle()) {
                        node.copies.drop(copy);
                    }
                } finally {
                    copy.slot.release();
                }
            }
        }
    }

    private void heard(LogEntry entry) {
        node.tombstones.heard(entry);
        LocalSession endedHere = ending.inDoubt().endedBy(entry);
        if (endedHere != null) {
            expiring.tellLater(entry.id(), endedHere);
        }
        if (!entry.end() && !node.options.roaming() && node.rules.isOwnEntry(entry.owner(), node.owner)) {
            return; // this node's own move, also of a call that it has given up: its reply says the rest
        }
        NearCopy copy = node.copies.get(entry.id());
        // Numbers of the log that was lost say nothing about the one that follows; and an end is one whatever its
        // number.
        boolean toldAgain = entry.end() && node.ended.isUnsettled(entry.id().shard());
        long era = node.ended.era(entry.id().shard());
        if (copy != null
                && (copy.trust().heard(entry, era) || toldAgain)
                && entry.end()
                && !expiring.isUnderWay(copy)) {
            if (entry.renamed()) {
                // It goes on under its new id: no end for a request that is inside, and nobody else comes to this copy.
                // What such a request wants to save is refused by the store.
                node.copies.drop(copy);
            } else {
                heardEnd(copy);
            }
        }
    }

    private void heardEnd(NearCopy copy) {
        if (!copy.slot.tryAcquire()) {
            node.copies.drop(copy); // perhaps it is this node that ends it just now, and has its listeners to tell
            return;
        }
        try {
            node.copies.endedElsewhere(copy);
        } finally {
            copy.slot.release();
        }
    }

    /**
     * Ends the sessions that are held here and were idle for max inactive, and those that nobody ended in time, and tells their listeners
     * on the calling thread. To be called every ten seconds or so, with the application's class loader in place.
     */
    public void expireIdle() {
        expiring.sweep();
    }

    /** All copies here, for the container's lists. */
    public List<NearCopy> copies() {
        return node.copies.all();
    }

    /**
     * Tells the store what is still to be told and forgets all copies; no session ends. A listener that runs is waited for, a while. To be
     * called with the application's class loader in place.
     */
    public void stop() {
        expiring.stop();
        node.backlog.stop(turns);
        try {
            touches.flushAll();
        } catch (StoreUnavailableException e) {
            node.log.warn(
                    "HF-211", () -> "The last uses of sessions could not be told to the store: " + e.getMessage(), e);
        }
        node.copies.clear();
    }

    /** A stand-in for a session that the store has and this node does not hold: good for ending it, and for nothing else. */
    public NearCopy unheld(SessionId id, LocalSession local) {
        NearCopy copy = new NearCopy(this, id);
        copy.standIn(local);
        return copy;
    }

    /**
     * Whether the store has this session; null if it does not say, or has lost data and may get the session back. For look-ups outside a
     * request.
     */
    public @Nullable Boolean exists(SessionId id) {
        NearCopy copy = node.copies.get(id);
        if (copy != null && copy.isServing()) {
            return true;
        }
        int shard = id.shard();
        if (node.ended.isUnsettled(shard)) {
            return null;
        }
        try {
            SessionStore.Presence presence = node.store.exists(id, new WaitBudget(node.options.timeout()));
            if (presence.there()) {
                return true;
            }
            node.ended.foundWithout(shard, presence.generation());
            return node.ended.isUnsettled(shard) ? null : false;
        } catch (StoreUnavailableException e) {
            node.log.warn("HF-213", () -> "A session could not be looked up: " + e.getMessage(), e);
            return null;
        }
    }

    /**
     * Whether a session of this application may be created under an id that was made for another application's: none is there, and none has
     * ended under it, as far as the store says. For an id that no client can have chosen.
     */
    boolean mayCreate(SessionId id, WaitBudget budget) {
        if (node.copies.get(id) != null || node.tombstones.contains(id) || node.ended.isUnsettled(id.shard())) {
            return false;
        }
        try {
            SessionStore.Presence presence = node.store.exists(id, budget);
            return !presence.there() && !presence.ended();
        } catch (StoreUnavailableException e) {
            node.log.warn("HF-213", () -> "A session could not be looked up: " + e.getMessage(), e);
            return false;
        }
    }

    /** A session that is held here has this timeout. */
    void knowsTimeout(int maxInactiveSeconds) {
        node.tombstones.knows(maxInactiveSeconds);
    }

    /** A copy owes nothing any more. */
    void paid(Owed.Debt debt) {
        node.backlog.paid(debt);
    }

    /** A copy has a value that no request answers for. */
    void unowned(NearCopy copy, String field) {
        if (!copy.isOrphan()) {
            node.backlog.unowned(copy);
        } else if (!copy.isOver()) {
            node.backlog.unownedByOrphan(copy, field);
        }
    }

    /** A session has ended here. */
    void ended(NearCopy copy) {
        node.backlog.ended(copy);
    }

    /**
     * Rule 10: lets the end of an answer wait.
     *
     * @return false if too many wait already, and the answer must not be ended
     */
    boolean awaitOldTrust(SessionId id, long until) {
        if (!node.mayWait(id)) {
            return false;
        }
        try {
            node.counters.waits.increment();
            node.ticker.await(until);
            return true;
        } finally {
            node.waits.leave(id);
        }
    }

    void refused(String code, String message, @Nullable Throwable cause) {
        node.counters.refused.increment();
        node.log.warn(code, () -> message, cause instanceof UnencodableAttributeException ? null : cause);
    }

    void reportUnreadable(SessionId id, String field, UnreadableAttributeException e) {
        node.reportUnreadable(id, field, e);
    }

    /** A value that found no room in this JVM is as good as it was, and must not read as absent: it would be overwritten. */
    SessionRefusedException refuseForLackOfMemory(SessionId id, String field, OutOfMemoryError e) {
        String message = "Attribute \"" + Shown.text(Fields.shown(field)) + "\" of session " + id
                + " does not fit into the memory that is left. The response is 503; see the heap of this node.";
        return node.refuseSaying(node.currentScope(), message, e);
    }
}
