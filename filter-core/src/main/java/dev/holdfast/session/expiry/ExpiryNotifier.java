package dev.holdfast.session.expiry;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.ProtocolContext;
import dev.holdfast.session.expiry.ExpiryClaims.Claimed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Tells the listeners of sessions that have ended in the store, and finishes the claims of which they were told (rule
 * 11). Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Listeners run without the lock of any copy, so no request waits for them, and on the
 * calling thread, with the application's class loader in place. A claim that is not finished, because its node died,
 * was stopped or lost the store, ends with its lease and is taken again: an end may be told twice after such a fault,
 * and is never left out.
 */
public final class ExpiryNotifier {
    /** A listener that would begin later than this after its claim was sent might run beside the next claimer's. */
    private static final long TELLING = Lifetimes.LEASE.toNanos() * 2 / 3;

    /** Longer than the key of a claimed session lives. */
    private static final long KEPT = TimeUnit.HOURS.toNanos(2);

    private final ProtocolContext context;
    private final ExpiryClaims claiming;
    /** Told, and not known to be finished. */
    private final Queue<Claimed> unfinished = new ConcurrentLinkedQueue<>();

    /** Ended by requests that were refused before that was known. */
    private final Queue<Ended> untold = new ConcurrentLinkedQueue<>();

    private volatile boolean stopped;

    private record Ended(SessionId id, ContainerSession local) {}

    public ExpiryNotifier(ProtocolContext context, ExpiryClaims claiming) {
        this.context = context;
        this.claiming = claiming;
    }

    /**
     * Tells the listeners of claimed sessions and finishes them, in the order that was chosen. Without the lock of
     * any copy, and with the application's class loader in place.
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
            claiming.unavailable("The end of idle sessions cannot be stored, it is tried again later", e);
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

    private void tell(SessionId id, ContainerSession local) {
        try {
            local.expired();
        } catch (RuntimeException | Error e) {
            // Errors too, or those behind it would go untold with it, and all of them be told again when their leases
            // end.
            context.log().warn("HF-214", () -> "The end of session " + id + " could not be told to all listeners", e);
        }
    }

    /** The store has ended a session for this node; its listeners are told with the next sweep. */
    public void tellLater(SessionId id, ContainerSession local) {
        untold.add(new Ended(id, local));
    }

    /** Tells what was left to the next sweep. */
    void tellUntold() {
        for (Ended ended = untold.poll(); ended != null && !stopped; ended = untold.poll()) {
            context.counters().ended.increment();
            tell(ended.id(), ended.local());
        }
    }

    /** The sessions of which listeners were told, and of which the store has not taken that yet. */
    Set<SessionId> unfinished() {
        Set<SessionId> told = new HashSet<>();
        unfinished.forEach(session -> told.add(session.id()));
        return told;
    }

    /** Finishes what could not be finished when it was told. */
    void finishLeft() {
        List<Claimed> left = new ArrayList<>();
        for (Claimed session = unfinished.poll(); session != null; session = unfinished.poll()) {
            if (context.ticker().nanos() - session.sentAt() < KEPT) {
                left.add(session);
            }
        }
        finish(left, WaitBudget.ofBackground());
    }

    private void finish(List<Claimed> told, WaitBudget budget) {
        List<Claimed> left = new ArrayList<>(told);
        try {
            left.removeAll(claiming.finish(told, budget).keySet());
        } finally {
            unfinished.addAll(left);
        }
    }

    /** No further listener is told. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }
}
