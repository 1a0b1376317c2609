package dev.holdfast.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to one application, from the first look at its cookies to the end of its response: which sessions it used, and what must be
 * in the store before its response leaves.
 *
 * <p>The container enters the scope on each thread that works for the request, saves before the response commits, and finishes in the end.
 * A request may use several sessions one after the other (one ended, the next created). Safe for use by several threads of one request.
 */
public final class RequestScope {
    static final String REFUSED = "HF-201";

    private static final ThreadLocal<@Nullable RequestScope> CURRENT = new ThreadLocal<>();

    private final SessionCoordinator coordinator;
    private final @Nullable Epoch presented;
    private final Object owner;
    private final WaitBudget budget;
    private final long began;
    private final List<RequestSession> sessions = new ArrayList<>(1);
    private final Map<String, Lookup> missing = new HashMap<>(2);
    private final Turns.Held turns = new Turns.Held();
    private @Nullable SessionRefusedException refusal;
    private @Nullable Epoch sent;
    private final @Nullable Guest guest;
    /** Of other applications that this request has been dispatched to. */
    private List<RequestScope> guests = List.of();

    private boolean headersSent;
    private boolean finished;
    /** Refused for nothing but the end of its answer: all of its work is in the store, or will be. */
    private boolean onlyUnended;

    RequestScope(
            SessionCoordinator coordinator, @Nullable Epoch presented, Object owner, WaitBudget budget, long began) {
        this(coordinator, presented, owner, budget, began, null);
    }

    /**
     * What makes a scope one of another application's request.
     *
     * @param host the scope of that request
     * @param within runs something as the application of the guest, with its class loader
     */
    private record Guest(RequestScope host, Consumer<Runnable> within) {}

    private RequestScope(
            SessionCoordinator coordinator,
            @Nullable Epoch presented,
            Object owner,
            WaitBudget budget,
            long began,
            @Nullable Guest guest) {
        this.coordinator = coordinator;
        this.presented = presented;
        this.owner = owner;
        this.budget = budget;
        this.began = began;
        this.guest = guest;
    }

    /** The scope of the request that the calling thread works for; null if there is none. */
    public static @Nullable RequestScope current() {
        return CURRENT.get();
    }

    /** The scope of that application for the request that the calling thread works for, be it as a guest; null if there is none. */
    static @Nullable RequestScope currentOf(SessionCoordinator coordinator) {
        RequestScope scope = CURRENT.get();
        return scope == null || scope.belongsTo(coordinator) ? scope : scope.guestOf(coordinator);
    }

    private synchronized @Nullable RequestScope guestOf(SessionCoordinator other) {
        for (RequestScope one : guests) {
            if (one.belongsTo(other)) {
                return one;
            }
        }
        return null;
    }

    /**
     * The scope of another application that this request has been dispatched to, and that uses a session of its own: saved, refused and
     * finished with this one.
     *
     * @param presentedToOther the other application's epoch cookie, if the request carries it
     * @param within runs something with the class loader of the other application
     */
    public synchronized RequestScope beginGuest(
            SessionCoordinator other, @Nullable Epoch presentedToOther, Consumer<Runnable> within) {
        RequestScope made = new RequestScope(
                other, presentedToOther, owner, budget, other.ago(sinceBeganMillis()), new Guest(this, within));
        List<RequestScope> all = new ArrayList<>(guests);
        all.add(made);
        guests = List.copyOf(all);
        return made;
    }

    private synchronized List<RequestScope> guests() {
        return guests;
    }

    /** Whether a session of this application may be created under that id, which was made for another application. */
    public boolean mayCreate(SessionId id) {
        return coordinator.mayCreate(id, budget);
    }

    /** Whether this request, or one of its guests, holds a session of this id that is alive. */
    public synchronized boolean holds(SessionId id) {
        return sessions.stream()
                        .anyMatch(session -> session.copy().id().equals(id)
                                && !session.copy().isOver())
                || guests.stream().anyMatch(one -> one.holds(id));
    }

    private void eachGuest(Consumer<RequestScope> action) {
        for (RequestScope one : guests()) {
            if (one.guest != null) {
                one.guest.within().accept(() -> action.accept(one));
            }
        }
    }

    /**
     * Makes this the current scope of the calling thread.
     *
     * @return the scope that was current before, to be given to {@link #leave}
     */
    public @Nullable RequestScope enter() {
        RequestScope before = CURRENT.get();
        CURRENT.set(this);
        return before;
    }

    /** Ends what {@link #enter} began on this thread. */
    public static void leave(@Nullable RequestScope before) {
        if (before == null) {
            CURRENT.remove(); // nothing of an application stays behind on a pooled thread
        } else {
            CURRENT.set(before);
        }
    }

    @Nullable
    Epoch presented() {
        return presented;
    }

    WaitBudget budget() {
        return budget;
    }

    long began() {
        return began;
    }

