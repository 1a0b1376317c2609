package dev.holdfast.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What happens while the store is away where {@code holdfast.outage} is {@code serve}: sessions are served from memory, and changes are
 * acknowledged at risk, until they can be saved.
 *
 * <p><b>Implementation note.</b> Served without an answer of the store is only who brings the copy's confirmed epoch: its browser has been
 * nowhere else since. No epoch moves and no mark is told meanwhile, because nobody could be told. What is owed is saved with the base check
 * as any change: by the next request of the session, or by the background work, one session after the other in the order in which they began
 * to owe, so that a store that has just come back has one command of each node at a time to do. What another node has changed in
 * between, in what these requests used, stands; the rest is merged. Proved by {@code AtRiskTest}.
 */
final class AtRisk {
    /** So many sessions may owe something; further changes are refused. A node that grows until it falls would lose them all. */
    static final int MOST = 10_000;

    /** So long one round of background saving lasts, then the logs are asked again. */
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(500);

    private static final int REPORTED = 1000;

    private final Node node;
    private final Merging merging;
    private final boolean serve;
    private final AtomicInteger owing = new AtomicInteger();
    private final AtomicInteger reports = new AtomicInteger();
    /** Since when the last copy has owed that the last round tried; used by one thread at a time. */
    private volatile long lastTried = Long.MIN_VALUE;

    AtRisk(Node node) {
        this.node = node;
        this.merging = new Merging(node);
        // Who roams trusts no copy: there is nothing to serve, and the next request goes to another node.
        this.serve = node.options.outage() == SessionOptions.Outage.SERVE && !node.options.roaming();
    }

    // ---- while the store is away

    /**
     * Serves a request whose look-up failed, from the copy in memory.
     *
     * @return null if it may not be served
     */
    @Nullable
    LocalSession serve(RequestScope scope, NearCopy copy, StoreUnavailableException failure) {
        LocalSession local = copy.local();
        if (!serve
                || local == null
                || failure.lack() == StoreUnavailableException.Lack.NONE
                || !copy.mayServeWithoutStore(scope.presented(), node.ticker.nanos())) {
            return null;
        }
        RequestSession request = new RequestSession(copy, scope.began());
        request.admit(scope.presented(), null);
        request.servedWithoutStore();
        if (!copy.open(request)) {
            return null;
        }
        scope.add(request);
        node.counters.outageReads.increment();
        return local;
    }

    /**
     * A commit failed: acknowledges the request at risk if that is allowed.
     *
     * @return false if the request is to be refused
     */
    boolean acknowledge(RequestSession request, StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        boolean allowed = serve
                && failure.lack() == StoreUnavailableException.Lack.AWAY
                && !copy.trust().isStale()
                && !isIdChanging(copy)
                && request.admitted() != null
                && !node.rules.mustRenew(request.answer(), request.admitted(), copy.epoch())
                && (copy.owed().isOwing() || owing.get() < MOST);
        if (!allowed || !owe(request)) {
            return false;
        }
        if (request.acknowledgedAtRisk()) {
            node.counters.atRisk.increment();
        }
        return true;
    }

    /**
     * A request is refused. Where the copy owes what others were acknowledged, or the store is away, the copy is all there is: it stays, and
     * what the refused request left in it is saved with the rest, which 503 allows.
     *
     * @param failure what the request was refused for; null if the store is not to blame
     * @return false if the copy is to be dropped as ever
     */
    boolean keep(RequestSession request, @Nullable StoreUnavailableException failure) {
        NearCopy copy = request.copy();
        LocalSession local = copy.local();
        if (!serve || local == null || !copy.isServing() || isIdChanging(copy)) {
            return false;
        }
        if (copy.owed().isOwing()) {
            return owe(request);
        }
        boolean away = failure != null && failure.lack() == StoreUnavailableException.Lack.AWAY;
        if (!away || copy.base().equals(Base.NONE)) {
            return false;
        }
        try {
            boolean changed = !Changes.of(copy, local, request.committedFields(node.rules), node.codec)
                            .isEmpty()
                    || local.maxInactiveSeconds() != copy.savedMaxInactive();
            return !changed || (owing.get() < MOST && owe(request));
        } catch (UnencodableAttributeException e) {
            return false; // and so would it be for the next request
        }
    }

