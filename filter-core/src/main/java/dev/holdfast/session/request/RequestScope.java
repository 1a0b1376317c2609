package dev.holdfast.session.request;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionAccess;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.Shown;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.RequestUse;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to one application, from the first look at its cookies to the end of its response: which sessions it
 * used, and, by what it inherits, what must be in the store before its response leaves.
 *
 * <p>The container enters the scope on each thread that works for the request, saves before the response commits, and
 * finishes in the end. A request may use several sessions one after the other (one ended, the next created). Safe for
 * use by several threads of one request.
 */
public final class RequestScope extends RequestAnswer {
    private final Object owner;

    @GuardedBy("this")
    private Map<String, Lookup> missing = Map.of();

    /** Runs something as the application of this guest, with its class loader; null if this is no guest. */
    private final @Nullable Consumer<Runnable> within;

    RequestScope(
            SessionCoordinator coordinator, @Nullable Epoch presented, Object owner, WaitBudget budget, long began) {
        super(coordinator, presented, budget, began, null);
        this.owner = owner;
        this.within = null;
    }

    private RequestScope(
            SessionCoordinator coordinator, @Nullable Epoch presented, RequestScope host, Consumer<Runnable> within) {
        super(coordinator, presented, host.budget(), coordinator.context().ago(host.sinceBeganMillis()), host);
        this.owner = host.owner;
        this.within = within;
    }

    // ---- which thread works for it

    /** The scope of the request that the calling thread works for; null if there is none. */
    public static @Nullable RequestScope current() {
        return (RequestScope) any();
    }

    /**
     * Makes this the current scope of the calling thread.
     *
     * @return the scope that was current before, to be given to {@link #leave}
     */
    public @Nullable RequestScope enter() {
        RequestScope before = current();
        makeCurrent(this);
        return before;
    }

    /** Ends what {@link #enter} began on this thread. */
    public static void leave(@Nullable RequestScope before) {
        makeCurrent(before);
    }

    // ---- what it is

    /** The container's own object of this request. */
    public Object owner() {
        return owner;
    }

    @Override
    public String name() {
        return Shown.text(String.valueOf(owner));
    }

    /** Whether this is a request to the application of that coordinator. */
    public boolean belongsTo(SessionCoordinator other) {
        return coordinator() == other;
    }

    /** How many milliseconds ago the request began; a pause of the machine counts. */
    public long sinceBeganMillis() {
        return coordinator().context().age(began());
    }

    /**
     * When a session was used last, by the container's clock: an age is all that nodes tell each other. Never later
     * than the calling thread's request began, however long the thread stands still: the age is measured after the
     * clock was read.
     *
     * @param nowMillis the container's clock, read for this call
     * @param sinceUseMillis how long the session had been unused when a reply or a loader said so
     */
    public static long usedAt(long nowMillis, long sinceUseMillis) {
        RequestScope request = current();
        return nowMillis - Math.max(sinceUseMillis, request == null ? 0 : request.sinceBeganMillis());
    }

    // ---- its guests: other applications that it has been dispatched to

    /**
     * The scope of another application that this request has been dispatched to, and that uses a session of its own:
     * saved, refused and finished with this one.
     *
     * @param presentedToOther the other application's epoch cookie, if the request carries it
     * @param within runs something with the class loader of the other application
     */
    public synchronized RequestScope beginGuest(
            SessionCoordinator other, @Nullable Epoch presentedToOther, Consumer<Runnable> within) {
        RequestScope made = new RequestScope(other, presentedToOther, this, within);
        addGuest(made);
        return made;
    }

    /**
     * Whether a session of this application may be created under that id, which was made for another application's: for
     * an id that no client can have chosen.
     */
    public boolean mayCreate(SessionId id) {
        return coordinator().mayCreate(id, budget());
    }

    /** Whether this request, or one of its guests, holds a session of this id that is alive. */
    public synchronized boolean holds(SessionId id) {
        return sessions().stream()
                        .anyMatch(session -> session.copy().id().equals(id)
                                && !session.copy().isOver())
                || guests().stream().anyMatch(one -> one instanceof RequestScope guest && guest.holds(id));
    }

    @Override
    void asGuest(Runnable work) {
        if (within != null) {
            within.accept(work);
        }
    }

    // ---- its sessions

    /**
     * Looks a session up. What was found, not found or unavailable is remembered for the whole request.
     *
     * @param mayAsk whether the store may be asked; if not, only a trusted copy is found
     */
    public Lookup find(SessionId id, boolean mayAsk) {
        synchronized (this) {
            Lookup found = found(id);
            if (found != null) {
                return found;
            }
            Lookup remembered = missing.get(id.value());
            if (remembered != null) {
                return remembered;
            }
        }
        Lookup lookup = coordinator().requests().find(this, id, mayAsk);
        if (lookup.found() == Lookup.Found.NONE || lookup.found() == Lookup.Found.UNAVAILABLE) {
            synchronized (this) {
                Map<String, Lookup> all = new HashMap<>(missing);
                all.put(id.value(), lookup);
                missing = all;
            }
        }
        return lookup;
    }

    /**
     * Adds a session that was created or found for this request outside of its threads; does nothing if it is known.
     */
    public void adopt(SessionAccess found) {
        NearCopy copy = NearCopy.of(found);
        if (sessionOf(copy) == null) {
            coordinator().requests().adopt(this, copy);
        }
    }

    /** Whether the request is, or would be, acknowledged though not all of its work is stored: the store is away. */
    public synchronized boolean isAtRisk() {
        return sessions().stream().anyMatch(RequestUse::isAtRisk);
    }

    /**
     * Whether the browser may be sent to another node with the answer: all that this one knows of its sessions is in
     * the store, which answers, and no other request is inside, which the other node would be in the way of.
     */
    public boolean mayMove() {
        if (isAtRisk() || isWithoutStore() || coordinator().context().store().isAway()) {
            return false;
        }
        for (RequestUse session : sessions()) {
            NearCopy copy = session.copy();
            boolean stored = !copy.owed().isOwing() && !copy.values().hasUnowned();
            if (!stored || !copy.admission().isAloneInside()) {
                return false;
            }
        }
        return guests().stream().allMatch(one -> one instanceof RequestScope guest && guest.mayMove());
    }

    /** Whether the request was served without an answer of the store, which is away. */
    public synchronized boolean isWithoutStore() {
        return sessions().stream().anyMatch(RequestUse::isWithoutStore);
    }

    /** Whether the request used a session. */
    public synchronized boolean usedSession() {
        return last() != null;
    }

    /** Whether the session that the request held last has ended, wherever that was. */
    public synchronized boolean endedSession() {
        RequestUse last = last();
        return last != null && last.copy().isOver();
    }

    /** Whether the request holds a session that is alive. */
    public synchronized boolean hasSession() {
        return usedSession() && !endedSession();
    }
}
