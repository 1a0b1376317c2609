package dev.holdfast.session;

import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was chosen for one application on one node.
 *
 * @param application its name, for the log
 * @param route this node's name in the affinity cookie
 * @param roaming true to serve without trust in a copy: a balancer that does not follow a cookie
 * @param conflict what becomes of a change whose ground another node has changed
 * @param oneAtATime true to let requests of one session on this node queue
 * @param expiry when the store forgets a session whose listeners are told that it expired
 * @param outage what becomes of requests while the store is away
 * @param reseed true to send sessions in memory again to a store that lost them
 * @param timeout how long one request may wait for the store in all
 * @param unstorable what becomes of a value that cannot be stored for its classes
 * @param localAttributes names of attributes that stay on their node whatever they hold
 * @param inspector looks at what requests store; null if nobody wants to know
 * @param requestThreads how many threads serve requests at most, asked anew each time: a server may be changed while it
 *     runs
 */
public record SessionOptions(
        String application,
        String route,
        boolean roaming,
        Conflict conflict,
        boolean oneAtATime,
        Expiry expiry,
        Outage outage,
        boolean reseed,
        Duration timeout,
        Unstorable unstorable,
        Predicate<String> localAttributes,
        @Nullable ValueInspector inspector,
        IntSupplier requestThreads) {
    /** Where the container does not tell, what Tomcat and Jetty have by default. */
    public static final int UNKNOWN_THREADS = 200;

    /**
     * Where there is no limit, as with virtual threads: still a bound for what may wait, because each request holds
     * memory.
     */
    public static final int MOST_THREADS = 2000;

    /** What becomes of a change whose ground another node has changed meanwhile (rule 5). */
    public enum Conflict {
        /** It is answered 503, and so is everything that depends on it. */
        REFUSE,
        /** It is written over the other's change. */
        OVERWRITE
    }

    /** What becomes of requests while the store is away. */
    public enum Outage {
        /** Sessions in memory go on; changes are acknowledged at risk and saved later. */
        SERVE,
        /** What needs the store is answered 503. */
        REFUSE
    }

    /** What becomes of an attribute whose value cannot be stored for its classes. */
    public enum Unstorable {
        /** It stays on its node, as with the container's own manager, and is absent on others. */
        LOCAL,
        /** It is refused when it is set, or the request is that saves it. */
        REFUSE;

        /** Where the next request may come to any node, what stays on one is of no use. */
        public static Unstorable byDefault(boolean roaming) {
            return roaming ? REFUSE : LOCAL;
        }
    }

    /** Whether the end of an idle session is told before it is final, or after (rule 11). */
    public enum Expiry {
        /** Before: told twice if the node that tells is killed in the middle, never left out. */
        AT_LEAST_ONCE,
        /** After: never told twice, left out if the node that tells is killed in the middle. */
        AT_MOST_ONCE
    }
}
