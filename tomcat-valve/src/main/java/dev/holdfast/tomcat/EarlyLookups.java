package dev.holdfast.tomcat;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.request.SessionCoordinator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a thread has asked the store before the valve knew its request.
 *
 * <p>Tomcat looks up every session cookie of a request, and with parallel deployment in every version, often twice. A
 * browser sends one cookie; whoever sends a hundred must not cause a hundred round trips, nor wait a hundred times for
 * a store that does not answer.
 */
final class EarlyLookups {
    /** Threads that are not of the container come past no valve: what they found out is forgotten after this time. */
    private static final long FORGET_NANOS = 1_000_000_000L;

    private static final ThreadLocal<@Nullable EarlyLookups> CURRENT = new ThreadLocal<>();

    private final long since;
    private final Map<Question, Boolean> answers = new HashMap<>();
    private boolean silent;

    private EarlyLookups(long since) {
        this.since = since;
    }

    private record Question(String application, SessionId id) {}

    static EarlyLookups current() {
        EarlyLookups current = CURRENT.get();
        long now = System.nanoTime();
        if (current == null || now - current.since > FORGET_NANOS) {
            current = new EarlyLookups(now);
            CURRENT.set(current);
        }
        return current;
    }

    /** The valve has the request: nothing of it stays behind on the thread. */
    static void forget() {
        CURRENT.remove();
    }

    /**
     * Whether the store has a session. True if the store does not say: taking another cookie instead, or another
     * version of the application, could log the user out.
     */
    boolean exists(String application, SessionCoordinator coordinator, SessionId id) {
        Question question = new Question(application, id);
        Boolean known = answers.get(question);
        if (known != null) {
            return known;
        }
        if (silent) {
            return true;
        }
        if (answers.size() >= SessionId.MOST_PRESENTED) {
            return false;
        }
        Boolean answer = coordinator.exists(id);
        silent = answer == null;
        boolean exists = !Boolean.FALSE.equals(answer);
        answers.put(question, exists);
        return exists;
    }
}
