package dev.holdfast.session.expiry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.ExpiryStore;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopies;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.expiry.ExpiryClaims.Claimed;
import dev.holdfast.session.expiry.ExpiryClaims.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions end because they were idle for max inactive: each is claimed in the store (rule 11), then handed to
 * the {@link ExpiryNotifier}. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A copy stops admitting before its session is claimed, and a claimed session is gone
 * for everyone, so no request is served after {@code sessionDestroyed}. Who holds the session claims it at max
 * inactive, anybody after the deadline, nobody while a node may have uses to tell that it could not. The store decides
 * by its own clock; this node's only says what is worth asking for.
 */
public final class ExpirySweeper {
    /** So few that their listeners have about a second each within the lease. */
    private static final int BATCH = 20;

    private static final int DUE_PER_SHARD = 50;

    /** As often in a row a batch may fail, each time with half as many sessions, before the sweep ends. */
    private static final int MOST_FAILURES = 8;

    private final ProtocolContext context;
    private final SessionStore store;
    private final NearCopies copies;
    private final TouchBatcher touches;
    private final ExpiryClaims claiming;
    private final ExpiryNotifier notifier;
    private final ReachedPrimaries reached;
    private final ReentrantLock sweeping = new ReentrantLock();
    /** How many are claimed at once. */
    @GuardedBy("sweeping")
    private int atOnce = BATCH;

    /** Whether the last sweep tried too many at once. */
    @GuardedBy("sweeping")
    private boolean tooMany;

    public ExpirySweeper(
            ProtocolContext context,
            TouchBatcher touches,
            ExpiryClaims claiming,
            ExpiryNotifier notifier,
            ReachedPrimaries reached) {
        this.context = context;
        this.store = context.store();
        this.copies = context.copies();
        this.touches = touches;
        this.claiming = claiming;
        this.notifier = notifier;
        this.reached = reached;
    }

    private boolean isIdle(NearCopy copy, ContainerSession local) {
        int maxInactive = local.maxInactiveSeconds();
        return maxInactive > 0
                && context.ticker().nanos() - copy.admission().lastUse() >= TimeUnit.SECONDS.toNanos(maxInactive);
    }

    // ---- one session, when a request finds it idle

    /**
     * Claims a held session that is idle. Under its lock; {@link ExpiryNotifier#conclude} follows without it.
     *
     * @return null if it has not expired: it serves on, or was dropped
     * @throws StoreUnavailableException if the store does not say
     */
    @Nullable
    public Claimed claimIfIdle(NearCopy copy, WaitBudget budget) {
        ContainerSession local = copy.local();
        if (local == null || !isIdle(copy, local) || !stopAdmission(copy)) {
            return null;
        }
        List<Claimed> claimed = new ArrayList<>();
        claimHeld(List.of(copy), claimed, budget);
        return claimed.isEmpty() ? null : claimed.get(0);
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
            notifier.tellUntold();
            sweepHeld(copy ->
                    !copy.mayBeStored()); // nobody has to be asked, and crawlers leave many while the store is away
            notifier.finishLeft();
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
        notifier.stop();
        boolean alone = false;
        try {
            alone = sweeping.tryLock(context.options().timeout().toNanos(), TimeUnit.NANOSECONDS);
            notifier.finishLeft();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            claiming.unavailable(
                    "The end of idle sessions, whose listeners were told, cannot be stored before the application"
                            + " stops; another node tells its own",
                    e);
        } finally {
            if (alone) {
                sweeping.unlock();
            }
        }
    }

    @GuardedBy("sweeping")
    private void sweepHeld(Predicate<NearCopy> which) {
        List<NearCopy> idle = new ArrayList<>();
        for (NearCopy copy : copies.all()) {
            ContainerSession local = copy.local();
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
                claimHeld(held, claimed, WaitBudget.ofBackground());
            } finally {
                held.forEach(copy -> copy.lock.release());
            }
        });
    }

    /** @return whether anything was claimed */
    @GuardedBy("sweeping")
    private boolean sweepDue(List<SessionId> due) {
        Set<SessionId> told = notifier.unfinished();
        return forEachBatch(due, (batch, claimed) -> {
            List<Target> targets = new ArrayList<>();
            try {
                for (SessionId id : batch) {
                    NearCopy copy = copies.get(id);
                    if (!told.contains(id) && (copy == null || hold(copy))) {
                        targets.add(new Target(id, copy));
                    }
                }
                claimed.addAll(claiming.claim(targets, "", reached::millis, WaitBudget.ofBackground()));
            } finally {
                targets.forEach(Target::release);
            }
        });
    }

    /** Claims a batch, and gives back its locks. */
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
    @GuardedBy("sweeping")
    private <T> boolean forEachBatch(List<T> all, Claimer<T> claimer) {
        boolean any = false;
        int failures = 0;
        for (int from = 0; from < all.size() && !notifier.isStopped(); ) {
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
                notifier.conclude(claimed, WaitBudget.ofBackground());
            }
            any |= !claimed.isEmpty();
            from = to;
        }
        return any;
    }

    private void unavailable(StoreUnavailableException e) {
        claiming.unavailable("Idle sessions cannot be ended, they are asked for again later", e);
    }

    private List<SessionId> due() {
        long answered = 0;
        try {
            ExpiryStore.Due due = store.due(DUE_PER_SHARD, WaitBudget.ofBackground());
            answered = due.answered();
            List<SessionId> ids = new ArrayList<>(due.sessions());
            Collections.shuffle(ids); // or all nodes would run after the same ones
            return ids;
        } finally {
            reached.answered(answered);
        }
    }

    // ---- claims

    /** Takes the lock and stops admission, unless the session is in use here or a use of it is not told yet. */
    private boolean hold(NearCopy copy) {
        if (!copy.lock.tryAcquire()) {
            return false;
        }
        if (stopAdmission(copy)) {
            return true;
        }
        copy.lock.release();
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
     * Before the deadline. With the locks of all, and their admission stopped.
     *
     * @param claimed gets what is this node's to tell of; some of it has ended also if the store then fails
     */
    private void claimHeld(List<NearCopy> held, List<Claimed> claimed, WaitBudget budget) {
        List<Target> targets = new ArrayList<>();
        for (NearCopy copy : held) {
            ContainerSession local = copy.local();
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
        claimed.addAll(claiming.claim(targets, context.owner(), reached::millis, budget));
    }
}
