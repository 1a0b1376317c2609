package dev.holdfast.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of one application on one node: the only class that decides by version, stamp and epoch.
 *
 * <p><b>Implementation note.</b> A session has at most one serving {@link NearCopy} per node. Loads and commits of it go one at a time,
 * under its slot. A state of the store that differs from a copy's base is taken over only while no other request is inside the copy;
 * else the copy is dropped, and each request that was inside is refused if anything it did is not in the store. So no request ever commits
 * on a base that it has not seen: that would overwrite what another node acknowledged in between. No slot is held while two sessions are
 * worked on, so there is no order between slots.
 */
public final class SessionCoordinator {
    private static final long MILLI = 1_000_000L;
    /** A request that took longer has used its session until its end, not only when it began. */
    private static final long LONG_REQUEST = TimeUnit.SECONDS.toNanos(1);

    /** A copy that another node has taken over is kept this long, in case the browser comes back. */
    private static final long STALE_KEEP = TimeUnit.SECONDS.toNanos(30);

    private final SessionStore store;
    private final AttributeCodec codec;
    private final LocalSessions sessions;
    private final String holder;
    private final boolean roaming;
    private final Duration timeout;
    private final Ticker ticker;

    private final SessionCounters counters = new SessionCounters();
    private final QuietLog log;
    private final EndedLog ended;
    private final TouchBatcher touches;
    private final Map<String, NearCopy> copies = new ConcurrentHashMap<>();
    /** Ids that a request of this node has changed and not committed yet: nobody finds a session under them here. */
    private final Map<String, NearCopy> movedAway = new ConcurrentHashMap<>();

    private final Set<String> reported = ConcurrentHashMap.newKeySet();

    /**
     * @param route this node's name in the affinity cookie
     * @param roaming true to serve without trust in a copy: a balancer that does not follow a cookie
     * @param timeout how long one request may wait for the store in all
     */
    public SessionCoordinator(
            SessionStore store,
            AttributeCodec codec,
            LocalSessions sessions,
            String route,
            boolean roaming,
            Duration timeout,
            Ticker ticker) {
        this.store = store;
        this.codec = codec;
        this.sessions = sessions;
        this.holder = roaming ? "" : route;
        this.roaming = roaming;
        this.timeout = timeout;
        this.ticker = ticker;
        this.log = new QuietLog(ticker);
        this.ended = new EndedLog(store, ticker, counters);
        this.touches = new TouchBatcher(store, ticker, ended);
        store.onOtherPrimary(ended::otherPrimary);
    }

    /**
     * Begins a request. Costs no round trip.
     *
     * @param presented the epoch cookie; null if there is none or one that cannot be read
     * @param owner what the container wants to find again with {@link RequestScope#owner}
     */
    public RequestScope begin(@Nullable Epoch presented, Object owner) {
        return new RequestScope(this, presented, owner, new WaitBudget(timeout), ticker.nanos());
    }

    /** How often each branch of the protocol was taken. */
    public SessionCounters counters() {
        return counters;
    }

    AttributeCodec codec() {
        return codec;
    }

    @Nullable
    RequestSession currentRequest(NearCopy copy) {
        RequestScope scope = RequestScope.current();
        return scope != null && scope.belongsTo(this) ? scope.sessionOf(copy) : null;
    }

    // ---- load (rules 1, 2, 3, 12)

    Lookup find(RequestScope scope, SessionId id, boolean mayAsk) {
        while (true) {
            NearCopy away = movedAway.get(id.value());
            if (away != null) {
                if (away.isServing()) {
                    return Lookup.NONE;
                }
                movedAway.remove(id.value(), away);
            }
            NearCopy copy = copies.get(id.value());
            if (copy != null) {
                LocalSession trusted = openTrusted(scope, copy);
                if (trusted != null) {
                    return Lookup.of(trusted);
                }
            }
            if (!mayAsk) {
                return Lookup.NOT_ASKED;
            }
            NearCopy asked = copy != null ? copy : copies.computeIfAbsent(id.value(), v -> new NearCopy(this, id));
            Lookup lookup = ask(scope, id, asked);
            if (lookup != null) {
                return lookup;
            }
        }
    }