    /** How many milliseconds ago the request began; a pause of the machine counts. */
    public long sinceBeganMillis() {
        return coordinator.age(began);
    }

    /** The container's own object of this request. */
    public Object owner() {
        return owner;
    }

    /** Whether this is a request to the application of that coordinator. */
    public boolean belongsTo(SessionCoordinator other) {
        return coordinator == other;
    }

    /**
     * Looks a session up. What was found, not found or unavailable is remembered for the whole request.
     *
     * @param mayAsk whether the store may be asked; if not, only a trusted copy is found
     */
    public Lookup find(SessionId id, boolean mayAsk) {
        synchronized (this) {
            for (RequestSession session : sessions) {
                LocalSession local = session.copy().local();
                if (session.copy().id().equals(id) && local != null) {
                    return session.copy().isOver() ? Lookup.NONE : Lookup.of(local);
                }
            }
            Lookup remembered = missing.get(id.value());
            if (remembered != null) {
                return remembered;
            }
        }
        Lookup lookup = coordinator.find(this, id, mayAsk);
        if (lookup.found() == Lookup.Found.NONE || lookup.found() == Lookup.Found.UNAVAILABLE) {
            synchronized (this) {
                missing.put(id.value(), lookup);
            }
        }
        return lookup;
    }

    /** Adds a session that was created or found for this request outside of its threads; does nothing if it is known. */
    public void adopt(NearCopy copy) {
        if (sessionOf(copy) == null) {
            coordinator.adopt(this, copy);
        }
    }

    /** Two threads of one request may have opened the same session: the first hold stands, the other one is given back. */
    void add(RequestSession session) {
        synchronized (this) {
            if (sessionOf(session.copy()) == null) {
                sessions.add(session);
                return;
            }
        }
        session.copy().close(session);
    }

    synchronized @Nullable RequestSession sessionOf(NearCopy copy) {
        for (RequestSession session : sessions) {
            if (session.copy() == copy) {
                return session;
            }
        }
        return null;
    }

    /** The sessions whose turn this request holds. */
    Turns.Held turns() {
        return turns;
    }

    private synchronized List<RequestSession> sessions() {
        return List.copyOf(sessions);
    }

    /** Whether the request is, or would be, acknowledged though not all of its work is stored: the store is away. */
    synchronized boolean isAtRisk() {
        return sessions.stream().anyMatch(RequestSession::isAtRisk);
    }

    /** Whether the request was served without an answer of the store, which is away. */
    synchronized boolean isWithoutStore() {
        return sessions.stream().anyMatch(RequestSession::isWithoutStore);
    }

    /** Whether the request used a session. */
    public synchronized boolean usedSession() {
        return !sessions.isEmpty();
    }

    /** Whether the session that the request held last has ended, wherever that was. */
    public synchronized boolean endedSession() {
        return !sessions.isEmpty() && sessions.get(sessions.size() - 1).copy().isOver();
    }

    /** Whether the request holds a session that is alive. */
    public synchronized boolean hasSession() {
        return !sessions.isEmpty() && !sessions.get(sessions.size() - 1).copy().isOver();
    }

    /**
     * Refuses the request because its session, which it needs, cannot be looked up: to go on without one would log the user out.
     *
     * @param lookup what {@link #find} has answered: unavailable
     */
    public SessionRefusedException refuse(SessionId id, Lookup lookup) {
        StoreUnavailableException cause = lookup.cause();
        String why = cause == null ? "" : " " + cause.getMessage();
        return refuse(
                "Session " + id + " cannot be looked up:" + why
                        + " No new one is made in its place; the response is 503.",
                cause);
    }

    /** Refuses the request: whatever it does, its answer is to be 503. */
    public SessionRefusedException refuse(String message, @Nullable Throwable cause) {
        return refuse(REFUSED, message, cause);
    }

    SessionRefusedException refuse(String code, String message, @Nullable Throwable cause) {
        SessionRefusedException refused = new SessionRefusedException(code, message, cause);
        synchronized (this) {
            if (refusal != null) {
                return refusal;
            }
            refusal = refused;
            if (cause instanceof StoreUnavailableException failure
                    && failure.lack() == StoreUnavailableException.Lack.CROWDED) {
                coordinator.counters().crowded.increment();
            }
            coordinator.refused(code, message, cause);
        }
        if (guest != null) {
            guest.host().alsoRefused(refused, onlyUnended);
        }
        guests().forEach(one -> one.alsoRefused(refused, onlyUnended));
        return refused;
    }

    /** One answer, one verdict: what is refused to one application of a request is refused to all. */
    private synchronized void alsoRefused(SessionRefusedException refused, boolean unended) {
        if (refusal == null) {
            refusal = refused;
            onlyUnended = unended;
        }
    }

    /** Why the request must be answered 503; null if it need not. */
    public synchronized @Nullable SessionRefusedException refusal() {
        return refusal;
    }

