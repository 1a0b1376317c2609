package dev.holdfast.session;

/**
 * What a node remembers of a session's end, to tell it again to a Redis that lost it.
 *
 * @param stamp of the call that ended it, as it stands in the log: the end is told again as the same one
 * @param maxInactiveSeconds the session's timeout, or the longest that this node knows of if it never had the session
 */
public record Tombstone(SessionId id, String stamp, How how, int maxInactiveSeconds) {
    /** How the id came to its end, as the store has it. */
    public enum How {
        ENDED,
        RENAMED,
        EXPIRED
    }
}
