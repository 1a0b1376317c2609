package dev.holdfast.session.copy;

import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * What the parts of the protocol share, of one application on one node: services that know none of those who use them.
 * Who needs a part of the protocol itself gets it in its constructor.
 *
 * @param sessions makes the container's objects
 * @param owner whom epochs of this node name: this incarnation of it. Empty for a roaming node
 * @param codec gives the marker of this node for what stays here
 * @param local what stays here
 * @param shards what is known of each shard's data
 * @param ended what was heard of the ended log
 * @param tombstones ends that are remembered
 * @param copies all copies here
 * @param events is told what becomes of them
 */
public record ProtocolContext(
        SessionStore store,
        LocalCodec codec,
        ContainerSessions sessions,
        String owner,
        SessionOptions options,
        Ticker ticker,
        SessionCounters counters,
        Rules rules,
        RateLimitedLog log,
        UnreadableReports unreadable,
        LocalValues local,
        ShardStates shards,
        InvalidationLog ended,
        EndMemory tombstones,
        NearCopies copies,
        CopyEvents events)
        implements CopyContent.Services {
    private static final long MILLI = 1_000_000L;

    /** @param alone whether this node has seen no other */
    public static ProtocolContext of(
            SessionStore store,
            AttributeCodec codec,
            ContainerSessions sessions,
            String incarnation,
            BooleanSupplier alone,
            SessionOptions options,
            Ticker ticker,
            Rules rules,
            CopyEvents events) {
        SessionCounters counters = new SessionCounters();
        RateLimitedLog log = new RateLimitedLog(ticker);
        EndMemory tombstones = new EndMemory(ticker, log, counters, EndMemory.MOST);
        LocalValues local = new LocalValues(rules.owner(options.route(), incarnation, false));
        ShardStates shards = new ShardStates(counters, alone, tombstones::isEmpty, tombstones::missed);
        return new ProtocolContext(
                store,
                new LocalCodec(codec, options, local, log),
                sessions,
                rules.owner(options.route(), incarnation, options.roaming()),
                options,
                ticker,
                counters,
                rules,
                log,
                new UnreadableReports(counters, log),
                local,
                shards,
                new InvalidationLog(store, ticker, rules, shards),
                tombstones,
                new NearCopies(events),
                events);
    }

    /** Milliseconds since a moment of the ticker. */
    public long age(long since) {
        return Math.max(0, (ticker.nanos() - since) / MILLI);
    }

    /** The moment of the ticker so many milliseconds ago. */
    public long ago(long millis) {
        return ticker.nanos() - millis * MILLI;
    }

    /** Takes a lock within a budget, which the wait is taken off. */
    public boolean acquire(Semaphore lock, WaitBudget budget) {
        if (lock.tryAcquire()) {
            return true;
        }
        long start = ticker.nanos();
        try {
            return ticker.acquire(lock, budget.remainingNanos());
        } finally {
            budget.spend(ticker.nanos() - start);
        }
    }

    /** The lock of a session was not to be had within the budget. */
    public StoreUnavailableException busy(SessionId id, WaitBudget budget) {
        return new StoreUnavailableException(
                "another request of session " + id
                        + " has been waiting for the store for longer than holdfast.timeout ("
                        + budget.whole().toMillis() + "ms).",
                false,
                store.isAway()
                        ? StoreUnavailableException.Reason.AWAY
                        : shards.isUnsettled(id.shard()) // the other one may be sending it again
                                ? StoreUnavailableException.Reason.UNSETTLED
                                : StoreUnavailableException.Reason.NONE,
                null);
    }
}
