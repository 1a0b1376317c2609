package dev.holdfast.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * The sessions that owe the store something, and how they are saved when it is back. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> What is owed is saved with the base check as any change: by the next request of the session, or by rounds
 * in the background, one session after the other in the order in which they began to owe, so that a store that has just come back has one
 * command of each node at a time to do. What another node has changed in between, in what was used here, stands; the rest is merged. Where
 * that is in use by a request inside only, a round leaves the debt to the next one; a request, and a node that stops, cannot wait for it. A
 * round <em>encodes</em> live objects on a thread that is no request's. That makes no object and loads no class by a stored name, and a
 * request may change the objects meanwhile, as a neighbour may while a request commits: what could not be encoded is tried again. The
 * application's own {@code writeObject} runs there, so the thread is one of this application, with its class loader; see
 * {@link SessionCoordinator#saveOwed}. Proved by {@code AtRiskTest} and {@code BacklogTest}.
 */
final class Backlog {
    /**
     * So many sessions that the store does not know may begin while it is away: crawlers make one with each request, and a node that grows
     * until it falls would lose them all. A session that it knows is in memory anyhow, whatever is owed of it.
     */
    static final int MOST_NEW = 10_000;

    /** So long one round lasts: requests wait for the slots that it holds. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(500);

    /** So long a stop may last. */
    private static final long STOP = TimeUnit.SECONDS.toNanos(10);

    private static final int REPORTED = 1000;

    private final Node node;
    private final Merging merging;
    private final Merging mergingInRounds;
    private final AtomicInteger owing = new AtomicInteger();
    private final AtomicInteger owingNew = new AtomicInteger();
    private final AtomicInteger reports = new AtomicInteger();
    private final Semaphore round = new Semaphore(1);
    /** Since when the last copy has owed that the last round tried; written with {@link #round}. */
    private volatile long lastTried = Long.MIN_VALUE;

    /** Whether HF-207 stands in the log without its HF-208. */
    private volatile boolean told;

    private volatile boolean stopped;

    Backlog(Node node) {
        this.node = node;
        this.merging = new Merging(node);
        this.mergingInRounds = Merging.ofRounds(node);
    }

    /** How many sessions owe something. */
    int owing() {
        return owing.get();
    }

    /** Whether the node stops: what would be owed from now on, nobody would save. */
    boolean isStopped() {
        return stopped;
    }

    // ---- what is owed

    /** Whether this session may owe something, too. */
    boolean hasRoomFor(NearCopy copy) {
        if (copy.owed().isOwing() || copy.mayBeStored() || owingNew.get() < MOST_NEW) {
            return true;
        }
        node.counters.atRiskFull.increment();
        node.log.warn(
                "HF-216",
                () -> "The store is away, and " + MOST_NEW
                        + " sessions that it does not know are in the memory of this node: further new ones are answered 503 until"
                        + " some have run out, or the store is back. Sessions that it knows go on.",
                null);
        return false;
    }

    /** Takes over a request's work; false if the copy serves nobody any more. */
    boolean owe(RequestSession request) {
        NearCopy copy = request.copy();
        boolean isNew = !copy.mayBeStored();
        NearCopy.Debt debt = copy.owe(request, isNew, node.ticker.nanos());
        if (debt == NearCopy.Debt.FIRST) {
            owing.incrementAndGet();
            if (isNew) {
                owingNew.incrementAndGet();
            }
        }
        return debt != NearCopy.Debt.NONE;
    }

    /** A request was acknowledged at risk. */
    void tellOfRisk() {
        if (!told) {
            told = node.log.warn(
                    "HF-207",
                    () ->
                            "The store is away: from now on changes of sessions are acknowledged and kept in memory only, until it is"
                                    + " back (holdfast.outage=serve). They are lost if this node ends before.",
                    null);
        }
    }

    /** Says that nothing is at risk any more, if that is so and was not said. */
    void tellIfPaid() {
        if (told && owing.get() == 0) {
            told = !node.log.warn(
                    "HF-208",
                    () -> "Nothing is at risk any more: of the sessions that were changed while the store was away, "
                            + node.counters.atRiskSaved.sum() + " were saved and " + node.counters.atRiskLost.sum()
                            + " given up since the start of this node.",
                    null);
        }
    }

    /** A copy owes nothing any more: all of it is in the store. */
    void paid(Owed.Debt debt) {
        if (debt.acknowledged()) {
            node.counters.atRiskSaved.increment();
        }
        settled(debt);
    }

    /** A session that ended here owes nothing any more. */
    void ended(NearCopy copy) {
        Owed.Debt debt = copy.owed().forfeit();
        if (debt != null) {
            settled(debt);
        }
    }

    /** A copy is dropped: what it still owes is given up. */
    void dropped(NearCopy copy) {
        Owed.Debt debt = copy.owed().forfeit();
        if (debt == null) {
            return;
        }
        if (debt.acknowledged()) {
            tellOfLoss(copy);
        }
        settled(debt);
    }

    private void tellOfLoss(NearCopy copy) {
        node.counters.atRiskLost.increment();
        String shown = String.join(", ", copy.owed().shown());
        String attributes = shown.isEmpty() ? "its timeout" : shown;
        String key = reports.get() < REPORTED && reports.incrementAndGet() < REPORTED ? " " + attributes : "";
        node.log.warn(
                "HF-209" + key,
                () -> "Session " + copy.id()
                        + ": what was acknowledged here while the store was away is given up: the session was"
                        + " changed or ended elsewhere meanwhile, or has a value that cannot be stored. It concerns "
                        + attributes + ".",
                null);
    }

    private void settled(Owed.Debt debt) {
        owing.decrementAndGet();
        if (debt.newSession()) {
            owingNew.decrementAndGet();
        }
    }

    // ---- when the store is back

    /** How the saving of one copy ended. */
    enum Saved {
        YES,
        /** Another node went on from there, or the session ended. */
        GIVEN_UP,
        /** A value is being changed just now, other nodes are faster, or a request is inside that a round can wait for. */
        LATER
    }

    /**
     * Saves what a copy owes, for a request that goes on behind it. Under its slot.
     *
     * @throws StoreUnavailableException if the store does not answer; it is owed as before
     */
    Saved save(NearCopy copy, LocalSession local, WaitBudget budget) {
        return save(copy, local, budget, merging);
    }

    private Saved save(NearCopy copy, LocalSession local, WaitBudget budget, Merging merging) {
        RequestScope scope = RequestScope.ofNobody(node.coordinator, budget, copy.lastUse());
        RequestSession nobody = new RequestSession(copy, copy.lastUse());
        nobody.admit(copy.epoch(), copy.epoch());
        copy.window().open();
        try {
            Changes changes = node.unsaved.of(scope, nobody, local);
            copy.window().writes(changes);
            if (Unsaved.needsCommit(copy, local, changes)) {
                new Commit(node, merging, scope, nobody, local, changes).run();
            } else {
                copy.clean(changes);
            }
            return Saved.YES;
        } catch (SessionRefusedException e) {
            return copy.isServing() ? Saved.LATER : Saved.GIVEN_UP;
        } finally {
            copy.window().close();
        }
    }

    /** A copy that owes, since when. */
    private record Debtor(NearCopy copy, long since) {}

    /** Saves what is owed, the oldest debt first, until the round is over or the store is away. Does nothing while another round runs. */
    void saveAll(Turns turns) {
        if (owing.get() == 0 || node.store.isAway() || !round.tryAcquire()) {
            return;
        }
        try {
            long end = node.ticker.nanos() + ROUND;
            saveAll(turns, () -> !stopped && node.ticker.nanos() - end <= 0);
        } finally {
            round.release();
        }
    }

    /** @param goOn asked behind each */
    private void saveAll(Turns turns, BooleanSupplier goOn) {
        for (Debtor debtor : debtors()) {
            lastTried = debtor.since();
            if (!saveNow(turns, debtor.copy()) || !goOn.getAsBoolean()) {
                return; // the next round begins behind this one
            }
        }
        lastTried = Long.MIN_VALUE;
    }

    /** False if the store is away, so that it makes no sense to go on. */
    private boolean saveNow(Turns turns, NearCopy copy) {
        LocalSession local = copy.local();
        RequestScope turn = RequestScope.ofNobody(node.coordinator, new WaitBudget(node.options.timeout()), 0);
        // Where requests go one at a time, none is to be seen half done.
        if (local == null || turns.enter(turn, copy.id(), false) == Turns.Entry.BUSY) {
            return true;
        }
        try {
            return !copy.slot.tryAcquire() || saveUnderSlot(copy, local, turn.budget()); // or a request is at it
        } finally {
            turns.leaveAll(turn);
        }
    }

    private boolean saveUnderSlot(NearCopy copy, LocalSession local, WaitBudget budget) {
        try {
            // A node that stops has no later round.
            Merging merges = stopped ? merging : mergingInRounds;
            if (copy.isServing() && copy.owed().isOwing() && save(copy, local, budget, merges) == Saved.LATER) {
                later(copy, local);
            }
            return true;
        } catch (StoreUnavailableException e) {
            if (e.lack() == StoreUnavailableException.Lack.NONE || e.lack() == StoreUnavailableException.Lack.FOREIGN) {
                notSaved(copy, String.valueOf(e.getMessage()));
            }
            // What is owed to another part of the store must not wait for this one.
            return !node.store.isAway();
        } finally {
            node.salvage.release(copy);
        }
    }

    private void later(NearCopy copy, LocalSession local) {
        long maxInactive = local.maxInactiveSeconds();
        if (maxInactive > 0 && node.ticker.nanos() - copy.lastUse() > TimeUnit.SECONDS.toNanos(maxInactive)) {
            node.copies.drop(copy); // nobody will repair it any more
        } else {
            notSaved(
                    copy,
                    "A value of it cannot be encoded just now, a request inside has used what another node changed, or other"
                            + " nodes change it all the time.");
        }
    }

    private void notSaved(NearCopy copy, String why) {
        node.log.warn(
                "HF-215",
                () -> "Session " + copy.id()
                        + " still has changes that were acknowledged while the store was away, and cannot be"
                        + " saved: " + why + " It is tried again.",
                null);
    }

    /** The oldest debt first, but behind those that the last round has tried. */
    private List<Debtor> debtors() {
        List<Debtor> debtors = new ArrayList<>();
        for (NearCopy copy : node.copies.all()) {
            if (copy.owed().isOwing()) {
                debtors.add(new Debtor(copy, copy.owed().since()));
            }
        }
        debtors.sort(Comparator.comparingLong(Debtor::since));
        int tried = 0;
        while (tried < debtors.size() && debtors.get(tried).since() <= lastTried) {
            tried++;
        }
        Collections.rotate(debtors, -tried);
        return debtors;
    }

    /**
     * The node stops: what is owed is saved now, or lost, and no request is acknowledged at risk any more. Waits for the round under way;
     * one that hangs in the application's code is left to itself.
     */
    void stop(Turns turns) {
        stopped = true;
        boolean alone = node.ticker.acquire(round, node.options.timeout().toNanos());
        try {
            long end = node.ticker.nanos() + STOP;
            int before = Integer.MAX_VALUE;
            while (owing.get() > 0 && owing.get() < before && node.ticker.nanos() - end <= 0) {
                before = owing.get();
                saveAll(turns, () -> node.ticker.nanos() - end <= 0);
            }
        } finally {
            if (alone) {
                round.release();
            }
        }
        tellIfPaid();
        int left = owing.get();
        if (left > 0) {
            node.log.warn(
                    "HF-210",
                    () -> "This node stops while changes of " + left
                            + " sessions are kept in its memory only, because the store is away or too slow. They are lost.",
                    null);
        }
    }
}
