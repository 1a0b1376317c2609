package dev.holdfast.session.copy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.StoreUnavailableException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whom a copy admits, and who is inside: its place in its life, the requests that are open on it, and when it was last
 * used. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> The monitor of this object is the copy's: who does a thing that must be one step for
 * the requests inside, as a merge, holds it meanwhile. It guards all fields; those that are volatile may be read
 * without it, and {@link #taken} needs the copy's lock in its place. It is never held across a call to the store, the
 * codec or application code. A copy that was dropped, or has ended, never serves again.
 */
public final class CopyAdmission {
    private final Rules rules;
    private volatile CopyState state = CopyState.EMPTY;
    private volatile boolean endedElsewhere;
    /** Of an ended copy: its requests may not have seen what other nodes wrote before. */
    private volatile boolean endedUnseen;

    /** Dropped by a request that could not have the lock: whoever has it learns whether the copy is all there is. */
    private volatile boolean leftToLock;

    /** What its request was refused for; null if the store was not to blame. */
    private volatile @Nullable StoreUnavailableException leftFor;

    @GuardedBy("this")
    private final List<OpenRequest> open = new ArrayList<>(2);

    @GuardedBy("this")
    private long lastUse;

    @GuardedBy("this")
    private long loadsSent;

    @GuardedBy("this")
    private long loadsDone;

    CopyAdmission(Rules rules) {
        this.rules = rules;
    }

    // ---- where the copy is in its life

    boolean isServing() {
        return state == CopyState.SERVING;
    }

    /** Whether the session was ended by this node. */
    public boolean isEnded() {
        return state == CopyState.ENDED;
    }

    boolean isOrphan() {
        return state == CopyState.DROPPED || state == CopyState.ENDED;
    }

    boolean isOver() {
        return endedElsewhere || isEnded();
    }

    /** The first content is there. */
    synchronized void begin(long use) {
        lastUse = use;
        state = CopyState.SERVING;
    }

    /** Rule 3: whether a reply may still be installed. */
    public boolean mayInstall() {
        return rules.mayInstall(state);
    }

    /** What was loaded is there, unless the copy was dropped meanwhile. */
    synchronized void serve() {
        if (mayInstall()) {
            state = CopyState.SERVING;
        }
    }

    /**
     * Stops admission if no request is inside. To be called with the lock; {@link #resume} or a drop of the copy
     * follows.
     */
    public synchronized boolean stopIfIdle() {
        if (state != CopyState.SERVING || !open.isEmpty()) {
            return false;
        }
        state = CopyState.EMPTY;
        return true;
    }

    /** Whether the copy serves, and one request at the most is inside. */
    public synchronized boolean isAloneInside() {
        return state == CopyState.SERVING && open.size() <= 1;
    }

    /** Admits requests again, unless the copy was dropped meanwhile. */
    public synchronized void resume() {
        if (state == CopyState.EMPTY) {
            state = CopyState.SERVING;
        }
    }

    /** Makes the copy an orphan; false if it was one already. */
    public synchronized boolean drop() {
        if (isOrphan()) {
            return false;
        }
        state = CopyState.DROPPED;
        return true;
    }

    /** Makes the copy an orphan of a session that ended elsewhere; false if that was known, or if it ended here. */
    synchronized boolean endElsewhere() {
        if (isOver()) {
            return false;
        }
        endedElsewhere = true;
        state = CopyState.DROPPED;
        return true;
    }

    /** @param alone as of {@link NearCopy#end} */
    synchronized void end(boolean alone) {
        endedUnseen = !alone || state == CopyState.DROPPED;
        state = CopyState.ENDED;
    }

    /**
     * Whether a request has nothing to save any more: the session was ended here, by itself or by a neighbour with all
     * that it stands on.
     */
    public boolean endedFor(OpenRequest request) {
        return isEnded() && (!endedUnseen || request.hasEndedSession());
    }

    // ---- what a drop without the lock leaves

    /** Before the copy is dropped without the lock: what it holds may still be taken over, by who has that. */
    public synchronized void leaveToLock(@Nullable StoreUnavailableException failure) {
        if (state == CopyState.SERVING) {
            leftFor = failure;
            leftToLock = true;
        }
    }

    @Nullable
    public StoreUnavailableException leftFor() {
        return leftFor;
    }

    /** Whether it is so, and nobody has done it; with the lock. */
    public boolean isLeftToLock() {
        return leftToLock && !isOver();
    }

    /** What it holds is taken over, or is not worth it. */
    public void taken() {
        leftToLock = false;
    }

    // ---- who is inside

    /** Opens a request on the copy; false if that no longer serves. */
    synchronized boolean open(OpenRequest request) {
        if (state != CopyState.SERVING) {
            return false;
        }
        if (!open.contains(request)) {
            open.add(request);
        }
        lastUse = Math.max(lastUse, request.began());
        return true;
    }

    synchronized void close(OpenRequest request) {
        open.remove(request);
    }

    /** Whether a request that is not finished uses the copy. */
    public synchronized boolean isOpen() {
        return !open.isEmpty();
    }

    /** Whether another open request than this one has used the field, and may be changing its value now. */
    synchronized boolean isUsedBeside(OpenRequest request, String field) {
        for (OpenRequest other : open) {
            if (other != request && other.mayBeChanging(field)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a request that uses the copy began at that moment of the ticker or before, and is not finished. */
    public synchronized boolean isOpenSince(long moment) {
        for (OpenRequest request : open) {
            if (request.began() <= moment) {
                return true;
            }
        }
        return false;
    }

    /**
     * A request uses the copy.
     *
     * @param request null if no request is known to: then all that are open do
     * @return whether an open request answers for the use
     */
    synchronized boolean noteUse(@Nullable OpenRequest request, Consumer<OpenRequest> use) {
        if (request != null) {
            use.accept(request);
            return open.contains(request);
        }
        open.forEach(use);
        return !open.isEmpty();
    }

    /**
     * Whether an open request has used the field (rule 5).
     *
     * @param own the request whose call found that another node has changed it
     */
    synchronized boolean isUsed(String field, OpenRequest own) {
        for (OpenRequest request : open) {
            if (rules.isChecked(request == own) && request.uses(field, rules)) {
                return true;
            }
        }
        return false;
    }

    /** Whether an open request answers for a write of the field. */
    synchronized boolean isWritten(String field) {
        for (OpenRequest request : open) {
            if (request.hasWritten(field)) {
                return true;
            }
        }
        return false;
    }

    /** The fields whose live values the open requests must have in the store before they answer. */
    synchronized Set<String> committedFields() {
        Set<String> fields = new HashSet<>();
        open.forEach(request -> fields.addAll(request.committedFields(rules)));
        return fields;
    }

    // ---- when it was used and loaded

    /** A request used the session until now. */
    public synchronized void usedAt(long now) {
        lastUse = Math.max(lastUse, now);
    }

    /** Ticker time. */
    public synchronized long lastUse() {
        return lastUse;
    }

    /**
     * How many loads were sent; who asks before he waits for the lock learns by {@link #loadedSince} of a later one.
     */
    public synchronized long loadsSent() {
        return loadsSent;
    }

    public synchronized long sendLoad() {
        return ++loadsSent;
    }

    public synchronized void loadDone(long number) {
        loadsDone = number;
    }

    public synchronized boolean loadedSince(long number) {
        return loadsDone > number;
    }
}