    /**
     * Makes everything that this request changed, or saw changed, durable. To be called before the first byte of the response leaves; may
     * be called again.
     *
     * @throws SessionRefusedException if something cannot be kept: the response is to be 503
     */
    public void save() {
        SessionRefusedException refused = refusal();
        if (refused != null) {
            throw refused;
        }
        orRefuse(() -> {
            for (RequestSession session : sessions()) {
                coordinator.save(this, session);
            }
        });
        eachGuest(RequestScope::save);
    }

    /** An error that nobody planned, of Holdfast or of code of the application that it calls, is a refusal, too: nothing was acknowledged. */
    private void orRefuse(Runnable work) {
        try {
            work.run();
        } catch (SessionRefusedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw refuseUnplanned(e);
        }
    }

    /**
     * Refuses the request because of an error that nobody planned while it was saved or answered; it was told of, once.
     *
     * @return what the container is to do with it: the answer is 503, or cut off where it has begun
     */
    public SessionRefusedException refuseUnplanned(Throwable failure) {
        return refuse(
                "HF-231",
                "A request cannot be saved or answered, because of an error that nobody planned: "
                        + failure.getClass().getName() + ". Its answer is 503, or its connection is closed.",
                failure);
    }

    /**
     * The epoch that the response must carry as a cookie. To be asked after {@link #save}, when the headers are about to leave.
     *
     * @return null if none is needed
     */
    public @Nullable Epoch sendEpoch() {
        synchronized (this) {
            headersSent = true;
            RequestSession last = sessions.isEmpty() ? null : sessions.get(sessions.size() - 1);
            sent = last == null || last.copy().isOver() ? null : last.answer();
            return sent;
        }
    }

    /**
     * To be called before the end of a response leaves whose head had left before: saves what was changed since, and, where an epoch moved
     * that no header could tell, waits until every other node has stopped trusting the old one. The request may go on; {@link #finish} will
     * follow.
     *
     * @throws SessionRefusedException if a late change cannot be kept, or too many answers wait for their end: the connection is to be closed
     */
    public void endResponse() {
        orRefuse(() -> {
            saveLate();
            awaitOldTrust();
        });
        eachGuest(RequestScope::endResponse);
    }

    private void saveLate() {
        for (RequestSession session : sessions()) {
            if (!isWorkRefused()) {
                coordinator.saveLate(this, session);
            }
        }
    }

    private synchronized boolean isWorkRefused() {
        return refusal != null && !onlyUnended;
    }

    /**
     * Ends the request: saves what was changed after the response had begun, notes the use, and, where an epoch moved that no header could
     * tell, waits until every other node has stopped trusting the old one.
     *
     * @throws SessionRefusedException if a late change cannot be kept: the connection is to be closed
     */
    public void finish() {
        synchronized (this) {
            if (finished) {
                return;
            }
            finished = true;
        }
        try {
            eachGuest(RequestScope::finish); // what is refused to a guest is to be known before this is
        } finally {
            finishOwn();
        }
    }

    private void finishOwn() {
        boolean saved = false;
        try {
            orRefuse(this::saveLate);
            saved = true;
            orRefuse(this::awaitOldTrust);
        } finally {
            // Whatever goes wrong with one of them: the others are closed, and the next request gets its turn.
            try {
                close(sessions(), !saved || isWorkRefused());
            } finally {
                coordinator.leave(this);
            }
        }
    }

    private void close(List<RequestSession> open, boolean refused) {
        for (RequestSession session : open) {
            try {
                orRefuse(() -> {
                    if (refused) {
                        // What was refused must not become durable with a neighbour's commit.
                        coordinator.abandon(session, refusal());
                    }
                });
            } catch (SessionRefusedException e) {
                // Told where it was refused. The copy was an orphan before any code of others ran, or it is dropped
                // now.
                coordinator.orphan(session);
            } finally {
                coordinator.close(session);
            }
        }
    }

    /**
     * Rule 10. While an answer has no end, its browser has not read it, and may be shown the old state elsewhere. So where no more requests
     * may wait the answer gets none: its connection is closed. What the request did is in the store and stays there.
     */
    private void awaitOldTrust() {
        long until = Long.MIN_VALUE;
        SessionId waiting = null;
        for (RequestSession session : sessions()) {
            if (session.hasMoved()
                    && !session.copy().isOver()
                    && !(headersSent
                            && session.answer() != null
                            && session.answer().equals(sent))) {
                until = Math.max(until, coordinator.rules().oldTrustEnds(session.movedAt()));
                waiting = session.copy().id();
            }
        }
        if (waiting != null && refusal() == null && !coordinator.awaitOldTrust(waiting, until)) {
            synchronized (this) {
                onlyUnended = refusal == null;
            }
            throw refuse(
                    "HF-237",
                    "The answer to a request of session " + waiting
                            + " had begun before the request used its session, so its end has to wait until no other node trusts an older state, and "
                            + ClientWaits.bounds() + " The connection is closed.",
                    null);
        }
    }
}