    /** False if the copy serves nobody any more. */
    private boolean owe(RequestSession request) {
        NearCopy copy = request.copy();
        NearCopy.Debt debt = copy.owe(request, node.ticker.nanos());
        if (debt == NearCopy.Debt.FIRST) {
            owing.incrementAndGet();
            node.log.warn(
                    "HF-207",
                    () ->
                            "The store is away: from now on changes of sessions are acknowledged and kept in memory only, until it is"
                                    + " back (holdfast.outage=serve). They are lost if this node ends before.",
                    null);
        }
        return debt != NearCopy.Debt.NONE;
    }

    /** The store knows the session by another id than the application: neither it nor other nodes could be told. */
    private static boolean isIdChanging(NearCopy copy) {
        return !copy.id().equals(copy.storedId()) && mayBeStored(copy);
    }

    /** Whether the store has the session, or may have it. */
    static boolean mayBeStored(NearCopy copy) {
        return !copy.base().equals(Base.NONE) || copy.owed().createStamp() != null;
    }

    /**
     * Whether the id of a session can be changed now.
     *
     * @return null if so
     */
    @Nullable
    StoreUnavailableException whyNoNewId(NearCopy copy) {
        boolean stored = mayBeStored(copy);
        if (!serve || !stored || !(copy.owed().isOwing() || node.store.isAway())) {
            return null;
        }
        return new StoreUnavailableException(
                "the store is away, or what was changed meanwhile is not saved yet.",
                false,
                StoreUnavailableException.Lack.AWAY,
                null);
    }

    /** How many sessions owe something. */
    int owing() {
        return owing.get();
    }

    // ---- when it is back

    /** How the saving of one copy ended. */
    enum Saved {
        YES,
        /** Another node went on from there, or the session ended. */
        GIVEN_UP,
        /** A value is being changed just now. */
        LATER
    }

    /**
     * Saves what a copy owes. Under its slot.
     *
     * @throws StoreUnavailableException if the store does not answer; it is owed as before
     */
    Saved save(NearCopy copy, LocalSession local, WaitBudget budget) {
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

    /** Saves what is owed, the oldest debt first, until the round is over or the store is away. */
    void saveAll() {
        if (owing.get() == 0) {
            return;
        }
        long end = node.ticker.nanos() + ROUND;
        for (Debtor debtor : debtors()) {
            lastTried = debtor.since();
            if (!saveNow(debtor.copy())) {
                return;
            }
            if (node.ticker.nanos() - end > 0) {
                return; // the next round begins behind this one
            }
        }
        lastTried = Long.MIN_VALUE;
    }

    /** False if the store is away, so that it makes no sense to go on. */
    private boolean saveNow(NearCopy copy) {
        LocalSession local = copy.local();
        if (local == null || !copy.slot.tryAcquire()) {
            return true; // a request is at it
        }
        try {
            if (copy.isServing()
                    && copy.owed().isOwing()
                    && save(copy, local, new WaitBudget(node.options.timeout())) == Saved.LATER) {
                later(copy, local);
            }
            return true;
        } catch (StoreUnavailableException e) {
            if (e.lack() == StoreUnavailableException.Lack.NONE) {
                notSaved(copy, String.valueOf(e.getMessage()));
            }
            // What is owed to another part of the store must not wait for this one.
            return !node.store.isAway();
        } finally {
            copy.slot.release();
        }
    }

    private void later(NearCopy copy, LocalSession local) {
        long maxInactive = local.maxInactiveSeconds();
        if (maxInactive > 0 && node.ticker.nanos() - copy.lastUse() > TimeUnit.SECONDS.toNanos(maxInactive)) {
            node.copies.drop(copy); // nobody will repair it any more
        } else {
            notSaved(copy, "A value of it cannot be encoded just now.");
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

    /** A copy owes nothing any more: all of it is in the store. */
    void paid() {
        node.counters.atRiskSaved.increment();
        settled();
    }

    /** A session that ended here owes nothing any more. */
    void ended(NearCopy copy) {
        if (copy.owed().forfeit()) {
            settled();
        }
    }

    /** A copy is dropped: what it still owes is given up. */
    void dropped(NearCopy copy) {
        if (!copy.owed().forfeit()) {
            return;
        }
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
        settled();
    }

    private void settled() {
        if (owing.decrementAndGet() == 0) {
            node.log.warn(
                    "HF-208",
                    () -> "Nothing is at risk any more: of the sessions that were changed while the store was away, "
                            + node.counters.atRiskSaved.sum() + " were saved and " + node.counters.atRiskLost.sum()
                            + " given up since the start of this node.",
                    null);
        }
    }

    /** The node stops: what is owed is saved now, or lost. */
    void stop() {
        int before = owing.get();
        saveAll();
        while (owing.get() > 0 && owing.get() < before) {
            before = owing.get();
            saveAll();
        }
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
