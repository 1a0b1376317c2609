package dev.holdfast.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the requests that wait though no call to the store makes them: for their session's turn
 * ({@code holdfast.parallel=off}), for whoever is changing what they save, and at the end of an answer whose head could
 * not tell that an epoch moved (rule 10). A client can cause as many of each as it likes; so a handful per session and
 * a quarter of the container's threads in all may wait at a time, and who comes then is refused at once, or saves what
 * it finds.
 *
 * <p>One for all applications of a server: they share its threads. Safe for use by many threads; nothing waits in here.
 */
public final class ClientWaits {
    /** More than the connections that a browser opens to one host. */
    static final int PER_SESSION = 8;

    private static final int SHARE = 4;

    @GuardedBy("this")
    private final Map<String, Integer> bySession = new HashMap<>();

    @GuardedBy("this")
    private int all;

    /**
     * To be asked before a wait, and {@link #leave} to be called behind it.
     *
     * @param threads how many of them the container has now
     * @return false if the request must not wait
     */
    public synchronized boolean enter(SessionId session, int threads) {
        int ofSession = bySession.getOrDefault(session.value(), 0);
        if (ofSession >= PER_SESSION || all >= Math.max(1, threads / SHARE)) {
            return false;
        }
        bySession.put(session.value(), ofSession + 1);
        all++;
        return true;
    }

    public synchronized void leave(SessionId session) {
        all--;
        bySession.computeIfPresent(session.value(), (id, count) -> count == 1 ? null : count - 1);
    }

    /** For messages: why {@link #enter} says no. */
    public static String bounds() {
        return PER_SESSION
                + " requests of one session may wait for that at a time, and a quarter of the container's threads in"
                + " all.";
    }
}
