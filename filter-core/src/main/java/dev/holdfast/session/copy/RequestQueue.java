package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Rule 13: where {@code holdfast.parallel} is off, requests of one session on one node go one at a time, in the order
 * in which they first used it. Safe for use by many threads.
 *
 * <p>A turn belongs to a request, not to a copy: a copy can be dropped and replaced while a request is inside, and the
 * next one still has to wait for it. It lasts until the request has finished, an asynchronous one included. Who waits
 * does so within what its request may wait in all, and as one of those that {@link ClientWaits} lets wait.
 *
 * <p><b>Implementation note.</b> No monitor is held while somebody waits: a virtual thread would keep its carrier, and
 * the request inside might get none to go on with.
 */
public final class RequestQueue {
    private static final String CROWDED = "HF-236";

    private final SessionOptions options;
    private final Ticker ticker;
    private final SessionCounters counters;
    private final ClientWaits waits;
    /** Also the lock of everything in {@link Turn} and {@link Held}; never held while waiting. */
    @GuardedBy("itself")
    private final Map<String, Turn> turns = new HashMap<>();

    public RequestQueue(SessionOptions options, Ticker ticker, SessionCounters counters, ClientWaits waits) {
        this.options = options;
        this.ticker = ticker;
        this.counters = counters;
        this.waits = waits;
    }

    /**
     * The right of one request at a time to use a session, under each id that the session had while somebody was
     * inside. Guarded by {@link #turns}, but for the permit.
     */
    private static final class Turn {
        private final Semaphore permit = new Semaphore(1, true);
        private final Set<String> ids = new HashSet<>(2);
        /** Requests that hold it or wait for it. */
        private int interested;
    }

    /** The turns that one request holds, or one saving in the background. Guarded by {@code turns} of its queue. */
    public static final class Held {
        /** Of all requests where they do not queue: it never holds anything. */
        static final Held NONE = new Held();

        /**
         * Taken by a thread that asks: a second thread of the request would else wait for the first, and so for itself.
         */
        private final ReentrantLock asking = new ReentrantLock();

        private final List<Turn> turns = new ArrayList<>(0);
        /** The request has finished: what another thread of it still waits for is given back at once. */
        private boolean finished;
    }

    /** What came of asking for a turn. */
    public enum Entry {
        /** The request holds it from now on. */
        TAKEN,
        /** The request holds it already, or requests of this application do not queue. */
        HELD,
        /** Another request is inside. */
        BUSY,
        /** Another request is inside, and enough wait for it. */
        CROWDED
    }

    /**
     * Asks for the session's turn.
     *
     * @param held by the request, or by the work in the background, that asks
     * @param budget what it may wait in all
     * @param mayWait whether to wait for the request inside
     */
    public Entry enter(Held held, WaitBudget budget, SessionId id, boolean mayWait) {
        if (!options.oneAtATime()) {
            return Entry.HELD;
        }
        held.asking.lock();
        try {
            Turn turn;
            synchronized (turns) {
                turn = turns.computeIfAbsent(id.value(), v -> new Turn());
                if (held.turns.contains(turn)) {
                    return Entry.HELD;
                }
                turn.ids.add(id.value());
                turn.interested++;
            }
            Entry entry = take(budget, id, turn, mayWait);
            synchronized (turns) {
                if (entry == Entry.TAKEN && !held.finished) {
                    held.turns.add(turn);
                    return Entry.TAKEN;
                }
                if (entry == Entry.TAKEN) {
                    turn.permit.release();
                }
                forget(turn);
                return entry == Entry.CROWDED ? Entry.CROWDED : Entry.BUSY;
            }
        } finally {
            held.asking.unlock();
        }
    }

    private Entry take(WaitBudget budget, SessionId id, Turn turn, boolean mayWait) {
        if (ticker.acquire(turn.permit, 0)) {
            return Entry.TAKEN;
        }
        if (!mayWait) {
            return Entry.BUSY;
        }
        if (!waits.enter(id, options.requestThreads().getAsInt())) {
            return Entry.CROWDED;
        }
        long start = ticker.nanos();
        try {
            counters.queued.increment();
            return ticker.acquire(turn.permit, budget.remainingNanos()) ? Entry.TAKEN : Entry.BUSY;
        } finally {
            budget.spend(ticker.nanos() - start);
            waits.leave(id);
        }
    }

    /** The session has another id from now on: whoever comes with that one queues, too. */
    public void alsoFor(Held held, SessionId id, SessionId newId) {
        synchronized (turns) {
            Turn turn = turns.get(id.value());
            if (turn != null && held.turns.contains(turn) && turns.putIfAbsent(newId.value(), turn) == null) {
                turn.ids.add(newId.value());
            }
        }
    }

    /** There was no session to take turns for. */
    public void leave(Held held, SessionId id) {
        synchronized (turns) {
            Turn turn = turns.get(id.value());
            if (turn != null && held.turns.remove(turn)) {
                turn.permit.release();
                forget(turn);
            }
        }
    }

    /** The request has finished. */
    public void leaveAll(Held held) {
        if (!options.oneAtATime()) {
            return;
        }
        synchronized (turns) {
            held.finished = true;
            for (Turn turn : held.turns) {
                turn.permit.release();
                forget(turn);
            }
            held.turns.clear();
        }
    }

    @GuardedBy("turns")
    private void forget(Turn turn) {
        turn.interested--;
        if (turn.interested == 0) {
            turns.keySet().removeAll(turn.ids);
        }
    }

    /** @param entry busy or crowded */
    public StoreUnavailableException refused(Entry entry, WaitBudget budget, SessionId id) {
        String inside = "another request of session " + id + " has been inside for longer than holdfast.timeout ("
                + budget.whole().toMillis() + "ms)";
        String crowded = "another request of session " + id + " is inside, and enough wait for it (" + CROWDED + ": "
                + ClientWaits.bounds() + ")";
        return new StoreUnavailableException(
                (entry == Entry.CROWDED ? crowded : inside)
                        + ", and holdfast.parallel is off: requests of one session go one at a time.",
                false,
                null);
    }
}
