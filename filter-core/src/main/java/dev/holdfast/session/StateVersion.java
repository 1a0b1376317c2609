package dev.holdfast.session;

/**
 * The version and stamp that a copy of a session was last equal to.
 *
 * <p>The version counts commits, the stamp is random per commit and the same on its retries. Only both together tell
 * two states apart: after a failover of Redis two nodes can write the same version.
 *
 * @param version number of commits, 1 for a session just created
 * @param stamp a {@link RandomToken}
 */
public record StateVersion(long version, String stamp) {
    /** The base of a session that Redis does not know yet. */
    public static final StateVersion NONE = new StateVersion(0, "");

    /** The base after a commit with this stamp. */
    public StateVersion next(String newStamp) {
        return new StateVersion(version + 1, newStamp);
    }
}