    /** Null if the copy was dropped, ended or renamed meanwhile: the look-up begins anew. */
    private @Nullable Lookup ask(RequestScope scope, SessionId id, NearCopy asked) {
        long loadsSeen = asked.loadsSent();
        if (!acquire(asked.slot, scope.budget())) {
            return Lookup.unavailable(busy(id, scope.budget()));
        }
        try {
            if (copies.get(id.value()) != asked) {
                return null;
            }
            LocalSession trusted = openTrusted(scope, asked);
            return trusted != null ? Lookup.of(trusted) : openShared(scope, asked, loadsSeen);
        } catch (StoreUnavailableException e) {
            return Lookup.unavailable(e);
        } catch (RuntimeException e) {
            drop(asked); // whatever it holds now is half of something
            throw e;
        } finally {
            asked.slot.release();
            if (asked.local() == null) {
                copies.remove(id.value(), asked);
            }
        }
    }

    private @Nullable LocalSession openTrusted(RequestScope scope, NearCopy copy) {
        if (roaming || !copy.trusts(scope.presented(), ended, ticker.nanos())) {
            return null;
        }
        RequestSession request = new RequestSession(copy, scope.began());
        request.admit(scope.presented(), null);
        if (!copy.open(request)) {
            return null;
        }
        scope.add(request);
        counters.trusted.increment();
        return copy.local();
    }

    private @Nullable Lookup openShared(RequestScope scope, NearCopy copy, long loadsSeen) {
        RequestSession request = new RequestSession(copy, scope.began());
        Epoch epoch = copy.epoch();
        if (epoch != null && copy.loadedSince(loadsSeen) && copy.open(request)) {
            // One load serves all that had arrived when it was sent; its epoch stands in one answer only (rule 3).
            boolean mine = !epoch.hasHolder() || epoch.route().equals(holder);
            request.admit(mine ? epoch : null, roaming && !epoch.hasHolder() ? epoch : Epoch.fresh(holder));
            request.movedAt(ticker.nanos());
            scope.add(request);
            counters.sharedLoads.increment();
            LocalSession local = copy.local();
            return local == null ? Lookup.NONE : Lookup.of(local);
        }
        LocalSession local = copy.local();
        if (local != null && isIdle(copy, local)) {
            if (expire(copy)) {
                return Lookup.NONE;
            }
            if (!copy.isServing()) {
                return null;
            }
        }
        return load(scope, copy, request);
    }

