package dev.holdfast.session;

/** Makes the container's session objects. */
public interface ContainerSessions {
    /**
     * A session that was loaded: not new, no listener is told that it was created.
     *
     * @param access what the object reports to; it decodes values when they are first asked for
     * @param sinceUseMillis how long the session had been unused before the request that is now loading it
     */
    ContainerSession restore(SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis);

    /**
     * A session that nobody holds and that has expired: made for its listeners alone, found by no request.
     * {@link ContainerSession#expired} follows.
     *
     * @param sinceUseMillis how long the session had been unused
     */
    ContainerSession restoreExpired(SessionId id, SessionAccess access, SessionSnapshot snapshot, long sinceUseMillis);
}
