package dev.holdfast.session.expiry;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LocalSession;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopies;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.expiry.ExpiryClaims.Claimed;
import dev.holdfast.session.expiry.ExpiryClaims.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How sessions end that were idle for max inactive: claimed in the store, told to the listeners of this node, finished
 * in the store (rule 11).
 *
 * <p><b>Implementation note.</b> A copy stops admitting before its session is claimed, and a claimed session is gone
 * for everyone, so no request is served after {@code sessionDestroyed}; listeners run with no slot held, so none waits
 * for them. Who holds the session claims it at max inactive, anybody after the deadline, nobody while a node may have
 * uses to tell that it could not. A claim that is not finished, because its node died, was stopped or lost the store,
 * ends with its lease and is taken again: an end may be told twice after such a fault, and is never left out. The store
 * decides by its own clock; this node's only says what is worth asking for.
 */
public final class ExpirySweeper {
    /** So few that their listeners have about a second each within the lease. */
    private static final int BATCH = 20;

    private static final int DUE_PER_SHARD = 50;

    /** As often in a row a batch may fail, each time with half as many sessions, before the sweep ends. */
    private static final int MOST_FAILURES = 8;

    /** A listener that would begin later than this after its claim was sent might run beside the next claimer's. */
    private static final long TELLING = Lifetimes.LEASE.toNanos() * 2 / 3;

    /** Longer than the key of a claimed session lives. */
    private static final long KEPT = TimeUnit.HOURS.toNanos(2);

    private static final long LOST = Long.MAX_VALUE;

    private final ProtocolContext context;
    private final SessionStore store;
    private final NearCopies copies;
    private final TouchBatcher touches;
    private final ReentrantLock sweeping = new ReentrantLock();
    private final ExpiryClaims claiming;
    /** Told, and not known to be finished. */
    private final Queue<Claimed> unfinished = new ConcurrentLinkedQueue<>();

    /** Ended by requests that were refused before that was known. */
    private final Queue<Ended> untold = new ConcurrentLinkedQueue<>();

    /** For each shard: since when its primary has answered; {@link #LOST} while it does not. Guarded by itself. */
    private final long[] reachedAt = new long[SessionId.SHARDS];

    private volatile boolean stopped;
    /** How many are claimed at once. Guarded by {@link #sweeping}, with the next. */
    private int atOnce = BATCH;

    /** Whether the last sweep tried too many at once. */
    private boolean tooMany;

    private record Ended(SessionId id, LocalSession local) {}

    public ExpirySweeper(ProtocolContext context, TouchBatcher touches) {
        this.context = context;
        this.store = context.store();
        this.copies = context.copies();
        this.touches = touches;
        this.claiming = new ExpiryClaims(context);
        Arrays.fill(reachedAt, context.ticker().nanos());
    }

    // ---- what others ask

    private boolean isIdle(NearCopy copy, LocalSession local) {
        int maxInactive = local.maxInactiveSeconds();
        return maxInactive > 0
                && context.ticker().nanos() - copy.admission().lastUse() >= TimeUnit.SECONDS.toNanos(maxInactive);
    }

    /** Whether an end that the log tells of may be this node's own claim, whose reply is under way. */
    public boolean isUnderWay(NearCopy copy) {
        return claiming.isUnderWay(copy);
    }

    /** The store has lost uses that it acknowledged, or may have: those that nodes tell again go first. */
    public void otherPrimary() {
        long now = context.ticker().nanos();
        synchronized (reachedAt) {
            for (int shard = 0; shard < SessionId.SHARDS; shard++) {
                reachedAt[shard] = reachedAt[shard] == LOST ? LOST : now;
            }
        }
    }

    // ---- one session, when a request finds it idle

    /**
     * Claims a held session that is idle. Under its slot; {@link #conclude} follows without it.
     *
     * @return null if it has not expired: it serves on, or was dropped
     * @throws StoreUnavailableException if the store does not say
     */
    @Nullable
    public Claimed claimIfIdle(NearCopy copy, WaitBudget budget) {
        LocalSession local = copy.local();
        if (local == null || !isIdle(copy, local) || !stopAdmission(copy)) {
            return null;
        }
        List<Claimed> claimed = new ArrayList<>();
        claimHeld(List.of(copy), claimed, budget);
        return claimed.isEmpty() ? null : claimed.get(0);
    }

