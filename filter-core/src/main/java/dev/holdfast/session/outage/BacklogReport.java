package dev.holdfast.session.outage;

import dev.holdfast.session.Fields;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What operators are told of what is unsaved: when it begins, when nothing is left of it, and what could not be saved.
 * Safe for use by many threads.
 */
final class BacklogReport {
    private static final int REPORTED = 1000;

    private final ProtocolContext context;
    private final AtomicInteger reports = new AtomicInteger();
    /** Whether HF-207 stands in the log without its HF-208. */
    private volatile boolean told;

    /** Sessions saved and given up before that. */
    private volatile long savedBefore;

    private volatile long lostBefore;

    /** Ticker time at which the store answered again, or at which the first was saved if nobody said so. */
    private volatile long backAt;

    private volatile boolean backKnown;

    /** Ticker time at which nothing was owed any more. */
    private volatile long paidAt;

    BacklogReport(ProtocolContext context) {
        this.context = context;
    }

    // ---- begin and end of an outage

    /** A request was acknowledged at risk. */
    void atRisk() {
        if (!told) {
            backKnown = false;
            savedBefore = context.counters().atRiskSaved.sum();
            lostBefore = context.counters().atRiskLost.sum();
            told = context.log()
                    .warn(
                            "HF-207",
                            () -> "The store is away: from now on changes of sessions are acknowledged and kept in"
                                    + " memory only, until it is back (holdfast.outage=serve). They are lost if"
                                    + " this node ends before.",
                            null);
        }
    }

    /** Nothing is owed: says so, if that is news. */
    void nothingOwed() {
        if (told) {
            long took = TimeUnit.NANOSECONDS.toMillis(Math.max(0, paidAt - backAt));
            told = !context.log()
                    .warn(
                            "HF-208",
                            () -> "Nothing is at risk any more, " + took
                                    + "ms after the store answered again: of the sessions that were"
                                    + " changed while it was away, "
                                    + (context.counters().atRiskSaved.sum() - savedBefore)
                                    + " were saved and "
                                    + (context.counters().atRiskLost.sum() - lostBefore) + " given up.",
                            null);
        }
    }

    /** The store answers again. */
    void storeIsBack() {
        backAt = context.ticker().nanos();
        backKnown = true;
    }

    /** A debt is about to be counted off. */
    void settles() {
        if (!backKnown) {
            storeIsBack();
        }
        paidAt = context.ticker().nanos();
    }

    // ---- what is not kept

    /** @param most so many sessions that the store does not know owe something: no more may */
    void full(int most) {
        context.log()
                .warn(
                        "HF-216",
                        () -> "The store is away, and " + most
                                + " sessions that it does not know are in the memory of this node: further new ones"
                                + " are answered 503 until some have run out, or the store is back. Sessions that it"
                                + " knows go on.",
                        null);
    }

    /** A copy that serves nobody any more was written to: its object is not the session's. */
    void writtenToOrphan(NearCopy copy, String field) {
        context.log()
                .warn(
                        "HF-227",
                        () -> "Session " + copy.id()
                                + ": a thread outside of any request, such as a WebSocket's, has set "
                                + Fields.shown(field)
                                + " in a session object that this node serves no longer, because another node has"
                                + " taken the session over or a request was refused: it is not kept.",
                        null);
    }

    /** What a thread outside of any request has set is given up with its copy. */
    void unownedGivenUp(NearCopy copy) {
        Set<String> names = new TreeSet<>();
        copy.values().unowned().forEach(field -> names.add(Fields.shown(field)));
        context.log()
                .warn(
                        "HF-225",
                        () -> "Session " + copy.id()
                                + ": what a thread outside of any request, such as a WebSocket's, has set is given up,"
                                + " because the session was changed elsewhere meanwhile or a request that had seen it"
                                + " was refused. It concerns "
                                + String.join(", ", names) + ".",
                        null);
    }

    /** What was acknowledged at risk is given up with its copy. */
    void lost(NearCopy copy) {
        context.counters().atRiskLost.increment();
        String shown = String.join(", ", copy.owed().shown());
        String attributes = shown.isEmpty() ? "its timeout" : shown;
        String key = reports.get() < REPORTED && reports.incrementAndGet() < REPORTED ? " " + attributes : "";
        context.log()
                .warn(
                        "HF-209" + key,
                        () -> "Session " + copy.id()
                                + ": what was acknowledged here while the store was away is given up: the session was"
                                + " changed or ended elsewhere meanwhile, or has a value that cannot be stored. It"
                                + " concerns "
                                + attributes + ".",
                        null);
    }

    /** It is tried again. */
    void notSaved(NearCopy copy, String why) {
        if (!copy.owed().isOwing()) {
            context.log()
                    .warn(
                            "HF-226",
                            () -> "Session " + copy.id()
                                    + " has changes of a thread outside of any request, such as a WebSocket's, that"
                                    + " cannot be saved: "
                                    + why
                                    + " It is tried again.",
                            null);
            return;
        }
        context.log()
                .warn(
                        "HF-215",
                        () -> "Session " + copy.id()
                                + " still has changes that were acknowledged while the store was away, and cannot be"
                                + " saved: " + why + " It is tried again.",
                        null);
    }

    /** @param left how many sessions have something in this node's memory only */
    void lostAtStop(int left) {
        context.log()
                .warn(
                        "HF-210",
                        () -> "This node stops while changes of " + left
                                + " sessions are kept in its memory only, because the store is away or too slow."
                                + " They are lost.",
                        null);
    }
}
