package dev.holdfast.session;

import java.time.Duration;

/** Every interval of the protocol that depends on a session's max inactive, in one place. */
public final class Lifetimes {
    /** Trust ends when the shard's ended log was not read for this long: L of the protocol. */
    public static final Duration LOG_AGE = Duration.ofSeconds(2);

    /** Life of the log and of the generation, and of a session without timeout. */
    public static final Duration LONG = Duration.ofDays(30);

    /** How long who claims a session has for telling its listeners, before another may. */
    public static final Duration LEASE = Duration.ofSeconds(30);

    /** How long a node that says nothing stands in the registry of live nodes. */
    public static final Duration REGISTRY = Duration.ofSeconds(10);

    private static final long MIN_GRACE = Duration.ofSeconds(10).toMillis();
    private static final long MAX_GRACE = Duration.ofMinutes(5).toMillis();
    private static final long ROAMING_SLACK = Duration.ofSeconds(2).toMillis();
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long LONGEST_TOMBSTONE = Duration.ofDays(7).toMillis() + HOUR;

    private Lifetimes() {}

    /**
     * F of the protocol: how old the last acknowledged use may be while a copy is trusted, and how long after max
     * inactive the deadline stands. A sixth of max inactive, 10 s to 5 min, never over half of it.
     */
    public static long graceMillis(int maxInactiveSeconds) {
        if (maxInactiveSeconds <= 0) {
            return MAX_GRACE;
        }
        long maxInactive = maxInactiveSeconds * 1000L;
        return Math.min(Math.max(MIN_GRACE, Math.min(MAX_GRACE, maxInactive / 6)), maxInactive / 2);
    }

    /** Milliseconds from the last use to the deadline; 0 for a session without timeout, which has none. */
    public static long deadlineMillis(int maxInactiveSeconds) {
        return maxInactiveSeconds <= 0 ? 0 : maxInactiveSeconds * 1000L + graceMillis(maxInactiveSeconds);
    }

    /**
     * Milliseconds from the last use to the moment from which nodes without affinity find no session any more: they
     * tell each use with the load of its request, and of one that lasts longer within 2 s. 0 for a session without
     * timeout.
     */
    public static long roamingDeadlineMillis(int maxInactiveSeconds) {
        return maxInactiveSeconds <= 0
                ? 0
                : Math.min(deadlineMillis(maxInactiveSeconds), maxInactiveSeconds * 1000L + ROAMING_SLACK);
    }

    /**
     * Milliseconds from the last use to the end of the session's key: an hour past the deadline, so that no session
     * ends untold.
     */
    public static long keyMillis(int maxInactiveSeconds) {
        return maxInactiveSeconds <= 0 ? LONG.toMillis() : deadlineMillis(maxInactiveSeconds) + HOUR;
    }

    /**
     * Milliseconds that a tombstone stays: longer than any copy may be sent again, or a creation tried again. That is a
     * day of its last use at most; with timeouts of weeks there would be one for weeks of each login and logout.
     */
    public static long tombstoneMillis(int maxInactiveSeconds) {
        return maxInactiveSeconds <= 0 ? LONGEST_TOMBSTONE : Math.min(LONGEST_TOMBSTONE, keyMillis(maxInactiveSeconds));
    }
}