    /**
     * Tells the listeners of claimed sessions and finishes them, in the order that was chosen. With no slot held and
     * the application's class loader in place.
     */
    public void conclude(List<Claimed> claimed, WaitBudget budget) {
        try {
            if (context.options().expiry() == SessionOptions.Expiry.AT_MOST_ONCE) {
                Map<Claimed, SessionStore.Outcome> finished = claiming.finish(claimed, budget);
                tell(claimed.stream()
                        .filter(session -> finished.get(session) == SessionStore.Outcome.OK)
                        .toList());
            } else {
                finish(tell(claimed), budget);
            }
        } catch (StoreUnavailableException e) {
            context.log()
                    .warn(
                            "HF-212",
                            () -> "The end of idle sessions cannot be stored, it is tried again later: "
                                    + e.getMessage(),
                            e);
        }
    }

    /** @return those that were told; the lease of the others ends, and another tells */
    private List<Claimed> tell(List<Claimed> claimed) {
        List<Claimed> told = new ArrayList<>();
        for (Claimed session : claimed) {
            if (stopped || context.ticker().nanos() - session.sentAt() > TELLING) {
                continue;
            }
            told.add(session);
            context.counters().expired.increment();
            tell(session.id(), session.local());
        }
        return told;
    }

    private void tell(SessionId id, LocalSession local) {
        try {
            local.expired();
        } catch (RuntimeException | Error e) {
            // Errors too, or those behind it would go untold with it, and all of them be told again when their leases
            // end.
            context.log().warn("HF-214", () -> "The end of session " + id + " could not be told to all listeners", e);
        }
    }

    /** The store has ended a session for this node; its listeners are told with the next sweep. */
    public void tellLater(SessionId id, LocalSession local) {
        untold.add(new Ended(id, local));
    }

    private void tellUntold() {
        for (Ended ended = untold.poll(); ended != null && !stopped; ended = untold.poll()) {
            context.counters().ended.increment();
            tell(ended.id(), ended.local());
        }
    }

    // ---- all sessions, from time to time

    /**
     * Ends what is idle and held here, and what is past its deadline wherever it was held. Does nothing while another
     * call does.
     */
    public void sweep() {
        if (!sweeping.tryLock()) {
            return;
        }
        try {
            // Not behind each batch that went well: the last two of big sessions would fail together, again and again.
            atOnce = tooMany ? atOnce : Math.min(BATCH, 2 * atOnce);
            tooMany = false;
            tellUntold();
            sweepHeld(copy ->
                    !copy.mayBeStored()); // nobody has to be asked, and crawlers leave many while the store is away
            finishLeft();
            List<SessionId> due = due();
            sweepHeld(copy -> true);
            while (sweepDue(due) && due.size() >= DUE_PER_SHARD) {
                due = due();
            }
        } catch (StoreUnavailableException e) {
            unavailable(e);
        } finally {
            sweeping.unlock();
        }
    }

    /** Tells no further listener, waits for the one that runs, and finishes what was told. */
    public void stop() {
        stopped = true;
        boolean alone = false;
        try {
            alone = sweeping.tryLock(context.options().timeout().toNanos(), TimeUnit.NANOSECONDS);
            finishLeft();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            context.log()
                    .warn(
                            "HF-212",
                            () -> "The end of idle sessions, whose listeners were told, cannot be stored before the"
                                    + " application stops; another node tells its own: " + e.getMessage(),
                            e);
        } finally {
            if (alone) {
                sweeping.unlock();
            }
        }
    }

    private void sweepHeld(Predicate<NearCopy> which) {
        List<NearCopy> idle = new ArrayList<>();
        for (NearCopy copy : copies.all()) {
            LocalSession local = copy.local();
            if (local != null && isIdle(copy, local) && which.test(copy)) {
                idle.add(copy);
            }
        }
        forEachBatch(idle, (batch, claimed) -> {
            List<NearCopy> held = new ArrayList<>();
            try {
                for (NearCopy copy : batch) {
                    if (hold(copy)) {
                        held.add(copy);
                    }
                }
                claimHeld(held, claimed, budget());
            } finally {
                held.forEach(copy -> copy.slot.release());
            }
        });
    }

    /** @return whether anything was claimed */
    private boolean sweepDue(List<SessionId> due) {
        Set<SessionId> told = new HashSet<>();
        unfinished.forEach(session -> told.add(session.id()));
        return forEachBatch(due, (batch, claimed) -> {
            List<Target> targets = new ArrayList<>();
            try {
                for (SessionId id : batch) {
                    NearCopy copy = copies.get(id);
                    if (!told.contains(id) && (copy == null || hold(copy))) {
                        targets.add(new Target(id, copy));
                    }
                }
                claimed.addAll(claiming.claim(targets, "", this::reachedMillis, budget()));
            } finally {
                targets.forEach(Target::release);
            }
        });
    }

    /** Claims a batch, and gives back its slots. */
    private interface Claimer<T> {
        /** @param claimed gets what is this node's to tell of, also if the store then fails */
        void claim(List<T> batch, List<Claimed> claimed);
    }

