package dev.holdfast.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Rule 13: where {@code holdfast.parallel} is off, requests of one session on one node go one at a time, in the order in which they first
 * used it. Safe for use by many threads.
 *
 * <p>A turn belongs to a request, not to a copy: a copy can be dropped and replaced while a request is inside, and the next one still has
 * to wait for it. It lasts until the request has finished, an asynchronous one included.
 */
final class Turns {
    /** Longer than the longest {@code holdfast.timeout}, so that nobody gives up for one slow call of the request ahead. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(40);

    private final Node node;
    private final Map<String, Turn> turns = new HashMap<>();

    Turns(Node node) {
        this.node = node;
    }

    /** The right of one request at a time to use a session, under each id that the session had while somebody was inside. */
    private static final class Turn {
        private final Semaphore permit = new Semaphore(1, true);
        private final Set<String> ids = new HashSet<>(2);
        /** Requests that hold it or wait for it. */
        private int interested;
    }

    /** The turns that one request holds. */
    static final class Held {
        private final List<Turn> turns = new ArrayList<>(0);
    }

    /** What came of asking for a turn. */
    enum Entry {
        /** The request holds it from now on. */
        TAKEN,
        /** The request holds it already, or requests of this application do not queue. */
        HELD,
        /** Another request is inside. */
        BUSY
    }

    /**
     * Asks for the session's turn.
     *
     * @param mayWait whether to wait for the request inside
     */
    Entry enter(RequestScope scope, SessionId id, boolean mayWait) {
        if (!node.options.oneAtATime()) {
            return Entry.HELD;
        }
        Held held = scope.turns();
        synchronized (held) { // or a second thread of the request would wait for the first, and so for itself
            Turn turn;
            synchronized (turns) {
                turn = turns.computeIfAbsent(id.value(), v -> new Turn());
                if (held.turns.contains(turn)) {
                    return Entry.HELD;
                }
                turn.ids.add(id.value());
                turn.interested++;
            }
            boolean mine = node.ticker.acquire(turn.permit, 0);
            if (!mine && mayWait) {
                node.counters.queued.increment();
                mine = node.ticker.acquire(turn.permit, PATIENCE);
            }
            if (!mine) {
                forget(turn);
                return Entry.BUSY;
            }
            held.turns.add(turn);
            return Entry.TAKEN;
        }
    }

    /** The session has another id from now on: whoever comes with that one queues, too. */
    void alsoFor(RequestScope scope, SessionId id, SessionId newId) {
        Held held = scope.turns();
        synchronized (held) {
            synchronized (turns) {
                Turn turn = turns.get(id.value());
                if (turn != null && held.turns.contains(turn) && turns.putIfAbsent(newId.value(), turn) == null) {
                    turn.ids.add(newId.value());
                }
            }
        }
    }

    /** There was no session to take turns for. */
    void leave(RequestScope scope, SessionId id) {
        Held held = scope.turns();
        synchronized (held) {
            Turn turn;
            synchronized (turns) {
                turn = turns.get(id.value());
            }
            if (turn != null && held.turns.remove(turn)) {
                turn.permit.release();
                forget(turn);
            }
        }
    }

    /** The request has finished. */
    void leaveAll(RequestScope scope) {
        Held held = scope.turns();
        synchronized (held) {
            for (Turn turn : held.turns) {
                turn.permit.release();
                forget(turn);
            }
            held.turns.clear();
        }
    }

    private void forget(Turn turn) {
        synchronized (turns) {
            turn.interested--;
            if (turn.interested == 0) {
                turns.keySet().removeAll(turn.ids);
            }
        }
    }

    StoreUnavailableException tooLong(SessionId id) {
        return new StoreUnavailableException(
                "another request of session " + id + " has been inside for longer than "
                        + TimeUnit.NANOSECONDS.toSeconds(PATIENCE)
                        + "s, and holdfast.parallel is off: requests of one session go one at a time.",
                false,
                null);
    }
}
