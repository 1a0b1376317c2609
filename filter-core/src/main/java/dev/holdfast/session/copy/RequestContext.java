package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the protocol knows of one request to one application: what it brought, how long it may wait, which sessions it
 * uses, and whether it is refused. What a container does with a request stands in {@code RequestScope}, which is one.
 * Safe for use by several threads of the request.
 */
public abstract class RequestContext {
    static final String REFUSED = "HF-201";

    /**
     * One element each. What stays behind on a pooled thread is an array of the JDK's, empty between requests: nothing
     * of an application, and no class loader. To take it off the thread, too, would make a new one for each request.
     */
    private static final ThreadLocal<@Nullable Object[]> CURRENT = ThreadLocal.withInitial(() -> new Object[1]);

    private final ProtocolContext context;
    private final @Nullable Epoch presented;
    private final WaitBudget budget;
    private final long began;

    @GuardedBy("this")
    private List<RequestUse> sessions = List.of();

    private final RequestQueue.Held turns;
    private final @Nullable RequestContext host;
    /** Of other applications that this request has been dispatched to. */
    @GuardedBy("this")
    private List<RequestContext> guests = List.of();

    @GuardedBy("this")
    private @Nullable SessionRefusedException refusal;
    /** Refused for nothing but the end of its answer: all of its work is in the store, or will be. */
    @GuardedBy("this")
    private boolean onlyUnended;

    /**
     * @param host the request of another application that was dispatched to this one; null if this is a client's own
     */
    protected RequestContext(
            ProtocolContext context,
            @Nullable Epoch presented,
            WaitBudget budget,
            long began,
            @Nullable RequestContext host) {
        this.context = context;
        this.presented = presented;
        this.budget = budget;
        this.began = began;
        this.host = host;
        this.turns = context.options().oneAtATime() ? new RequestQueue.Held() : RequestQueue.Held.NONE;
    }

    // ---- which thread works for it

    /** What the calling thread works for, of whatever application; null if for no request. */
    protected static @Nullable RequestContext any() {
        return (RequestContext) CURRENT.get()[0];
    }

    /**
     * The request to the application of that context that the calling thread works for, be it as a guest; null if there
     * is none.
     */
    public static @Nullable RequestContext currentOf(ProtocolContext application) {
        RequestContext request = any();
        return request == null || request.isOf(application) ? request : request.guestOf(application);
    }

    @SuppressWarnings("ReferenceEquality") // one for each application, and no two are compared
    private boolean isOf(ProtocolContext application) {
        return context == application;
    }

    private synchronized @Nullable RequestContext guestOf(ProtocolContext application) {
        for (RequestContext one : guests) {
            if (one.isOf(application)) {
                return one;
            }
        }
        return null;
    }

    protected static void makeCurrent(@Nullable RequestContext request) {
        CURRENT.get()[0] = request;
    }

    // ---- what it brought

    /** As a report names it: its method and path. */
    public String name() {
        return "A request";
    }

    @Nullable
    public Epoch presented() {
        return presented;
    }

    public WaitBudget budget() {
        return budget;
    }

    public long began() {
        return began;
    }

    /** The sessions whose turn this request holds. */
    public RequestQueue.Held turns() {
        return turns;
    }

    protected synchronized void addGuest(RequestContext guest) {
        guests = with(guests, guest);
    }

    /** Mostly there is one, and it is asked for more often than added. */
    private static <T> List<T> with(List<T> before, T one) {
        if (before.isEmpty()) {
            return List.of(one);
        }
        List<T> all = new ArrayList<>(before);
        all.add(one);
        return List.copyOf(all);
    }

    protected synchronized List<RequestContext> guests() {
        return guests;
    }

    // ---- its sessions

    /**
     * Two threads of one request may have opened the same session: the first hold stands, the other one is given back.
     */
    public void add(RequestUse session) {
        synchronized (this) {
            if (sessionOf(session.copy()) == null) {
                sessions = with(sessions, session);
                return;
            }
        }
        session.copy().close(session);
    }

    public synchronized @Nullable RequestUse sessionOf(NearCopy copy) {
        for (int i = 0; i < sessions.size(); i++) { // at each use of an attribute: without an iterator
            if (sessions.get(i).copy() == copy) {
                return sessions.get(i);
            }
        }
        return null;
    }

    public synchronized List<RequestUse> sessions() {
        return sessions;
    }

