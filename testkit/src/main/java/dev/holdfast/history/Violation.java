package dev.holdfast.history;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Something in a history that must not be.
 *
 * @param text a sentence for a person
 * @param events the requests that prove it, in the order of their starts
 */
public record Violation(Kind kind, String life, String text, List<Event> events) {
    /** What the judge knows to find. */
    public enum Kind {
        /** An acknowledged increment is not in the counter, or two were made from the same number. */
        LOST_INCREMENT,
        /** A counter is higher than all requests together could make it. */
        REPEATED_INCREMENT,
        /** A counter went back between two answers. */
        STALE_COUNTER,
        /** An element that was acknowledged or seen is gone. */
        LOST_ELEMENT,
        /** An element that nobody has put there. */
        PHANTOM_ELEMENT,
        /** An element that was put there once is there twice. */
        REPEATED_ELEMENT,
        /** An element that was taken out is back. */
        RETURNED_ELEMENT,
        /** Two elements stand in the other order than they were added in. */
        REORDERED_ELEMENTS,
        /** A value is not the last one that was acknowledged or seen. */
        STALE_VALUE,
        /** A value that nobody has set, or not yet. */
        PHANTOM_VALUE,
        /** A value is gone that nobody has removed since. */
        LOST_VALUE,
        /** Of two values that are set together only one is there. */
        TORN_PAIR,
        /** A living session was not found. */
        LOST_SESSION,
        /** A living session was replaced by an empty one. */
        NEW_SESSION,
        /** A browser is in the session of another one, or in an old one of its own. */
        FOREIGN_SESSION,
        /** The session's id changed without changeSessionId, or back. */
        CHANGED_ID,
        /** An id that has been given to one session was given to another. */
        ID_USED_AGAIN,
        /** An ended session, or an id that was given up, was served. */
        SERVED_AFTER_END,
        /** A change was acknowledged in an ended session or under an id that was given up. */
        CHANGED_AFTER_END,
        /** A login was forgotten. */
        LOST_LOGIN,
        /** Somebody is logged in who has not asked for it. */
        UNASKED_LOGIN,
        /** An answer that is neither a success nor a 503. */
        UNEXPECTED_ANSWER
    }

    public Violation {
        events = List.copyOf(events);
    }

    @Override
    public String toString() {
        long origin = events.isEmpty() ? 0 : events.get(0).span().start();
        return kind + " in " + life + ": " + text
                + events.stream()
                        .map(event -> "\n    " + event.describe(origin))
                        .collect(Collectors.joining());
    }
}
