package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.SessionAccess;

/**
 * How the container's session object ends: in which order the store and the listeners hear of it, and who is told at
 * all. One for each object; safe for use by many threads.
 */
public final class SessionEnd {
    private volatile boolean byStore;
    private volatile boolean heard;

    /** {@link ContainerSession#endedElsewhere} was called: the object is invalid, its listeners were told elsewhere. */
    public void heard() {
        heard = true;
    }

    /**
     * {@link ContainerSession#expired} was called: the store has ended the session for this node, whose listeners are
     * told.
     *
     * @return whether the object was made invalid before: it has to be valid until they were told, and is nobody's any
     *     more
     */
    public boolean byStore() {
        byStore = true;
        return heard;
    }

    /**
     * To be asked before the object ends and its listeners are told: the store first, so that no node brings back what
     * they were told is gone.
     *
     * @return false if the object must not end here: somebody else has ended the session
     */
    public boolean mayTell(SessionCoordinator coordinator, SessionAccess session) {
        return byStore || coordinator.end(session);
    }
}
