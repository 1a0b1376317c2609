package dev.holdfast.session;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The container's own session object, as far as the protocol needs it. Values are named by field:
 * {@link Fields#ATTRIBUTE} or {@link Fields#RESERVED} and the name.
 *
 * <p>The object tells its {@link SessionAccess} what was read and written, and fetches values that were not decoded yet
 * from there. All methods may be called by any thread.
 */
public interface ContainerSession {
    /** The live value of a field that must survive the node; null if there is none or it was not decoded yet. */
    @Nullable
    Object value(String field);

    /** The fields of all live values that must survive the node. */
    Set<String> fields();

    /** Whole seconds; zero or less: no timeout. */
    int maxInactiveSeconds();

    /** Milliseconds since 1970. */
    long createdMillis();

    /**
     * Forgets all live values: the store has others. No listener is told. No request has used this object since it was
     * last equal to the store.
     *
     * @param sinceUseMillis how long the session had been unused before the request that is now loading it
     */
    void refresh(SessionSnapshot snapshot, long sinceUseMillis);

    /**
     * The store has the same values, but the session may have been used elsewhere since this object was.
     *
     * @param sinceUseMillis how long the session had been unused before the request that is now loading it
     */
    void usedElsewhere(long sinceUseMillis);

    /**
     * Forgets some live values while requests are inside: the store has others, or none. No listener is told. Is called
     * with locks of the protocol held, so it must neither wait nor call the application.
     *
     * @param fields none of which a request inside has read; values that are not among them stay
     * @param maxInactiveSeconds the session's timeout from now on; zero or less: none
     */
    void merge(Set<String> fields, int maxInactiveSeconds);

    /**
     * This object serves no new request: another one, or another node, goes on with the session. No listener is told.
     * Requests that hold the object may go on using it.
     */
    void forgotten();

    /**
     * The session has ended, and not through this object: from now on it is invalid for everybody who holds it. No
     * listener is told: that is done where the session was ended. Its values can still be asked for, so that a request
     * is refused that has changed them.
     */
    void endedElsewhere();

    /**
     * The store has ended the session for this node, because it was unused for max inactive, or late for a request that
     * was refused: tell the listeners, with the attributes readable. In the latter case {@link #endedElsewhere} may
     * have come first.
     */
    void expired();
}
