package dev.holdfast.session.outage;

import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalSession;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.commit.ChangeFinder;
import dev.holdfast.session.commit.Commit;
import dev.holdfast.session.commit.CommitServices;
import dev.holdfast.session.commit.ConflictMerger;
import dev.holdfast.session.commit.Initiator;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.copy.RequestQueue;
import dev.holdfast.session.copy.RequestUse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that owe the store something, and how they are saved when it is back. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> What is owed is saved with the base check as any change: by the next request of the
 * session, or by rounds in the background, in the order in which they began to owe, some hundred sessions with one
 * round trip (see {@link BacklogBatch}), so that a store that has just come back has one round trip of each node at a
 * time to do. What another node has changed in between, in what was used here, stands; the rest is merged. Where that
 * is in use by a request inside only, a round leaves the debt to the next one; a request, and a node that stops, cannot
 * wait for it. A round <em>encodes</em> live objects on a thread that is no request's. That makes no object and loads
 * no class by a stored name, and a request may change the objects meanwhile, as a neighbour may while a request
 * commits: what could not be encoded is tried again. The application's own {@code writeObject} runs there, so the
 * thread is one of this application, with its class loader; see {@code SessionCoordinator.saveOwed}. Proved by
 * {@code AtRiskTest} and {@code BacklogTest}.
 */
public final class WriteBacklog {
    /**
     * So many sessions that the store does not know may begin while it is away: crawlers make one with each request,
     * and a node that grows until it falls would lose them all. A session that it knows is in memory anyhow, whatever
     * is owed of it.
     */
    public static final int MOST_NEW = 10_000;

    /** So long one round lasts: then what the store has lost meanwhile is settled first. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(500);

    /** So many sessions are saved with one round trip: requests wait for the slots that it holds. */
    private static final int MOST = 200;

    /** So long a stop may last. */
    private static final long STOP = TimeUnit.SECONDS.toNanos(10);

    private static final int REPORTED = 1000;

    private final ProtocolContext context;
    private final CommitServices commits;
    private final CopyRescue salvage;
    private final ConflictMerger merging;
    private final ConflictMerger mergingInRounds;
    private final AtomicInteger owing = new AtomicInteger();
    private final AtomicInteger owingNew = new AtomicInteger();
    private final AtomicInteger reports = new AtomicInteger();
    /** Copies with values that no request answers for, and since when; some may be saved by now. */
    private final Map<NearCopy, Long> unowned = new ConcurrentHashMap<>();

    private final Semaphore round = new Semaphore(1);
    /** How many sessions go together: fewer where a round trip with more was not answered. Used with {@link #round}. */
    private int most = MOST;

    /** Since when the last copy has owed that the last round tried; written with {@link #round}. */
    private volatile long lastTried = Long.MIN_VALUE;

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

    private volatile boolean stopped;

    public WriteBacklog(ProtocolContext context, CommitServices commits, ConflictMerger merging, CopyRescue salvage) {
        this.context = context;
        this.commits = commits;
        this.salvage = salvage;
        this.merging = merging;
        this.mergingInRounds = merging.inRounds();
    }

    /** How many sessions owe something. */
    public int owing() {
        return owing.get();
    }

    /** Whether there is anything to save. */
    public boolean hasWork() {
        return owing.get() > 0 || !unowned.isEmpty();
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
        context.counters().atRiskFull.increment();
        context.log()
                .warn(
                        "HF-216",
                        () -> "The store is away, and " + MOST_NEW
                                + " sessions that it does not know are in the memory of this node: further new ones"
                                + " are answered 503 until some have run out, or the store is back. Sessions that it"
                                + " knows go on.",
                        null);
        return false;
    }

    /** Takes over a request's work; false if the copy serves nobody any more. */
    boolean owe(RequestUse request) {
        NearCopy copy = request.copy();
        boolean isNew = !copy.mayBeStored();
        PendingWrites.Taken taken = copy.owe(request, isNew, context.ticker().nanos());
        if (taken == PendingWrites.Taken.FIRST) {
            owing.incrementAndGet();
            if (isNew) {
                owingNew.incrementAndGet();
            }
        }
        return taken != PendingWrites.Taken.NOT;
    }

    /** A field was written where no request is that could save it, as by a thread of a WebSocket. */
    public void unowned(NearCopy copy, String field) {
        if (!copy.isOrphan()) {
            unowned(copy);
        } else if (!copy.isOver()) {
            unownedByOrphan(copy, field);
        }
    }

    /**
     * A copy has values that no request answers for: nobody was told that they are kept, and they are not lost without
     * a word.
     */
    private void unowned(NearCopy copy) {
        unowned.putIfAbsent(copy, context.ticker().nanos());
    }