    /** The one that it used last; null if it used none. */
    protected synchronized @Nullable RequestUse last() {
        return sessions.isEmpty() ? null : sessions.get(sessions.size() - 1);
    }

    /** What it has found under an id; null if it did not look for that. */
    protected synchronized @Nullable Lookup found(SessionId id) {
        for (RequestUse session : sessions) {
            ContainerSession local = session.copy().local();
            if (session.copy().id().equals(id) && local != null) {
                return session.copy().isOver() ? Lookup.NONE : Lookup.of(local);
            }
        }
        return null;
    }

    /**
     * What this request has cost so far, as in {@code session=loaded+saved trips=2 us=812}: what was done with each of
     * its sessions, {@code none} if it used none; how many calls to the store it made; how many microseconds it waited,
     * for these and for other requests of its sessions.
     */
    public String cost() {
        StringJoiner what = new StringJoiner(",").setEmptyValue("none");
        sessions().forEach(session -> what.add(session.steps()));
        guests().forEach(guest -> guest.sessions().forEach(session -> what.add(session.steps())));
        if (refusal() != null) {
            what.add("refused");
        }
        return "session=" + what + " trips=" + budget.calls() + " us="
                + TimeUnit.NANOSECONDS.toMicros(budget.spentNanos());
    }

    // ---- whether it is refused

    /** Refuses the request: whatever it does, its answer is to be 503. */
    public SessionRefusedException refuse(String message, @Nullable Throwable cause) {
        return refuse(REFUSED, message, cause);
    }

    public SessionRefusedException refuse(String code, String message, @Nullable Throwable cause) {
        SessionRefusedException refused = new SessionRefusedException(code, message, cause);
        boolean unended;
        synchronized (this) {
            if (refusal != null) {
                return refusal;
            }
            refusal = refused;
            unended = onlyUnended;
            if (cause instanceof StoreUnavailableException failure
                    && failure.reason() == StoreUnavailableException.Reason.CROWDED) {
                context.counters().crowded.increment();
            }
            count(context, code, message, cause);
        }
        if (host != null) {
            host.alsoRefused(refused, unended);
        }
        guests().forEach(one -> one.alsoRefused(refused, unended));
        return refused;
    }

    /** One answer, one verdict: what is refused to one application of a request is refused to all. */
    private synchronized void alsoRefused(SessionRefusedException refused, boolean unended) {
        if (refusal == null) {
            refusal = refused;
            onlyUnended = unended;
        }
    }

    /** As {@link #refuse}, because of the end of its answer and nothing else. */
    protected SessionRefusedException refuseEnd(String code, String message) {
        synchronized (this) {
            onlyUnended = refusal == null;
        }
        return refuse(code, message, null);
    }

    /**
     * Refuses the request because its session, which it needs, cannot be looked up: to go on without one would log the
     * user out.
     *
     * @param lookup what the look-up has answered: unavailable
     */
    public SessionRefusedException refuse(SessionId id, Lookup lookup) {
        StoreUnavailableException cause = lookup.cause();
        String why = cause == null ? "" : " " + cause.getMessage();
        return refuse(
                "Session " + id + " cannot be looked up:" + why
                        + " No new one is made in its place; the response is 503.",
                cause);
    }

    /**
     * An error that nobody planned, of Holdfast or of code of the application that it calls, is a refusal, too: nothing
     * was acknowledged.
     */
    protected void orRefuse(Runnable work) {
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

    /** Why the request must be answered 503; null if it need not. */
    public synchronized @Nullable SessionRefusedException refusal() {
        return refusal;
    }

    protected synchronized boolean isWorkRefused() {
        return refusal != null && !onlyUnended;
    }

    /**
     * Refuses work of whoever it is for.
     *
     * @param request null for work that no request is known to wait for
     */
    public static SessionRefusedException refuse(
            ProtocolContext context, @Nullable RequestContext request, String message, @Nullable Throwable cause) {
        if (request != null) {
            return request.refuse(message, cause);
        }
        count(context, REFUSED, message, cause);
        return new SessionRefusedException(REFUSED, message, cause);
    }

    private static void count(ProtocolContext context, String code, String message, @Nullable Throwable cause) {
        context.counters().refused.increment();
        context.log().warn(code, () -> message, cause instanceof UnencodableAttributeException ? null : cause);
    }
}