    /** Under the slot. Null if the copy was dropped meanwhile. */
    private @Nullable Lookup load(RequestScope scope, NearCopy copy, RequestSession request) {
        int shard = copy.storedId().shard();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            boolean mustMove = copy.mustMove(sent.era());
            copy.sending(sent);
            Epoch fresh = Epoch.fresh(holder);
            Base known = copy.local() == null ? null : copy.base();
            long number = copy.sendLoad();
            counters.loads.increment();
            SessionStore.LoadReply reply = store.load(
                    new SessionStore.Load(
                            copy.storedId(),
                            sent.generation(),
                            mustMove ? null : scope.presented(),
                            fresh,
                            known,
                            age(scope.began())),
                    scope.budget());
            switch (reply.outcome()) {
                case OTHER_GENERATION -> {
                    ended.otherGeneration(shard, reply.tail().generation());
                    if (attempt > 0) {
                        throw unsettled(copy);
                    }
                }
                case GONE, MISMATCH -> {
                    ended.heard(shard, sent, reply.tail());
                    drop(copy);
                    return Lookup.NONE;
                }
                case OK -> {
                    long era = ended.heard(shard, sent, reply.tail());
                    return install(scope, copy, request, reply, fresh, era, number);
                }
            }
        }
    }

    private @Nullable Lookup install(
            RequestScope scope,
            NearCopy copy,
            RequestSession request,
            SessionStore.LoadReply reply,
            Epoch fresh,
            long era,
            long number) {
        Epoch epoch = reply.epoch();
        LocalSession local = copy.local();
        SessionSnapshot snapshot = reply.snapshot();
        if (epoch == null || (snapshot == null && local == null)) {
            throw new IllegalStateException("The store left out a part of a session that it has loaded");
        }
        if (local != null && !copy.isServing()) {
            forget(copy); // dropped while the load was under way
            return null;
        }
        if (snapshot != null && local != null && !copy.beginRefresh(request)) {
            // Another request is inside and has used the state that is now old: it goes on with an orphan.
            counters.mismatches.increment();
            log.warn(
                    "HF-202",
                    () -> "Session " + copy.id()
                            + " was changed by another node while requests on this node were using it; "
                            + "those of them that changed it are answered 503.",
                    null);
            drop(copy);
            return null;
        }
        if (snapshot != null) {
            copy.install(snapshot);
            if (local == null) {
                local = sessions.restore(copy.id(), copy, snapshot, reply.sinceUseMillis());
            } else {
                local.refresh(snapshot, reply.sinceUseMillis());
            }
        }
        if (local == null) {
            throw new IllegalStateException("The container made no session");
        }
        copy.acknowledged(
                epoch, reply.confirmed(), era, LogEntry.sequenceOf(reply.tail().newestEntry()), request.began());
        copy.serve(local);
        admit(scope, request, reply, epoch.equals(fresh));
        if (!copy.open(request)) {
            local.forgotten(); // an end was heard meanwhile
            forget(copy);
            return null;
        }
        copy.loadDone(number);
        scope.add(request);
        return Lookup.of(local);
    }

    private void admit(RequestScope scope, RequestSession request, SessionStore.LoadReply reply, boolean moved) {
        Epoch epoch = reply.epoch();
        if (moved) {
            counters.takeovers.increment();
            request.admit(epoch, epoch);
            request.movedAt(ticker.nanos());
        } else if (reply.confirmed() || (epoch != null && !epoch.hasHolder())) {
            request.admit(epoch, epoch != null && epoch.equals(scope.presented()) ? null : epoch);
        } else {
            // A load that could only read (Redis is out of memory): the epoch is another's, so a commit must move it.
            request.admit(null, null);
        }
    }

    // ---- sessions that begin, change their id, or end here

    /**
     * A new session; it reaches the store with the first commit of a request that uses it.
     *
     * @param scope of the request that creates it, null if none is known
     */
    public NearCopy create(@Nullable RequestScope scope, SessionId id, LocalSession local) {
        NearCopy copy = new NearCopy(this, id);
        Epoch born = Epoch.fresh(holder);
        copy.create(local, born, !roaming, ticker.nanos());
        copies.put(id.value(), copy);
        if (scope != null) {
            adopt(scope, copy);
        }
        return copy;
    }

    void adopt(RequestScope scope, NearCopy copy) {
        RequestSession request = new RequestSession(copy, scope.began());
        Epoch epoch = copy.epoch();
        if (copy.base().equals(Base.NONE)) {
            request.admit(epoch, copy.takeBorn() ? epoch : Epoch.fresh(holder));
        } else if (copy.trusts(scope.presented(), ended, ticker.nanos())) {
            request.admit(epoch, null);
        } else {
            request.admit(null, Epoch.fresh(holder));
            request.movedAt(ticker.nanos());
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
        RequestScope scope = currentScope();
        WaitBudget budget = scope != null ? scope.budget() : new WaitBudget(timeout);
        // Under the slot, so that no commit is under way that does not know of it.
        if (!acquire(copy.slot, budget)) {
            throw refuse(scope, "Session " + copy.id() + " cannot change its id: ", busy(copy.id(), budget));
        }
        try {
            SessionId old = copy.id();
            if (copy.isServing()) {
                if (!copy.base().equals(Base.NONE) && old.equals(copy.storedId())) {
                    movedAway.put(old.value(), copy);
                }
                copies.remove(old.value(), copy);
            }
            copy.changeId(newId);
            if (copy.isServing()) {
                copies.put(newId.value(), copy);
                if (!copy.isServing()) {
                    forget(copy);
                }
            }
        } finally {
            copy.slot.release();
        }
    }

    /**
     * Ends a session for good, in the store first: when this returns, no node brings it back. Does nothing if it has ended here already.
     *
     * @throws SessionRefusedException if the store cannot be told; the session then lives on
     */
    public void end(NearCopy copy) {
        if (copy.isEnded()) {
            return;
        }
        RequestScope scope = currentScope();
        WaitBudget budget = scope != null ? scope.budget() : new WaitBudget(timeout);
        try {
            if (!acquire(copy.slot, budget)) {
                throw busy(copy.id(), budget);
            }
            try {
                if (copy.isEnded()) {
                    return;
                }
                if (!copy.base().equals(Base.NONE)) {
                    endInStore(copy, null, budget);
                    counters.ended.increment();
                }
                copy.end();
                forget(copy);
            } finally {
                copy.slot.release();
            }
            // The request may have held an orphan: what took its place here has ended, too.
            NearCopy other = copies.get(copy.storedId().value());
            if (other != null) {
                drop(other);
            }
        } catch (StoreUnavailableException e) {
            throw refuse(scope, "Session " + copy.id() + " cannot be ended: ", e);
        }
    }

    private @Nullable RequestScope currentScope() {
        RequestScope scope = RequestScope.current();
        return scope != null && scope.belongsTo(this) ? scope : null;
    }

    private static SessionRefusedException refuse(
            @Nullable RequestScope scope, String what, StoreUnavailableException cause) {
        String message = what + cause.getMessage();
        return scope != null ? scope.refuse(message, cause) : new SessionRefusedException(message, cause);
    }

    private SessionStore.Outcome endInStore(NearCopy copy, @Nullable Epoch onlyIfIdle, WaitBudget budget) {
        int shard = copy.storedId().shard();
        String stamp = RandomToken.next();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            copy.sending(sent);
            SessionStore.EndReply reply = store.end(
                    new SessionStore.End(
                            copy.storedId(), sent.generation(), stamp, copy.savedMaxInactive(), onlyIfIdle),
                    budget);
            if (reply.outcome() != SessionStore.Outcome.OTHER_GENERATION) {
                ended.heard(shard, sent, reply.tail());
                return reply.outcome();
            }
            ended.otherGeneration(shard, reply.tail().generation());
            if (attempt > 0) {
                throw unsettled(copy);
            }
        }
    }

    // ---- commit (rules 4, 5 in its strict form, 6)

    /** @return whether anything was written */
    boolean save(RequestScope scope, RequestSession request, boolean renew) {
        NearCopy copy = request.copy();
        LocalSession local = copy.local();
        if (copy.isEnded() || local == null) {
            return false; // ended by a request of this node: nothing of it is to be kept
        }
        boolean written = false;
        if (copy.isServing()) {
            Base seen = copy.base();
            Changes changes = changes(scope, request, local);
            if (needsCommit(copy, local, changes) || (renew && mustRenew(request))) {
                written = saveUnderSlot(scope, request, local, seen, changes, renew);
            } else {
                copy.clean(changes);
            }
        }
        if (!copy.isServing() && !copy.isEnded()) {
            saveOrphan(scope, request, local);
        }
        request.saved();
        return written;
    }

    private boolean saveUnderSlot(
            RequestScope scope, RequestSession request, LocalSession local, Base seen, Changes changes, boolean renew) {
        NearCopy copy = request.copy();
        if (!acquire(copy.slot, scope.budget())) {
            drop(copy);
            throw refuse(scope, copy, busy(copy.id(), scope.budget()));
        }
        try {
            if (!copy.isServing()) {
                return false;
            }
            // A neighbour's commit in between may have carried some of this, and has moved the base.
            Changes now = copy.base().equals(seen) ? changes : changes(scope, request, local);
            if (needsCommit(copy, local, now)) {
                commit(scope, request, local, now);
                return true;
            }
            if (renew && mustRenew(request)) {
                moveEpoch(scope, request, copy);
            }
            return false;
        } catch (StoreUnavailableException e) {
            throw refuse(scope, copy, e);
        } finally {
            copy.slot.release();
        }
    }

    /** Rule 4: the request has nothing to write, but its browser must not keep an epoch that is no longer the copy's. */
    private static boolean mustRenew(RequestSession request) {
        return request.answer() == null && !isCurrent(request);
    }

    private static boolean isCurrent(RequestSession request) {
        Epoch admitted = request.admitted();
        return admitted == null || admitted.equals(request.copy().epoch());
    }

    private static boolean needsCommit(NearCopy copy, LocalSession local, Changes changes) {
        return copy.base().equals(Base.NONE)
                || !changes.isEmpty()
                || local.maxInactiveSeconds() != copy.savedMaxInactive()
                || !copy.id().equals(copy.storedId());
    }

    private Changes changes(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        try {
            return Changes.of(copy, local, request, codec, copy.base().equals(Base.NONE));
        } catch (UnencodableAttributeException e) {
            drop(copy);
            throw scope.refuse("Session " + copy.id() + " cannot be saved: " + e.getMessage(), e);
        }
    }

    /** Under the slot. */
    private void commit(RequestScope scope, RequestSession request, LocalSession local, Changes changes) {
        NearCopy copy = request.copy();
        boolean create = copy.base().equals(Base.NONE);
        int shard = copy.storedId().shard();
        int maxInactive = local.maxInactiveSeconds();
        String stamp = RandomToken.next();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            boolean mustMove = copy.mustMove(sent.era());
            copy.sending(sent);
            Epoch fresh = Epoch.fresh(holder);
            SessionStore.CommitReply reply;
            try {
                reply = create
                        ? createInStore(scope, request, local, changes, stamp, sent)
                        : commitInStore(scope, request, changes, stamp, sent, mustMove, fresh, maxInactive);
            } catch (StoreUnavailableException e) {
                // What is refused must not become durable with a neighbour's commit.
                drop(copy);
                throw refuse(scope, copy, e);
            }
            switch (reply.outcome()) {
                case OK -> {
                    saved(request, changes, stamp, sent, fresh, reply, maxInactive, create);
                    return;
                }
                case OTHER_GENERATION -> {
                    ended.otherGeneration(shard, reply.tail().generation());
                    if (attempt > 0) {
                        drop(copy);
                        throw refuse(scope, copy, unsettled(copy));
                    }
                }
                case GONE -> {
                    drop(copy);
                    throw scope.refuse(
                            "Session " + copy.id()
                                    + " was ended elsewhere while this request was changing it; the change ("
                                    + names(changes) + ") is not kept.",
                            null);
                }
                case MISMATCH -> {
                    counters.mismatches.increment();
                    drop(copy);
                    throw scope.refuse(
                            "Session " + copy.id() + " was changed by another node while this request was changing it; "
                                    + "the change (" + names(changes) + ") is not kept. The client may try again."
                                    + (reply.repeated()
                                            ? " An earlier attempt went unanswered, it may have been applied."
                                            : ""),
                            null);
                }
            }
        }
    }

    private SessionStore.CommitReply createInStore(
            RequestScope scope,
            RequestSession request,
            LocalSession local,
            Changes changes,
            String stamp,
            EndedLog.Sent sent) {
        NearCopy copy = request.copy();
        Epoch born = copy.epoch();
        if (born == null) {
            throw new IllegalStateException("A session without epoch");
        }
        if (!copy.id().equals(copy.storedId())) {
            copy.renamed(copy.id());
        }
        counters.creates.increment();
        return store.create(
                new SessionStore.Create(
                        copy.storedId(),
                        sent.generation(),
                        stamp,
                        born,
                        copy.internalId(),
                        local.createdMillis(),
                        local.maxInactiveSeconds(),
                        age(request.began()),
                        changes.writes()),
                scope.budget());
    }

    private SessionStore.CommitReply commitInStore(
            RequestScope scope,
            RequestSession request,
            Changes changes,
            String stamp,
            EndedLog.Sent sent,
            boolean mustMove,
            Epoch fresh,
            int maxInactive) {
        NearCopy copy = request.copy();
        counters.commits.increment();
        return store.commit(
                new SessionStore.Commit(
                        copy.storedId(),
                        sent.generation(),
                        copy.base(),
                        stamp,
                        mustMove ? null : request.admitted(),
                        fresh,
                        maxInactive,
                        age(request.began()),
                        changes.writes(),
                        changes.removes(),
                        copy.id().equals(copy.storedId()) ? null : copy.id()),
                scope.budget());
    }

    private void saved(
            RequestSession request,
            Changes changes,
            String stamp,
            EndedLog.Sent sent,
            Epoch fresh,
            SessionStore.CommitReply reply,
            int maxInactive,
            boolean create) {
        NearCopy copy = request.copy();
        Epoch epoch = reply.epoch();
        Epoch before = copy.epoch();
        if (epoch == null || before == null) {
            throw new IllegalStateException("The store wrote a session without an epoch");
        }
        long era = ended.heard(copy.storedId().shard(), sent, reply.tail());
        SessionId old = copy.storedId();
        if (!copy.id().equals(old)) {
            copy.renamed(copy.id());
            movedAway.remove(old.value(), copy);
        }
        copy.saved(copy.base().next(stamp), maxInactive, changes);
        boolean kept = epoch.equals(before);
        copy.acknowledged(
                epoch,
                create ? !roaming && kept : kept && copy.isConfirmed(),
                era,
                LogEntry.sequenceOf(reply.tail().newestEntry()),
                request.began());
        if (create) {
            return;
        }
        if (epoch.equals(fresh)) {
            counters.takeovers.increment();
            request.admit(fresh, fresh);
            request.movedAt(ticker.nanos());
        } else if (!epoch.equals(request.admitted())) {
            // The commit had been applied by its first attempt, and the epoch has moved on since: the answer carries a
            // dead mark.
            boolean nobodys = roaming && !epoch.hasHolder();
            request.admit(nobodys ? epoch : null, nobodys ? epoch : fresh);
        }
    }

    private void moveEpoch(RequestScope scope, RequestSession request, NearCopy copy) {
        int shard = copy.storedId().shard();
        for (int attempt = 0; ; attempt++) {
            EndedLog.Sent sent = ended.sending(shard);
            Epoch fresh = Epoch.fresh(holder);
            counters.renewals.increment();
            SessionStore.LoadReply reply = store.load(
                    new SessionStore.Load(
                            copy.storedId(), sent.generation(), null, fresh, copy.base(), age(request.began())),
                    scope.budget());
            switch (reply.outcome()) {
                case OTHER_GENERATION -> {
                    ended.otherGeneration(shard, reply.tail().generation());
                    if (attempt > 0) {
                        throw unsettled(copy);
                    }
                }
                case GONE, MISMATCH -> {
                    drop(copy);
                    return; // nothing of this request is unsaved: it answers normally
                }
                case OK -> {
                    Epoch epoch = reply.epoch();
                    if (epoch == null) {
                        throw new IllegalStateException("The store moved no epoch");
                    }
                    if (epoch.equals(fresh) || !epoch.hasHolder()) {
                        request.admit(epoch, epoch);
                    } else {
                        request.admit(
                                null,
                                fresh); // Redis is out of memory and could only read: another's mark is not ours to
                        // send
                    }
                    request.movedAt(ticker.nanos());
                    if (reply.snapshot() != null) {
                        drop(copy);
                    } else if (copy.isServing()) {
                        long era = ended.heard(shard, sent, reply.tail());
                        copy.acknowledged(
                                epoch,
                                false,
                                era,
                                LogEntry.sequenceOf(reply.tail().newestEntry()),
                                request.began());
                    }
                    return;
                }
            }
        }
    }

    /** The copy was dropped while this request was inside: it is refused unless all it did, and all it saw, is in the store. */
    private void saveOrphan(RequestScope scope, RequestSession request, LocalSession local) {
        NearCopy copy = request.copy();
        if (needsCommit(copy, local, changes(scope, request, local))) {
            throw scope.refuse(
                    "Session " + copy.id() + " was taken over or changed elsewhere while this request was changing it; "
                            + "the change is not kept. The client may try again.",
                    null);
        }
        if (request.answer() == null) {
            try {
                moveEpoch(scope, request, copy);
            } catch (StoreUnavailableException e) {
                throw refuse(scope, copy, e);
            }
        }
    }

    /** At the end of a request: its headers have left, or everything is saved. */
    void saveLate(RequestScope scope, RequestSession request) {
        // An epoch that moved after the headers had left is none of this request's business unless it used the session
        // since.
        if (save(scope, request, request.usedSinceSave())) {
            counters.lateCommits.increment();
        }
    }

    /** The request was refused: what it left in a copy goes with the copy. */
    void abandon(RequestSession request) {
        if (!request.usedFields().isEmpty() || request.copy().base().equals(Base.NONE)) {
            drop(request.copy());
        }
    }

    /** Ends a request's hold on a session; a use that no call has told the store is told with the next batch. */
    void close(RequestSession request) {
        NearCopy copy = request.copy();
        long now = ticker.nanos();
        copy.usedAt(now);
        long use = now - request.began() > LONG_REQUEST ? now : request.began();
        if (copy.isServing() && copy.needsTouch(use)) {
            touches.note(copy, use);
        }
        copy.close(request);
    }

    // ---- background

    /**
     * Asks the ended logs, sends the touches, forgets copies that other nodes have taken over. To be called once a second by one thread;
     * what fails is tried again with the next call.
     */
    public void tick() {
        boolean[] followed = new boolean[SessionId.SHARDS];
        copies.values().forEach(copy -> followed[copy.id().shard()] = true);
        try {
            ended.ask(shard -> followed[shard], (shard, entry) -> heard(entry));
        } finally {
            flushTouches();
            forgetStale();
        }
    }

    private void flushTouches() {
        try {
            counters.touches.add(touches.flush(this::touchedGone, timeout.multipliedBy(4)));
        } catch (StoreUnavailableException e) {
            log.warn(
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
                    drop(copy);
                }
            } finally {
                copy.slot.release();
            }
        }
    }

    private void forgetStale() {
        long now = ticker.nanos();
        for (NearCopy copy : copies.values()) {
            if (copy.isStale() && now - copy.lastUse() > STALE_KEEP && copy.slot.tryAcquire()) {
                try {
                    if (copy.stopIfIdle()) {
                        drop(copy);
                    }
                } finally {
                    copy.slot.release();
                }
            }
        }
    }

    private void heard(LogEntry entry) {
        if (!entry.end() && !roaming && entry.route().equals(holder)) {
            return; // this node's own move: its reply says the rest
        }
        NearCopy copy = copies.get(entry.id());
        if (copy != null && copy.heard(entry) && entry.end()) {
            drop(copy);
        }
    }

    /**
     * Ends the sessions that were idle for max inactive and are held here, and tells their listeners. To be called with the application's
     * class loader in place.
     */
    public void expireIdle() {
        for (NearCopy copy : copies.values()) {
            LocalSession local = copy.local();
            if (local == null
                    || !copy.isServing()
                    || copy.isOpen()
                    || !isIdle(copy, local)
                    || !copy.slot.tryAcquire()) {
                continue;
            }
            try {
                expire(copy);
            } catch (StoreUnavailableException e) {
                log.warn(
                        "HF-212",
                        () -> "Idle sessions cannot be ended, they are asked for again later: " + e.getMessage(),
                        e);
                return;
            } catch (RuntimeException e) {
                log.warn("HF-214", () -> "The end of the idle session " + copy.id() + " could not be told to all listeners", e);
            } finally {
                copy.slot.release();
            }
        }
    }

    private boolean isIdle(NearCopy copy, LocalSession local) {
        int maxInactive = local.maxInactiveSeconds();
        return maxInactive > 0 && ticker.nanos() - copy.lastUse() >= TimeUnit.SECONDS.toNanos(maxInactive);
    }

    /** Under the slot. True if the session has ended. */
    private boolean expire(NearCopy copy) {
        if (copy.base().equals(Base.NONE) || !copy.stopIfIdle()) {
            return false;
        }
        SessionStore.Outcome outcome;
        try {
            outcome = endInStore(copy, copy.epoch(), new WaitBudget(timeout));
        } catch (StoreUnavailableException e) {
            copy.resume();
            throw e;
        }
        LocalSession local = copy.local();
        switch (outcome) {
            case OK -> {
                copy.end();
                forget(copy);
                counters.expired.increment();
                if (local != null) {
                    local.expired();
                }
                return true;
            }
            case GONE -> {
                drop(copy);
                return true;
            }
            case MISMATCH, OTHER_GENERATION -> {
                // In use elsewhere; or our clock is ahead, then the next round finds it idle.
                if (copy.isStale() || roaming) {
                    drop(copy);
                } else {
                    copy.resume();
                }
                return false;
            }
        }
        throw new IllegalStateException("Unknown outcome " + outcome);
    }

    /** All copies here, for the container's lists. */
    public List<NearCopy> copies() {
        return new ArrayList<>(copies.values());
    }

    /** Tells the store what is still to be told and forgets all copies; no session ends. */
    public void stop() {
        try {
            touches.flush((copy, id) -> {}, timeout);
        } catch (StoreUnavailableException e) {
            log.warn("HF-211", () -> "The last uses of sessions could not be told to the store: " + e.getMessage(), e);
        }
        copies.clear();
        movedAway.clear();
    }

    /** A stand-in for a session that the store has and this node does not hold: good for ending it, and for nothing else. */
    public NearCopy unheld(SessionId id, LocalSession local) {
        NearCopy copy = new NearCopy(this, id);
        copy.standIn(local);
        return copy;
    }

    /** Whether the store has this session; null if it does not say. For look-ups outside a request. */
    public @Nullable Boolean exists(SessionId id) {
        NearCopy copy = copies.get(id.value());
        if (copy != null && copy.isServing()) {
            return true;
        }
        try {
            return store.exists(id, new WaitBudget(timeout));
        } catch (StoreUnavailableException e) {
            log.warn("HF-213", () -> "A session could not be looked up: " + e.getMessage(), e);
            return null;
        }
    }

    // ---- small parts

    /** The state first, then the maps: whoever finds the copy in a map after that sees that it does not serve. */
    private void drop(NearCopy copy) {
        boolean first = copy.drop();
        forget(copy);
        LocalSession local = copy.local();
        if (first && local != null) {
            local.forgotten();
        }
    }

    private void forget(NearCopy copy) {
        copies.remove(copy.id().value(), copy);
        movedAway.remove(copy.storedId().value(), copy);
    }

    private long age(long since) {
        return Math.max(0, (ticker.nanos() - since) / MILLI);
    }

    private boolean acquire(Semaphore slot, WaitBudget budget) {
        if (slot.tryAcquire()) {
            return true;
        }
        long start = ticker.nanos();
        try {
            return slot.tryAcquire(Math.max(0, budget.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            budget.spend(ticker.nanos() - start);
        }
    }

    void await(long until) {
        counters.waits.increment();
        boolean interrupted = false;
        for (long left = until - ticker.nanos(); left > 0; left = until - ticker.nanos()) {
            LockSupport.parkNanos(left);
            interrupted |= Thread.interrupted(); // else the next park returns at once
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private SessionRefusedException refuse(RequestScope scope, NearCopy copy, StoreUnavailableException cause) {
        return scope.refuse(
                "Session " + copy.id() + " cannot be saved: " + cause.getMessage()
                        + " The response is 503, the change is not acknowledged"
                        + (cause.maybeApplied() ? ", it may or may not be in the store" : "")
                        + "; this node dropped its copy.",
                cause);
    }

    void refused(SessionRefusedException refused) {
        counters.refused.increment();
        Throwable cause = refused.getCause();
        log.warn(
                "HF-201",
                () -> String.valueOf(refused.getMessage()),
                cause instanceof UnencodableAttributeException ? null : cause);
    }

    private StoreUnavailableException busy(SessionId id, WaitBudget budget) {
        return new StoreUnavailableException(
                "another request of session " + id
                        + " has been waiting for the store for longer than holdfast.timeout ("
                        + budget.whole().toMillis() + "ms).",
                false,
                null);
    }

    private static StoreUnavailableException unsettled(NearCopy copy) {
        return new StoreUnavailableException(
                "Redis lost data or is being replaced: the generation of shard "
                        + copy.storedId().shard() + " changes.",
                false,
                null);
    }

    private static String names(Changes changes) {
        Map<String, Boolean> names = new HashMap<>();
        changes.writes().keySet().forEach(name -> names.put(name, true));
        changes.removes().forEach(name -> names.put(name, true));
        return names.isEmpty() ? "id or timeout" : String.join(", ", names.keySet());
    }

    void reportUnreadable(SessionId id, String field, UnreadableAttributeException e) {
        counters.unreadable.increment();
        String message = String.valueOf(e.getMessage());
        if (reported.size() < 1000 && reported.add(field + message)) {
            log.warn(
                    "HF-203 " + field,
                    () -> "Session " + id + ": " + message
                            + " The attribute reads as absent on this node; its bytes stay in the store for a node that can read them.",
                    e.getCause());
        }
    }
}
