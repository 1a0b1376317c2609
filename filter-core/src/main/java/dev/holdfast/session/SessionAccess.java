package dev.holdfast.session;

import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One session of this node, as the container's object of it sees it: that tells here what was read and written, and has
 * stored values made into objects here when they are first asked for. Also what the protocol knows the session by:
 * {@link ContainerSessions} gets one with each session that it makes. Implemented by the protocol alone. Safe for use
 * by many threads.
 */
public interface SessionAccess {
    /** The public id, as the container and the application know it. */
    SessionId id();

    /**
     * A request reads a field, be it there or not: a change inside the value will be looked for when it commits. To be
     * called before the live object is asked, so that what another node changed is not merged in between.
     */
    void noteRead(String field);

    /**
     * A request asks which attributes there are: a read of all of them, those that are not there included. As
     * {@link #noteRead}.
     */
    void noteReadOfNames();

    /**
     * A request sets or removes a field, by changing the live object. Until that is done, no commit takes the field for
     * saved, and no state of another node replaces it.
     *
     * @param change must not be undone by an exception: what it has put there is to be saved in any case
     */
    void write(String field, Runnable change);

    /** The same for several fields that change together. */
    <T> @Nullable T write(Collection<String> fields, Supplier<@Nullable T> change);

    /**
     * Makes the live object of a stored value that has none yet. Two threads may make one each: the container keeps the
     * first.
     *
     * @param publish puts the object into its place; false if there is one already. Must not wait for anything. If it
     *     throws, it has put nothing there, and the value counts as unreadable: the container's own classes refuse what
     *     it was made of
     * @param retract takes it out again: the value was replaced meanwhile
     */
    void decode(String field, Predicate<Object> publish, Consumer<Object> retract);

    /** Whether a stored value has no live object yet but can have one. */
    boolean isUndecoded(String field);

    /** The names of attributes that are stored and have no live object yet, but can have one. */
    Set<String> undecodedAttributes();

    /**
     * Checks a value before the application's session takes it.
     *
     * @throws IllegalArgumentException if it could not be stored; the message says what to do
     */
    void check(String attribute, Object value);
}