    /**
     * Claims and concludes all, batch by batch. What a batch of big sessions holds may take longer than a call may: the
     * next ones are smaller then, and come on; those of the one that failed are asked for again when the leases end
     * that it may have left.
     *
     * @return whether anything was claimed
     * @throws StoreUnavailableException if the store is away, or has answered nothing for a while
     */
    private <T> boolean forEachBatch(List<T> all, Claimer<T> claimer) {
        boolean any = false;
        int failures = 0;
        for (int from = 0; from < all.size() && !stopped; ) {
            int to = Math.min(all.size(), from + atOnce);
            List<Claimed> claimed = new ArrayList<>();
            try {
                claimer.claim(all.subList(from, to), claimed);
                failures = 0;
            } catch (StoreUnavailableException e) {
                failures++;
                tooMany = true;
                atOnce = Math.max(1, (to - from) / 2);
                if (failures > MOST_FAILURES || store.isAway()) {
                    throw e;
                }
                unavailable(e);
            } finally {
                conclude(claimed, budget());
            }
            any |= !claimed.isEmpty();
            from = to;
        }
        return any;
    }

    private void unavailable(StoreUnavailableException e) {
        context.log()
                .warn(
                        "HF-212",
                        () -> "Idle sessions cannot be ended, they are asked for again later: " + e.getMessage(),
                        e);
    }

    private List<SessionId> due() {
        long answered = 0;
        try {
            SessionStore.Due due = store.due(DUE_PER_SHARD, budget());
            answered = due.answered();
            List<SessionId> ids = new ArrayList<>(due.sessions());
            Collections.shuffle(ids); // or all nodes would run after the same ones
            return ids;
        } finally {
            reached(answered);
        }
    }

    /**
     * The primaries of a cluster come and go one by one: uses that one of them was not told are told to that one when
     * it is back.
     */
    private void reached(long answered) {
        long now = context.ticker().nanos();
        synchronized (reachedAt) {
            for (int shard = 0; shard < SessionId.SHARDS; shard++) {
                if ((answered >>> shard & 1) == 0) {
                    reachedAt[shard] = LOST;
                } else if (reachedAt[shard] == LOST) {
                    reachedAt[shard] = now;
                }
            }
        }
    }

    // ---- claims

    /** Takes the slot and stops admission, unless the session is in use here or a use of it is not told yet. */
    private boolean hold(NearCopy copy) {
        if (!copy.slot.tryAcquire()) {
            return false;
        }
        if (stopAdmission(copy)) {
            return true;
        }
        copy.slot.release();
        return false;
    }

    private boolean stopAdmission(NearCopy copy) {
        if (!copy.admission().stopIfIdle()) {
            return false;
        }
        // In this order: a request notes its use before it leaves the copy. And the store is told first what it is
        // owed.
        if (touches.isQueued(copy) || (copy.owed().isOwing() && copy.mayBeStored())) {
            copy.admission().resume();
            return false;
        }
        return true;
    }

    /**
     * Before the deadline. With the slots of all, and their admission stopped.
     *
     * @param claimed gets what is this node's to tell of; some of it has ended also if the store then fails
     */
    private void claimHeld(List<NearCopy> held, List<Claimed> claimed, WaitBudget budget) {
        List<Target> targets = new ArrayList<>();
        for (NearCopy copy : held) {
            LocalSession local = copy.local();
            if (!copy.mayBeStored() && local != null) {
                // No request ever saved it, so nobody else knows of it.
                copy.end(true);
                copies.forget(copy);
                claimed.add(
                        new Claimed(copy.id(), "", 0, local, context.ticker().nanos()));
            } else if (context.options().roaming() || copy.trust().isStale()) {
                copies.drop(copy); // others may have used it since
            } else {
                targets.add(new Target(copy.stored().id(), copy));
            }
        }
        claimed.addAll(claiming.claim(targets, context.owner(), this::reachedMillis, budget));
    }

    private void finishLeft() {
        List<Claimed> left = new ArrayList<>();
        for (Claimed session = unfinished.poll(); session != null; session = unfinished.poll()) {
            if (context.ticker().nanos() - session.sentAt() < KEPT) {
                left.add(session);
            }
        }
        finish(left, budget());
    }

    private void finish(List<Claimed> told, WaitBudget budget) {
        List<Claimed> left = new ArrayList<>(told);
        try {
            left.removeAll(claiming.finish(told, budget).keySet());
        } finally {
            unfinished.addAll(left);
        }
    }

    private long reachedMillis(int shard) {
        synchronized (reachedAt) {
            return reachedAt[shard] == LOST ? 0 : context.age(reachedAt[shard]);
        }
    }

    /** No request waits for a sweep. */
    private WaitBudget budget() {
        return WaitBudget.ofBackground();
    }
}
