package dev.holdfast.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How sessions end that were idle for max inactive: claimed in the store, told to the listeners of this node, finished in the store (rule
 * 11).
 *
 * <p><b>Implementation note.</b> A copy stops admitting before its session is claimed, and a claimed session is gone for everyone, so no
 * request is served after {@code sessionDestroyed}; listeners run with no slot held, so none waits for them. Who holds the session claims
 * it at max inactive, anybody after the deadline, nobody while a node may have uses to tell that it could not. A claim that is not
 * finished, because its node died, was stopped or lost the store, ends with its lease and is taken again: an end may be told twice after
 * such a fault, and is never left out. The store decides by its own clock; this node's only says what is worth asking for.
 */
final class Expiring {
    /** So few that their listeners have about a second each within the lease. */
    private static final int BATCH = 20;

    private static final int DUE_PER_SHARD = 50;

    /** A listener that would begin later than this after its claim was sent might run beside the next claimer's. */
    private static final long TELLING = Lifetimes.LEASE.toNanos() * 2 / 3;

    /** Longer than the key of a claimed session lives. */
    private static final long KEPT = TimeUnit.HOURS.toNanos(2);

    private static final long LOST = Long.MAX_VALUE;

    private final Node node;
    private final SessionStore store;
    private final NearCopies copies;
    private final TouchBatcher touches;
    private final ReentrantLock sweeping = new ReentrantLock();
    /** Copies whose claim is under way: the entry of their own end in the log is none of another. */
    private final Set<NearCopy> underWay = ConcurrentHashMap.newKeySet();
    /** Told, and not known to be finished. */
    private final Queue<Claimed> unfinished = new ConcurrentLinkedQueue<>();

    /** Since when this primary has answered; {@link #LOST} while it does not. */
    private volatile long reachedAt;

    private volatile boolean stopped;

    Expiring(Node node, TouchBatcher touches) {
        this.node = node;
        this.store = node.store;
        this.copies = node.copies;
        this.touches = touches;
        this.reachedAt = node.ticker.nanos();
    }

    /**
     * A session that is this node's to tell of.
     *
     * @param token of the claim; empty for a session that the store never knew
     * @param sentAt ticker time at which the claim was sent
     */
    record Claimed(SessionId id, String token, int maxInactiveSeconds, LocalSession local, long sentAt) {}

    /** @param copy this node's copy, its slot held and its admission stopped; null if there is none */
    private record Target(SessionId id, @Nullable NearCopy copy) {}

    // ---- what others ask

    boolean isIdle(NearCopy copy, LocalSession local) {
        int maxInactive = local.maxInactiveSeconds();
        return maxInactive > 0 && node.ticker.nanos() - copy.lastUse() >= TimeUnit.SECONDS.toNanos(maxInactive);
    }

    /** Whether an end that the log tells of may be this node's own claim, whose reply is under way. */
    boolean isUnderWay(NearCopy copy) {
        return underWay.contains(copy);
    }