    /** The same of a copy that serves nobody any more: its object is not the session's, and nothing of it is saved. */
    private void unownedByOrphan(NearCopy copy, String field) {
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

    private void forgetIfSaved(NearCopy copy) {
        unowned.remove(copy);
        if (copy.isServing() && copy.values().hasUnowned()) {
            unowned(copy); // set meanwhile
        }
    }

    /** A request was acknowledged at risk. */
    void tellOfRisk() {
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

    /** Says that nothing is at risk any more, if that is so and was not said. */
    public void tellIfPaid() {
        if (told && owing.get() == 0) {
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
    public void storeIsBack() {
        backAt = context.ticker().nanos();
        backKnown = true;
    }

    /** A copy owes nothing any more: all of it is in the store. */
    public void paid(PendingWrites.Debt debt) {
        if (debt.acknowledged()) {
            context.counters().atRiskSaved.increment();
        }
        settled(debt);
    }

    /** A session that ended here owes nothing any more. */
    public void ended(NearCopy copy) {
        unowned.remove(copy);
        PendingWrites.Debt debt = copy.owed().forfeit();
        if (debt != null) {
            settled(debt);
        }
    }

    /** A copy is dropped: what it still owes is given up. */
    public void dropped(NearCopy copy) {
        unowned.remove(copy);
        if (copy.values().hasUnowned() && !copy.isOver()) {
            tellOfUnowned(copy);
        }
        PendingWrites.Debt debt = copy.owed().forfeit();
        if (debt == null) {
            return;
        }
        if (debt.acknowledged()) {
            tellOfLoss(copy);
        }
        settled(debt);
    }

    private void tellOfUnowned(NearCopy copy) {
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

    private void tellOfLoss(NearCopy copy) {
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

    private void settled(PendingWrites.Debt debt) {
        if (!backKnown) {
            storeIsBack();
        }
        paidAt = context.ticker().nanos(); // before it can be seen that it was the last one
        owing.decrementAndGet();
        if (debt.newSession()) {
            owingNew.decrementAndGet();
        }
    }

    // ---- when the store is back

    /** How the saving of one copy ended. */
    public enum Saved {
        YES,
        /** Another node went on from there, or the session ended. */
        GIVEN_UP,
        /**
         * A value is being changed just now, other nodes are faster, or a request is inside that a round can wait for.
         */
        LATER
    }

    /**
     * Saves what a copy owes, for a request that goes on behind it. Under its slot.
     *
     * @throws StoreUnavailableException if the store does not answer; it is owed as before
     */
    public Saved save(NearCopy copy, LocalSession local, WaitBudget budget) {
        return save(copy, local, budget, merging);
    }

    private Saved save(NearCopy copy, LocalSession local, WaitBudget budget, ConflictMerger merging) {
        copy.window().open();
        try {
            Commit commit = begun(copy, local, budget, merging);
            return commit == null ? Saved.YES : OutagePolicy.afterSaving(commit, commit.run());
        } catch (UnencodableAttributeException e) {
            return notNow(copy);
        } finally {
            copy.window().close();
        }
    }

    /** What could not be saved, though the store has answered: with the copy it is given up, too. */
    static Saved notNow(NearCopy copy) {
        return copy.isServing() ? Saved.LATER : Saved.GIVEN_UP;
    }

    /** Null if there is nothing to write. */
    private @Nullable Commit begun(NearCopy copy, LocalSession local, WaitBudget budget, ConflictMerger merging)
            throws UnencodableAttributeException {
        RequestUse nobody = new RequestUse(copy, copy.admission().lastUse());
        nobody.admit(copy.trust().epoch(), copy.trust().epoch());
        ChangeSet changes = commits.unsaved().of(Initiator.BACKGROUND, nobody, local);
        if (!ChangeFinder.needsCommit(copy, local, changes)) {
            copy.clean(changes);
            return null;
        }
        return new Commit(commits, merging, Initiator.BACKGROUND, budget, nobody, local, changes);
    }

    /** A copy that owes, since when. */
    private record Debtor(NearCopy copy, long since) {}

    /**
     * Saves what is owed, the oldest debt first, until the round is over or the store is away. Does nothing while
     * another round runs.
     *
     * @return whether there is more to save that is worth another round now
     */
    public boolean saveAll(RequestQueue turns) {
        if (!hasWork() || context.store().isAway() || !round.tryAcquire()) {
            return false;
        }
        try {
            long end = context.ticker().nanos() + ROUND;
            return saveAll(turns, () -> !stopped && context.ticker().nanos() - end <= 0) && !stopped;
        } finally {
            round.release();
            tellIfPaid();
        }
    }

    /**
     * @param goOn asked behind each batch
     * @return whether there is more to save, and some of it was saved
     */
    private boolean saveAll(RequestQueue turns, BooleanSupplier goOn) {
        List<Debtor> debtors = debtors();
        int before = owing.get();
        int from = 0;
        while (from < debtors.size()) {
            BacklogBatch batch = new BacklogBatch(context, salvage, turns);
            int first = from;
            while (from < debtors.size() && from - first < most && batch.hasRoom()) {
                lastTried = debtors.get(from).since();
                enter(batch, debtors.get(from).copy());
                from++;
            }
            batch.save(this::ended);
            most = batch.hasFailed() ? Math.max(1, (from - first) / 2) : Math.min(MOST, 2 * most);
            // What is owed to another part of the store must not wait for this one.
            if (context.store().isAway() || (from < debtors.size() && !goOn.getAsBoolean())) {
                return owing.get() < before; // the next round begins behind this one
            }
        }
        lastTried = Long.MIN_VALUE;
        return false;
    }

    private void enter(BacklogBatch batch, NearCopy copy) {
        LocalSession local = copy.local();
        if (local != null) {
            // A node that stops has no later round.
            ConflictMerger merges = stopped ? merging : mergingInRounds;
            batch.add(copy, budget -> isDebtor(copy) ? begun(copy, local, budget, merges) : null, this::ended);
        }
    }

    /** @param failure null if it is saved, or given up, or to be saved later for reasons of its own */
    private void ended(NearCopy copy, Saved saved, @Nullable StoreUnavailableException failure) {
        LocalSession local = copy.local();
        if (failure != null
                && (failure.lack() == StoreUnavailableException.Lack.NONE
                        || failure.lack() == StoreUnavailableException.Lack.FOREIGN)) {
            notSaved(copy, String.valueOf(failure.getMessage()));
        } else if (failure == null && saved == Saved.LATER && local != null) {
            later(copy, local);
        }
        forgetIfSaved(copy);
    }

    private void later(NearCopy copy, LocalSession local) {
        long maxInactive = local.maxInactiveSeconds();
        if (maxInactive > 0
                && context.ticker().nanos() - copy.admission().lastUse() > TimeUnit.SECONDS.toNanos(maxInactive)) {
            context.copies().drop(copy); // nobody will repair it any more
        } else {
            notSaved(
                    copy,
                    "A value of it cannot be encoded just now, a request inside has used what another node changed, or"
                            + " other nodes change it all the time.");
        }
    }

    private void notSaved(NearCopy copy, String why) {
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

    private static boolean isDebtor(NearCopy copy) {
        return copy.owed().isOwing() || copy.values().hasUnowned();
    }

    /** The oldest debt first, but behind those that the last round has tried. */
    private List<Debtor> debtors() {
        unowned.keySet().removeIf(NearCopy::isOrphan); // one may have been dropped while it was entered
        List<Debtor> debtors = new ArrayList<>();
        for (NearCopy copy : context.copies().all()) {
            if (copy.owed().isOwing()) {
                debtors.add(new Debtor(copy, copy.owed().since()));
            } else if (copy.values().hasUnowned()) {
                debtors.add(new Debtor(copy, unowned.getOrDefault(copy, Long.MIN_VALUE + 1)));
            } else {
                unowned.remove(copy); // a request has saved them
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

    /** How many sessions have anything that is in this node's memory only. */
    private int left() {
        int left = owing.get();
        for (NearCopy copy : unowned.keySet()) {
            if (copy.isServing() && !copy.owed().isOwing() && copy.values().hasUnowned()) {
                left++;
            }
        }
        return left;
    }

    /**
     * The node stops: what is owed is saved now, or lost, and no request is acknowledged at risk any more. Waits for
     * the round under way; one that hangs in the application's code is left to itself.
     */
    public void stop(RequestQueue turns) {
        stopped = true;
        boolean alone =
                context.ticker().acquire(round, context.options().timeout().toNanos());
        try {
            long end = context.ticker().nanos() + STOP;
            int before = Integer.MAX_VALUE;
            while (left() > 0 && left() < before && context.ticker().nanos() - end <= 0) {
                before = left();
                saveAll(turns, () -> context.ticker().nanos() - end <= 0);
            }
        } finally {
            if (alone) {
                round.release();
            }
        }
        tellIfPaid();
        int left = left();
        if (left > 0) {
            context.log()
                    .warn(
                            "HF-210",
                            () -> "This node stops while changes of " + left
                                    + " sessions are kept in its memory only, because the store is away or too slow."
                                    + " They are lost.",
                            null);
        }
    }
}
