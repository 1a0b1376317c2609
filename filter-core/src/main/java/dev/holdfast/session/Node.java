package dev.holdfast.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** What the parts of the protocol have in common: one application on one node. */
final class Node {
    private static final long MILLI = 1_000_000L;
    private static final int REPORTED = 1000;

    final SessionCoordinator coordinator;
    final SessionStore store;
    final Membership membership;
    final AttributeCodec codec;
    final LocalSessions sessions;
    /** Whom epochs of this node name: this incarnation of it. Empty for a roaming node. */
    final String owner;

    final SessionOptions options;
    final Ticker ticker;
    final ClientWaits waits;
    final SessionCounters counters = new SessionCounters();
    final Rules rules;
    final RateLimitedLog log;
    final EndedLog ended;
    final Tombstones tombstones;
    final Settling settling;
    final NearCopies copies = new NearCopies(this::dropped);
    final Unsaved unsaved = new Unsaved(this);
    final Backlog backlog;
    final Salvage salvage = new Salvage(this);
    final OutagePolicy outage;
    private final Set<String> reported = ConcurrentHashMap.newKeySet();

    Node(
            SessionCoordinator coordinator,
            SessionStore store,
            Membership membership,
            AttributeCodec codec,
            LocalSessions sessions,
            SessionOptions options,
            ClientWaits waits,
            Ticker ticker,
            Rules rules) {
        this.coordinator = coordinator;
        this.store = store;
        this.membership = membership;
        this.codec = codec;
        this.sessions = sessions;
        this.rules = rules;
        this.owner = rules.owner(options.route(), membership.incarnation(), options.roaming());
        this.options = options;
        this.ticker = ticker;
        this.waits = waits;
        this.log = new RateLimitedLog(ticker);
        this.tombstones = new Tombstones(ticker, log, counters, Tombstones.MOST);
        this.ended = new EndedLog(
                store, ticker, counters, rules, membership::isAlone, tombstones::isEmpty, tombstones::missed);
        this.settling = new Settling(this);
        this.backlog = new Backlog(this);
        this.outage = new OutagePolicy(this, backlog, salvage);
    }

    private void dropped(NearCopy copy) {
        backlog.dropped(copy);
    }

    @Nullable
    RequestScope currentScope() {
        return RequestScope.currentOf(coordinator);
    }

    SessionRefusedException refuse(@Nullable RequestScope scope, String what, StoreUnavailableException cause) {
        return refuseSaying(scope, what + cause.getMessage(), cause);
    }

    /** @param scope null for work that no request is known to wait for */
    SessionRefusedException refuseSaying(@Nullable RequestScope scope, String message, @Nullable Throwable cause) {
        if (scope != null) {
            return scope.refuse(message, cause);
        }
        coordinator.refused(RequestScope.REFUSED, message, cause);
        return new SessionRefusedException(RequestScope.REFUSED, message, cause);
    }

    long age(long since) {
        return Math.max(0, (ticker.nanos() - since) / MILLI);
    }

    /** Whether one more request of a session may wait for what a client can cause; {@link ClientWaits#leave} is to follow. */
    boolean mayWait(SessionId session) {
        return waits.enter(session, options.requestThreads().getAsInt());
    }

    /** Ticker time of the newest use that the store knows of behind a load, or before: this request's, if it was noted. */
    static long useTold(SessionStore.LoadReply reply, RequestSession request) {
        return reply.noted() ? request.began() : request.began() - reply.sinceUseMillis() * MILLI;
    }

    boolean acquire(Semaphore slot, WaitBudget budget) {
        if (slot.tryAcquire()) {
            return true;
        }
        long start = ticker.nanos();
        try {
            return ticker.acquire(slot, budget.remainingNanos());
        } finally {
            budget.spend(ticker.nanos() - start);
        }
    }

    StoreUnavailableException busy(SessionId id, WaitBudget budget) {
        return new StoreUnavailableException(
                "another request of session " + id
                        + " has been waiting for the store for longer than holdfast.timeout ("
                        + budget.whole().toMillis() + "ms).",
                false,
                store.isAway()
                        ? StoreUnavailableException.Lack.AWAY
                        : ended.isUnsettled(id.shard()) // the other one may be sending it again
                                ? StoreUnavailableException.Lack.UNSETTLED
                                : StoreUnavailableException.Lack.NONE,
                null);
    }

    /** @throws StoreUnavailableException if the store has lost the shard's data and it is not settled */
    void requireSettled(int shard) {
        if (ended.isUnsettled(shard)) {
            throw unsettled(shard);
        }
    }

    static StoreUnavailableException unsettled(NearCopy copy) {
        return unsettled(copy.storedId().shard());
    }

    private static StoreUnavailableException unsettled(int shard) {
        return new StoreUnavailableException(
                "Redis lost the data of shard " + shard + ", and not all nodes have settled it yet, see HF-222.",
                false,
                StoreUnavailableException.Lack.UNSETTLED,
                null);
    }

    void reportUnreadable(SessionId id, String field, UnreadableAttributeException e) {
        counters.unreadable.increment();
        String message = String.valueOf(e.getMessage());
        if (reported.size() < REPORTED && reported.add(field + message)) {
            log.warn(
                    "HF-203 " + field,
                    () -> "Session " + id + ": " + message
                            + " The attribute reads as absent on this node; its bytes stay in the store for a node that can read them.",
                    e.getCause());
        }
    }
}
