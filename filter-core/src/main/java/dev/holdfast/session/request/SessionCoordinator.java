package dev.holdfast.session.request;

import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.Base;
import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.LocalSession;
import dev.holdfast.session.LocalSessions;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ChangeFinder;
import dev.holdfast.session.commit.CommitServices;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.commit.ShardCall;
import dev.holdfast.session.copy.CopiesBound;
import dev.holdfast.session.copy.CopyEvents;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.expiry.ExpirySweeper;
import dev.holdfast.session.expiry.TouchBatcher;
import dev.holdfast.session.outage.CopyRescue;
import dev.holdfast.session.outage.OutagePolicy;
import dev.holdfast.session.outage.WriteBacklog;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.recovery.ShardRecovery;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one application on one node, as the container sees it: requests begin, sessions are created, change
 * their id and end, and once a second the background work is done. Loading, saving and ending are parts of their own.
 *
 * <p><b>Implementation note.</b> A session has at most one serving {@link NearCopy} per node. Loads and commits of it
 * go one at a time, under its slot. A state of the store that differs from a copy's base is merged under it if no
 * request inside has used what changed; else the copy is dropped, and each request that was inside is refused if
 * anything it did is not in the store. Who holds a slot waits for no other one, so there is no order between slots;
 * rounds that save several sessions together take only slots that are free.
 */
public final class SessionCoordinator {
    /** A request that took longer has used its session until its end, not only when it began. */
    private static final long LONG_REQUEST = TimeUnit.SECONDS.toNanos(1);

    /** So long a start waits for others that settle the store with it. */
    private static final long START = TimeUnit.SECONDS.toNanos(2);