    /** The store has lost uses that it acknowledged, or may have: those that nodes tell again go first. */
    void otherPrimary() {
        if (reachedAt != LOST) {
            reachedAt = node.ticker.nanos();
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
    Claimed claimIfIdle(NearCopy copy, WaitBudget budget) {
        LocalSession local = copy.local();
        if (local == null || !isIdle(copy, local) || !stopAdmission(copy)) {
            return null;
        }
        List<Claimed> claimed = claimHeld(List.of(copy), budget);
        return claimed.isEmpty() ? null : claimed.get(0);
    }

    /**
     * Tells the listeners of claimed sessions, and finishes what was told. With no slot held and the application's class loader in place;
     * what cannot be finished now is finished later.
     */
    void conclude(List<Claimed> claimed, WaitBudget budget) {
        List<Claimed> told = new ArrayList<>();
        for (Claimed session : claimed) {
            if (stopped || node.ticker.nanos() - session.sentAt() > TELLING) {
                continue; // its lease ends, and another tells
            }
            tell(session);
            if (!session.token().isEmpty()) {
                told.add(session);
            }
        }
        try {
            finish(told, budget);
        } catch (StoreUnavailableException e) {
            node.log.warn(
                    "HF-212",
                    () ->
                            "The end of idle sessions, whose listeners were told, cannot be stored, it is tried again later: "
                                    + e.getMessage(),
                    e);
        }
    }

    private void tell(Claimed session) {
        node.counters.expired.increment();
        try {
            session.local().expired();
        } catch (RuntimeException e) {
            node.log.warn(
                    "HF-214",
                    () -> "The end of the idle session " + session.id() + " could not be told to all listeners",
                    e);
        }
    }

    // ---- all sessions, from time to time

    /** Ends what is idle and held here, and what is past its deadline wherever it was held. Does nothing while another call does. */
    void sweep() {
        if (!sweeping.tryLock()) {
            return;
        }
        try {
            finishLeft();
            List<SessionId> due = due();
            sweepHeld();
            while (sweepDue(due) && due.size() >= DUE_PER_SHARD) {
                due = due();
            }
        } catch (StoreUnavailableException e) {
            node.log.warn(
                    "HF-212",
                    () -> "Idle sessions cannot be ended, they are asked for again later: " + e.getMessage(),
                    e);
        } finally {
            sweeping.unlock();
        }
    }

    /** Tells no further listener, waits for the one that runs, and finishes what was told. */
    void stop() {
        stopped = true;
        boolean alone = false;
        try {
            alone = sweeping.tryLock(node.options.timeout().toNanos(), TimeUnit.NANOSECONDS);
            finishLeft();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailableException e) {
            node.log.warn(
                    "HF-212",
                    () ->
                            "The end of idle sessions, whose listeners were told, cannot be stored before the application stops; "
                                    + "another node tells its own: " + e.getMessage(),
                    e);
        } finally {
            if (alone) {
                sweeping.unlock();
            }
        }
    }

    private void sweepHeld() {
        List<NearCopy> idle = new ArrayList<>();
        for (NearCopy copy : copies.all()) {
            LocalSession local = copy.local();
            if (local != null && isIdle(copy, local)) {
                idle.add(copy);
            }
        }
        forEachBatch(idle, batch -> {
            List<NearCopy> held = new ArrayList<>();
            List<Claimed> claimed;
            try {
                for (NearCopy copy : batch) {
                    if (hold(copy)) {
                        held.add(copy);
                    }
                }
                claimed = claimHeld(held, budget());
            } finally {
                held.forEach(copy -> copy.slot.release());
            }
            conclude(claimed, budget());
            return !claimed.isEmpty();
        });
    }

    /** @return whether anything was claimed */
    private boolean sweepDue(List<SessionId> due) {
        Set<SessionId> told = new HashSet<>();
        unfinished.forEach(session -> told.add(session.id()));
        return forEachBatch(due, batch -> {
            List<Target> targets = new ArrayList<>();
            List<Claimed> claimed;
            try {
                for (SessionId id : batch) {
                    NearCopy copy = copies.get(id);
                    if (!told.contains(id) && (copy == null || hold(copy))) {
                        targets.add(new Target(id, copy));
                    }
                }
                claimed = claim(targets, "", budget());
            } finally {
                targets.forEach(Expiring::release);
            }
            conclude(claimed, budget());
            return !claimed.isEmpty();
        });
    }

    private <T> boolean forEachBatch(List<T> all, Predicate<List<T>> action) {
        boolean any = false;
        for (int from = 0; from < all.size() && !stopped; from += BATCH) {
            any |= action.test(all.subList(from, Math.min(all.size(), from + BATCH)));
        }
        return any;
    }

    private List<SessionId> due() {
        try {
            List<SessionId> due = new ArrayList<>(store.due(DUE_PER_SHARD, budget()));
            if (reachedAt == LOST) {
                reachedAt = node.ticker.nanos();
            }
            Collections.shuffle(due); // or all nodes would run after the same ones
            return due;
        } catch (StoreUnavailableException e) {
            reachedAt = LOST;
            throw e;
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
        if (!copy.stopIfIdle()) {
            return false;
        }
        // In this order: a request notes its use before it leaves the copy.
        if (touches.isQueued(copy)) {
            copy.resume();
            return false;
        }
        return true;
    }

    private static void release(Target target) {
        if (target.copy() != null) {
            target.copy().slot.release();
        }
    }

    /** Before the deadline. With the slots of all, and their admission stopped. */
    private List<Claimed> claimHeld(List<NearCopy> held, WaitBudget budget) {
        List<Claimed> claimed = new ArrayList<>();
        List<Target> targets = new ArrayList<>();
        for (NearCopy copy : held) {
            LocalSession local = copy.local();
            if (copy.base().equals(Base.NONE) && local != null) {
                // No request ever saved it, so nobody else knows of it.
                copy.end();
                copies.forget(copy);
                claimed.add(new Claimed(copy.id(), "", 0, local, node.ticker.nanos()));
            } else if (node.options.roaming() || copy.trust().isStale()) {
                copies.drop(copy); // others may have used it since
            } else {
                targets.add(new Target(copy.storedId(), copy));
            }
        }
        claimed.addAll(claim(targets, node.holder, budget));
        return claimed;
    }

    private List<Claimed> claim(List<Target> targets, String holder, WaitBudget budget) {
        if (targets.isEmpty()) {
            return List.of();
        }
        long now = node.ticker.nanos();
        long reached = reachedAt == LOST ? 0 : node.age(reachedAt);
        List<SessionStore.Claim> claims = new ArrayList<>();
        for (Target target : targets) {
            NearCopy copy = target.copy();
            if (copy != null) {
                underWay.add(copy);
            }
            claims.add(new SessionStore.Claim(
                    target.id(),
                    node.ended.sending(target.id().shard()).generation(),
                    RandomToken.next(),
                    holder,
                    reached,
                    copy == null ? null : copy.base()));
        }
        try {
            List<SessionStore.ClaimReply> replies = store.claim(claims, budget);
            List<Claimed> claimed = new ArrayList<>();
            for (int i = 0; i < targets.size(); i++) {
                Claimed session = take(targets.get(i), claims.get(i).token(), replies.get(i), now);
                if (session != null) {
                    claimed.add(session);
                }
            }
            return claimed;
        } finally {
            for (Target target : targets) {
                letGo(target.copy());
            }
        }
    }

    private @Nullable Claimed take(Target target, String token, SessionStore.ClaimReply reply, long sentAt) {
        NearCopy copy = target.copy();
        if (reply.outcome() == SessionStore.Outcome.OTHER_GENERATION) {
            node.ended.otherGeneration(target.id().shard(), reply.tail().generation());
        }
        if (reply.outcome() == SessionStore.Outcome.GONE && copy != null) {
            copies.endedElsewhere(copy);
        }
        if (reply.outcome() != SessionStore.Outcome.OK) {
            return null;
        }
        SessionSnapshot snapshot = reply.snapshot();
        LocalSession local = copy == null ? null : copy.local();
        if (snapshot == null && copy != null && local != null) {
            copy.end();
            copies.forget(copy);
            return new Claimed(target.id(), token, copy.savedMaxInactive(), local, sentAt);
        }
        if (snapshot == null) {
            throw new IllegalStateException("The store left out the session that it has claimed");
        }
        if (copy != null) {
            copies.drop(copy); // another node has changed the session since
        }
        NearCopy last = new NearCopy(node.coordinator, target.id());
        last.install(snapshot);
        LocalSession restored = node.sessions.restoreExpired(target.id(), last, snapshot, reply.sinceUseMillis());
        last.serve(restored);
        last.end();
        return new Claimed(target.id(), token, snapshot.maxInactiveSeconds(), restored, sentAt);
    }

    /** After a claim that was not granted, the copy serves on, unless it was heard meanwhile that others went on with the session. */
    private void letGo(@Nullable NearCopy copy) {
        if (copy == null) {
            return;
        }
        if (copy.trust().isStale() || node.options.roaming()) {
            copies.drop(copy);
        } else {
            copy.resume();
        }
        underWay.remove(copy);
    }

    private void finishLeft() {
        List<Claimed> left = new ArrayList<>();
        for (Claimed session = unfinished.poll(); session != null; session = unfinished.poll()) {
            if (node.ticker.nanos() - session.sentAt() < KEPT) {
                left.add(session);
            }
        }
        finish(left, budget());
    }

    private void finish(List<Claimed> told, WaitBudget budget) {
        if (told.isEmpty()) {
            return;
        }
        List<SessionStore.Finish> commands = new ArrayList<>();
        for (Claimed session : told) {
            commands.add(new SessionStore.Finish(
                    session.id(),
                    node.ended.sending(session.id().shard()).generation(),
                    session.token(),
                    session.maxInactiveSeconds()));
        }
        List<SessionStore.FinishReply> replies;
        try {
            replies = store.finish(commands, budget);
        } catch (StoreUnavailableException e) {
            unfinished.addAll(told);
            throw e;
        }
        for (int i = 0; i < told.size(); i++) {
            SessionStore.Outcome outcome = replies.get(i).outcome();
            if (outcome == SessionStore.Outcome.OTHER_GENERATION) {
                node.ended.otherGeneration(
                        told.get(i).id().shard(), replies.get(i).tail().generation());
            }
            if (outcome == null || outcome == SessionStore.Outcome.OTHER_GENERATION) {
                unfinished.add(told.get(i));
            }
        }
    }

    /** No request waits for a sweep. */
    private WaitBudget budget() {
        return new WaitBudget(node.options.timeout().multipliedBy(4));
    }
}
