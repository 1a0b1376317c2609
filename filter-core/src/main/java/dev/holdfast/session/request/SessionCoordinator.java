package dev.holdfast.session.request;

import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ChangeFinder;
import dev.holdfast.session.commit.CommitServices;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.copy.CopiesBound;
import dev.holdfast.session.copy.CopyEvents;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.expiry.ExpiryClaims;
import dev.holdfast.session.expiry.ExpiryNotifier;
import dev.holdfast.session.expiry.ExpirySweeper;
import dev.holdfast.session.expiry.ReachedPrimaries;
import dev.holdfast.session.expiry.TouchBatcher;
import dev.holdfast.session.outage.BacklogSaver;
import dev.holdfast.session.outage.CopyRescue;
import dev.holdfast.session.outage.OutagePolicy;
import dev.holdfast.session.outage.WriteBacklog;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.recovery.ShardRecovery;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one application on one node, as the container sees it: requests begin, sessions are created, change
 * their id and end, and once a second the background work is done. Loading, saving and ending are parts of their own.
 *
 * <p><b>Implementation note.</b> A session has at most one serving {@link NearCopy} per node. Loads and commits of it
 * go one at a time, under its lock. A state of the store that differs from a copy's base is merged under it if no
 * request inside has used what changed; else the copy is dropped, and each request that was inside is refused if
 * anything it did is not in the store. Who holds the lock of a copy waits for that of no other, so there is no
 * order between them; rounds that save several sessions together take only those that are free.
 */
public final class SessionCoordinator {
    private final ProtocolContext context;
    private final WriteBacklog backlog;
    private final SessionEnder ending;
    private final IdChange idChange;
    private final ExistenceCheck existence;
    private final ExpirySweeper expiring;
    private final RequestLifecycle requests;
    private final Maintenance maintenance;

    /**
     * @param store where the sessions are kept
     * @param membership of this node among those that serve the application
     * @param sessions makes the container's objects
     * @param waits of all applications of this server
     * @param rules all of them, but for a test that takes one away
     */
    public SessionCoordinator(
            SessionStore store,
            Membership membership,
            AttributeCodec codec,
            ContainerSessions sessions,
            SessionOptions options,
            ClientWaits waits,
            Ticker ticker,
            Rules rules) {
        // From the bottom to the top: each gets what stands above it here.
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
        RequestQueue turns = new RequestQueue(options, ticker, context.counters(), waits);
        ConflictMerger merging = new ConflictMerger(context, membership::routeOf);
        CopyRescue salvage = new CopyRescue(context);
        this.backlog = new WriteBacklog(context);
        OutagePolicy outage = new OutagePolicy(context, backlog, salvage);
        CommitServices commits = new CommitServices(context, new ChangeFinder(context, waits), outage::keepsUnsaved);
        BacklogSaver saver = new BacklogSaver(context, backlog, commits, merging, salvage);
        ShardRecovery settling = new ShardRecovery(context, membership, salvage);
        TouchBatcher touches = new TouchBatcher(context);
        ReachedPrimaries reached = new ReachedPrimaries(context);
        ExpiryClaims claims = new ExpiryClaims(context);
        ExpiryNotifier notifier = new ExpiryNotifier(context, claims);
        this.expiring = new ExpirySweeper(context, touches, claims, notifier, reached);
        this.ending = new SessionEnder(context, outage, saver, notifier::tellLater);
        this.idChange = new IdChange(context, turns, outage);
        this.existence = new ExistenceCheck(context);
        RequestCommitter saving = new RequestCommitter(commits, merging, outage, salvage);
        SessionLoader loading = new SessionLoader(
                context, expiring, notifier, merging, saving, outage, saver, salvage, settling::isTelling);
        this.requests = new RequestLifecycle(context, turns, loading, saving, outage, touches, waits);
        this.maintenance = new Maintenance(
                context,
                membership,
                turns,
                backlog,
                saver,
                settling,
                touches,
                expiring,
                reached,
                new CopiesBound(context, touches::isQueued),
                ending.inDoubt(),
                new InvalidationListener(context, ending.inDoubt(), claims, notifier));
        store.onOtherPrimary(context.shards()::otherPrimary);
        store.onOtherPrimary(reached::otherPrimary);
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
        public void paid(PendingWrites.Cleared cleared) {
            backlog.paid(cleared);
        }

        @Override
        public void unowned(NearCopy copy, String field) {
            backlog.unowned(copy, field);
        }
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
        maintenance.start();
    }

    /** Whether {@link #saveOwed} has anything to do. */
    public boolean isOwing() {
        return maintenance.isOwing();
    }

    /**
     * Begins a request. Costs no round trip.
     *
     * @param presented the epoch cookie; null if there is none or one that cannot be read
     * @param owner what the container wants to find again with {@link RequestScope#owner}; its text is the request's
     *     method and path
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

    /** Which attributes of which classes could not be stored and stay on this node. */
    public List<String> localKinds() {
        return context.local().kinds();
    }

    /** How often each branch of the protocol was taken. */
    public SessionCounters counters() {
        return context.counters();
    }

    /** What a request does with its sessions. */
    RequestLifecycle requests() {
        return requests;
    }

    /**
     * A new session; it reaches the store with the first commit of a request that uses it.
     *
     * @param scope of the request that creates it, null if none is known
     */
    public SessionAccess create(@Nullable RequestScope scope, SessionId id, ContainerSession local) {
        NearCopy copy = new NearCopy(context, id);
        Epoch born = Epoch.fresh(context.owner());
        copy.create(local, born, !context.options().roaming(), context.ticker().nanos());
        context.copies().put(copy);
        if (scope != null) {
            requests.created(scope, copy);
        }
        return copy.access();
    }

    /**
     * Changes the public id of a session; the store learns of it with the next commit of a request that uses it.
     *
     * @throws IllegalArgumentException if the new id is in another shard
     * @throws SessionRefusedException if a neighbour's call to the store takes longer than this request may wait
     */
    public void changeId(SessionAccess session, SessionId newId) {
        idChange.change(NearCopy.of(session), newId);
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

    /**
     * Renews this node's entry in the registry, asks the ended logs, sends the touches (also for requests that last),
     * forgets copies that other nodes have taken over. To be called once a second by one thread; what fails is tried
     * again with the next call.
     */
    public void tick() {
        maintenance.tick();
    }

    /**
     * Settles what the store has lost, tells another primary of ends, and saves what an outage left and what no request
     * answers for, as long as that gets on; does nothing while the store is away or another call is at it. To be called
     * when the store answers again and behind each {@link #tick}, as long as it {@link #isOwing}, on a thread of this
     * application's own and with its class loader in place: attributes are encoded, and the application's code that
     * writes them may take as long as it likes.
     */
    public void saveOwed() {
        maintenance.saveOwed();
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
    public List<ContainerSession> sessions() {
        return context.copies().all().stream()
                .flatMap(copy -> Stream.ofNullable(copy.local()))
                .toList();
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
        maintenance.stop();
    }

    /**
     * A stand-in for a session that the store has and this node does not hold: good for ending it, and for nothing
     * else.
     */
    public SessionAccess unheld(SessionId id, ContainerSession local) {
        NearCopy copy = new NearCopy(context, id);
        copy.standIn(local);
        return copy.access();
    }

    /**
     * Whether the store has this session; null if it does not say, or has lost data and may get the session back. For
     * look-ups outside a request.
     */
    public @Nullable Boolean exists(SessionId id) {
        return existence.exists(id);
    }

    boolean mayCreate(SessionId id, WaitBudget budget) {
        return existence.mayCreate(id, budget);
    }
}
