package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * What a request got when it asked for a session.
 *
 * @param session non-null exactly if found
 * @param cause why the session could not be looked up; non-null exactly if unavailable
 */
public record Lookup(
        Found found,
        @Nullable ContainerSession session,
        @Nullable StoreUnavailableException cause) {
    /** How a look-up ended. */
    public enum Found {
        /** The session is this one. */
        FOUND,
        /** There is no such session. */
        NONE,
        /** Whether there is such a session could not be found out. */
        UNAVAILABLE,
        /** No copy here is trusted, and the store was not to be asked. */
        UNKNOWN_HERE
    }

    public static final Lookup NONE = new Lookup(Found.NONE, null, null);
    public static final Lookup UNKNOWN_HERE = new Lookup(Found.UNKNOWN_HERE, null, null);

    public static Lookup of(ContainerSession session) {
        return new Lookup(Found.FOUND, session, null);
    }

    public static Lookup unavailable(StoreUnavailableException cause) {
        return new Lookup(Found.UNAVAILABLE, null, cause);
    }
}