    private static final long START_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);

    private final ProtocolContext context;
    private final Membership membership;
    private final ClientWaits waits;
    private final ShardRecovery settling;
    private final WriteBacklog backlog;
    private final OutagePolicy outage;
    private final SessionLoader loading;
    private final RequestCommitter saving;
    private final SessionEnder ending;
    private final ExpirySweeper expiring;
    private final TouchBatcher touches;
    private final RequestQueue turns;
    private final CopiesBound bound;
    private final InvalidationListener listener;

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

    public SessionCoordinator(
            SessionStore store,
            Membership membership,
            AttributeCodec codec,
            LocalSessions sessions,
            SessionOptions options,
            ClientWaits waits,
            Ticker ticker,
            Rules rules) {
        // From the bottom to the top: each gets what stands above it here.
        this.membership = membership;
        this.waits = waits;
        this.context = ProtocolContext.of(
                store,
                codec,
                sessions,
                membership.incarnation(),
                membership::isAlone,
                options,
                ticker,
                rules,
                new ToBacklog());
        this.turns = new RequestQueue(options, ticker, context.counters(), waits);
        ConflictMerger merging = new ConflictMerger(context, membership::routeOf);
        CommitServices commits = new CommitServices(context, new ChangeFinder(context), this::keepsUnsaved);
        CopyRescue salvage = new CopyRescue(context);
        this.backlog = new WriteBacklog(context, commits, merging, salvage);
        this.outage = new OutagePolicy(context, backlog, salvage);
        this.settling = new ShardRecovery(context, membership, salvage);
        this.touches = new TouchBatcher(store, ticker, context.ended(), context.shards());
        this.expiring = new ExpirySweeper(context, touches);
        this.bound = new CopiesBound(context, touches::isQueued);
        this.ending = new SessionEnder(context, outage, backlog, expiring::tellLater);
        this.listener = new InvalidationListener(context, ending.inDoubt(), expiring);
        this.saving = new RequestCommitter(commits, merging, outage, salvage);
        this.loading =
                new SessionLoader(context, expiring, merging, saving, outage, backlog, salvage, settling::isTelling);
        store.onOtherPrimary(context.shards()::otherPrimary);
        store.onOtherPrimary(expiring::otherPrimary);
        store.onOtherPrimary(settling::otherPrimary);
        store.onBack(backlog::storeIsBack);
    }

    /** What copies tell is the backlog's to hear, which is made behind them. */
    private final class ToBacklog implements CopyEvents {
        @Override
        public void dropped(NearCopy copy) {
            backlog.dropped(copy);
        }

        @Override
        public void ended(NearCopy copy) {
            backlog.ended(copy);
        }

        @Override
        public void paid(PendingWrites.Debt debt) {
            backlog.paid(debt);
        }

        @Override
        public void unowned(NearCopy copy, String field) {
            backlog.unowned(copy, field);
        }
    }

    private boolean keepsUnsaved(RequestUse request) {
        return outage.keepsUnsaved(request);
    }

    public ProtocolContext context() {
        return context;
    }

    /**
     * Looks at all that this application has in the store, so that no request has to find out what was lost. To be
     * called once, before the first request; where the store does not answer, the first {@link #tick} that it answers
     * does it. Where others start at an empty store, too, each waits for what the other has to tell, a moment: else
     * their first requests would be refused until the next tick of both.
     */
    public void start() {
        settling.lookAtAll();
        look();
        settle();
        long end = context.ticker().nanos() + START;
        while (settling.isWaitingForOthers() && context.ticker().nanos() - end < 0) {
            context.ticker().await(context.ticker().nanos() + START_PAUSE);
            settle();
        }
    }

    private void look() {
        Membership.Beat beat = membership.beat(context.shards().unsettled());
        if (beat == Membership.Beat.UNKNOWN) {
            // It was taken for dead, or stood still for long: all that it holds is to be asked for again. Marks are its
            // own, so this only comes on top.
            context.shards().otherPrimary();
        }
        settling.look(beat);
    }

    private void settle() {
        if (settling.settle()) {
            expiring.otherPrimary(); // uses were lost, too
        }
    }

    /** Whether {@link #saveOwed} has anything to do. */
    public boolean isOwing() {
        return backlog.hasWork() || context.shards().unsettled() != 0 || settling.isTelling();
    }

    /**
     * Begins a request. Costs no round trip.
     *
     * @param presented the epoch cookie; null if there is none or one that cannot be read
     * @param owner what the container wants to find again with {@link RequestScope#owner}
     */
    public RequestScope begin(@Nullable Epoch presented, Object owner) {
        return new RequestScope(
                this,
                presented,
                owner,
                new WaitBudget(context.options().timeout()),
                context.ticker().nanos());
    }

    /**
     * How many sessions have changes in this node's memory that were acknowledged while the store was away, and are not
     * saved yet.
     */
    public int atRisk() {
        return backlog.owing();
    }

    /** How often each branch of the protocol was taken. */
    public SessionCounters counters() {
        return context.counters();
    }

    long ago(long millis) {
        return context.ticker().nanos() - TimeUnit.MILLISECONDS.toNanos(millis);
    }

    Lookup find(RequestScope scope, SessionId id, boolean mayAsk) {
        RequestQueue.Entry turn = turns.enter(scope.turns(), scope.budget(), id, mayAsk);
        if (turn == RequestQueue.Entry.BUSY || turn == RequestQueue.Entry.CROWDED) {
            return mayAsk ? Lookup.unavailable(turns.refused(turn, scope.budget(), id)) : Lookup.NOT_ASKED;
        }
        boolean found = false;
        try {
            Lookup lookup = loading.find(scope, id, mayAsk);
            found = lookup.found() == Lookup.Found.FOUND;
            return lookup;
        } finally {
            if (!found && turn == RequestQueue.Entry.TAKEN) {
                turns.leave(scope.turns(), id);
            }
        }
    }

    void save(RequestScope scope, RequestUse request) {
        saving.save(scope, request, true);
    }

    /**
     * A new session; it reaches the store with the first commit of a request that uses it.
     *
     * @param scope of the request that creates it, null if none is known
     */
    public SessionAccess create(@Nullable RequestScope scope, SessionId id, LocalSession local) {
        NearCopy copy = new NearCopy(context, id);
        Epoch born = Epoch.fresh(context.owner());
        copy.create(local, born, !context.options().roaming(), context.ticker().nanos());
        context.copies().put(copy);
        if (scope != null) {
            turns.enter(scope.turns(), scope.budget(), id, false);
            adopt(scope, copy);
        }
        return copy.access();
    }

    void adopt(RequestScope scope, NearCopy copy) {
        RequestUse request = new RequestUse(copy, scope.began());
        Epoch epoch = copy.trust().epoch();
        if (copy.stored().base().equals(Base.NONE)) {
            request.admit(epoch, copy.trust().takeBorn() ? epoch : Epoch.fresh(context.owner()));
        } else if (copy.trusts(scope.presented())) {
            request.admit(epoch, null);
        } else {
            request.admit(null, Epoch.fresh(context.owner()));
            request.movedAt(context.ticker().nanos());
        }
        LocalSession local = copy.local();
        boolean justMade = copy.stored().base().equals(Base.NONE)
                && local != null
                && local.fields().isEmpty();
        if (!justMade) {
            // What was read before this request was known to use the session is on no list: all of it may have changed
            // in place.
            request.usedAll();
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
    public void changeId(SessionAccess session, SessionId newId) {
        NearCopy copy = NearCopy.of(session);
        if (newId.shard() != copy.id().shard()) {
            throw new IllegalArgumentException(
                    "Session " + copy.id() + " cannot become " + newId + ": a session id keeps its first two digits");
        }
        RequestContext scope = RequestContext.currentOf(context);
        requireNewIdPossible(scope, copy);
        WaitBudget budget = scope != null
                ? scope.budget()
                : new WaitBudget(context.options().timeout());
        // Under the slot, so that no commit is under way that does not know of it.
        if (!context.acquire(copy.slot, budget)) {
            throw noNewId(scope, copy, context.busy(copy.id(), budget));
        }
        try {
            requireNewIdPossible(scope, copy); // a commit that this waited for may have ended at risk
            if (scope != null) {
                turns.alsoFor(scope.turns(), copy.id(), newId);
            }
            context.copies().changeId(copy, newId);
        } finally {
            copy.slot.release();
        }
    }

    private void requireNewIdPossible(@Nullable RequestContext scope, NearCopy copy) {
        StoreUnavailableException away = outage.whyNoNewId(copy);
        if (away == null
                && copy.mayBeStored()
                && context.shards().isUnsettled(copy.id().shard())) {
            // Under another id its commit could not be kept, and the copy may be all there is.
            away = ShardCall.unsettled(copy.stored().id().shard());
        }
        if (away != null) {
            throw noNewId(scope, copy, away);
        }
    }

    private SessionRefusedException noNewId(
            @Nullable RequestContext scope, NearCopy copy, StoreUnavailableException why) {
        return RequestContext.refuse(
                context, scope, "Session " + copy.id() + " cannot change its id: " + why.getMessage(), why);
    }

    /**
     * Ends a session for good, in the store first: when this returns, no node brings it back. Does nothing if it has
     * ended here already.
     *
     * @return false if another request or node has ended it before, and tells the listeners
     * @throws SessionRefusedException if the store cannot be told; the session then lives on
     */
    public boolean end(SessionAccess session) {
        return ending.end(NearCopy.of(session));
    }

    /** At the end of a request: its headers have left, or everything is saved. */
    void saveLate(RequestScope scope, RequestUse request) {
        // An epoch that moved after the headers had left is none of this request's business unless it used the session
        // since.
        if (saving.save(scope, request, request.usedSinceSave())) {
            context.counters().lateCommits.increment();
        }
    }

    /** The request was refused and is over. */
    void abandon(RequestUse request, @Nullable SessionRefusedException refusal) {
        outage.afterRefusal(
                request, refusal != null && refusal.reason() instanceof StoreUnavailableException e ? e : null);
    }

    /** The request was refused, and what it left could not be looked at: nothing of the copy is committed any more. */
    void orphan(RequestUse request) {
        try {
            context.copies().drop(request.copy());
        } catch (RuntimeException | Error e) {
            // The application's, which hears of it last: the copy is out of the maps.
        }
    }

    /** Ends a request's hold on a session; a use that no call has told the store is told with the next batch. */
    void close(RequestUse request) {
        NearCopy copy = request.copy();
        long now = context.ticker().nanos();
        copy.admission().usedAt(now);
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
     * Renews this node's entry in the registry, asks the ended logs, sends the touches (also for requests that last),
     * forgets copies that other nodes have taken over. To be called once a second by one thread; what fails is tried
     * again with the next call.
     */
    public void tick() {
        look();
        boolean[] followed = new boolean[SessionId.SHARDS];
        context.copies().all().forEach(copy -> followed[copy.id().shard()] = true);
        try {
            ending.inDoubt().follow(followed);
            context.ended().ask(shard -> followed[shard], (shard, entry) -> listener.heard(entry));
        } finally {
            ending.inDoubt().forgetOld(context.ticker().nanos());
            touchLongRequests();
            flushTouches();
            listener.forgetStale();
            bound.drop();
            backlog.tellIfPaid();
        }
    }

    /**
     * Settles what the store has lost, tells another primary of ends, and saves what an outage left and what no request
     * answers for, as long as that gets on; does nothing while the store is away or another call is at it. To be called
     * when the store answers again and behind each {@link #tick}, as long as it {@link #isOwing}, on a thread of this
     * application's own and with its class loader in place: attributes are encoded, and the application's code that
     * writes them may take as long as it likes.
     */
    public void saveOwed() {
        do {
            if (context.shards().unsettled() != 0) {
                settle();
            }
            settling.tellOtherPrimary();
        } while (backlog.saveAll(turns));
    }

    /** A session is in use as long as a request is inside, whoever holds it. */
    private void touchLongRequests() {
        long now = context.ticker().nanos();
        for (NearCopy copy : context.copies().all()) {
            boolean stored =
                    !copy.stored().base().equals(Base.NONE); // or the touch would find nothing, and the copy be dropped
            if (stored && copy.isServing() && copy.admission().isOpenSince(now - LONG_REQUEST)) {
                touches.note(copy, now);
            }
        }
    }

    private void flushTouches() {
        try {
            context.counters().touches.add(touches.flush(listener::touchedGone));
        } catch (StoreUnavailableException e) {
            context.log()
                    .warn(
                            "HF-211",
                            () -> "Uses of sessions cannot be told to the store, they are kept and told later: "
                                    + e.getMessage(),
                            e);
        }
    }

    /**
     * Ends the sessions that are held here and were idle for max inactive, and those that nobody ended in time, and
     * tells their listeners on the calling thread. To be called every ten seconds or so, with the application's class
     * loader in place.
     */
    public void expireIdle() {
        expiring.sweep();
    }

    /** The container's objects of all sessions in memory here. */
    public List<LocalSession> sessions() {
        List<LocalSession> sessions = new ArrayList<>();
        for (NearCopy copy : context.copies().all()) {
            LocalSession local = copy.local();
            if (local != null) {
                sessions.add(local);
            }
        }
        return sessions;
    }

    /** Whether a session of this id is served from here. */
    public boolean isServing(String id) {
        return context.copies().all().stream()
                .anyMatch(copy -> copy.isServing() && copy.id().value().equals(id));
    }

    /** All copies here, for whoever looks into the protocol. */
    public List<NearCopy> copies() {
        return context.copies().all();
    }

    /**
     * Tells the store what is still to be told and forgets all copies; no session ends. A listener that runs is waited
     * for, a while. To be called with the application's class loader in place.
     */
    public void stop() {
        expiring.stop();
        backlog.stop(turns);
        try {
            touches.flushAll();
        } catch (StoreUnavailableException e) {
            context.log()
                    .warn(
                            "HF-211",
                            () -> "The last uses of sessions could not be told to the store: " + e.getMessage(),
                            e);
        }
        context.copies().clear();
    }

    /**
     * A stand-in for a session that the store has and this node does not hold: good for ending it, and for nothing
     * else.
     */
    public SessionAccess unheld(SessionId id, LocalSession local) {
        NearCopy copy = new NearCopy(context, id);
        copy.standIn(local);
        return copy.access();
    }

    /**
     * Whether the store has this session; null if it does not say, or has lost data and may get the session back. For
     * look-ups outside a request.
     */
    public @Nullable Boolean exists(SessionId id) {
        NearCopy copy = context.copies().get(id);
        if (copy != null && copy.isServing()) {
            return true;
        }
        int shard = id.shard();
        if (context.shards().isUnsettled(shard)) {
            return null;
        }
        try {
            SessionStore.Presence presence =
                    context.store().exists(id, new WaitBudget(context.options().timeout()));
            if (presence.there()) {
                return true;
            }
            context.shards().foundWithout(shard, presence.generation());
            return context.shards().isUnsettled(shard) ? null : false;
        } catch (StoreUnavailableException e) {
            context.log().warn("HF-213", () -> "A session could not be looked up: " + e.getMessage(), e);
            return null;
        }
    }

    /**
     * Whether a session of this application may be created under an id that was made for another application's: none is
     * there, and none has ended under it, as far as the store says. For an id that no client can have chosen.
     */
    boolean mayCreate(SessionId id, WaitBudget budget) {
        if (context.copies().get(id) != null
                || context.tombstones().contains(id)
                || context.shards().isUnsettled(id.shard())) {
            return false;
        }
        try {
            SessionStore.Presence presence = context.store().exists(id, budget);
            return !presence.there() && !presence.ended();
        } catch (StoreUnavailableException e) {
            context.log().warn("HF-213", () -> "A session could not be looked up: " + e.getMessage(), e);
            return false;
        }
    }

    /**
     * Rule 10: lets the end of an answer wait.
     *
     * @return false if too many wait already, and the answer must not be ended
     */
    boolean awaitOldTrust(SessionId id, long until) {
        if (!waits.enter(id, context.options().requestThreads().getAsInt())) {
            return false;
        }
        try {
            context.counters().waits.increment();
            context.ticker().await(until);
            return true;
        } finally {
            waits.leave(id);
        }
    }
}
