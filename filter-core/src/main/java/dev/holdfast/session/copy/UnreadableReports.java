package dev.holdfast.session.copy;

import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.UnreadableAttributeException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells of stored values that cannot be read, each once. Safe for use by many threads. */
final class UnreadableReports {
    private static final int MOST = 1000;

    private final SessionCounters counters;
    private final RateLimitedLog log;
    private final Set<String> reported = ConcurrentHashMap.newKeySet();

    UnreadableReports(SessionCounters counters, RateLimitedLog log) {
        this.counters = counters;
        this.log = log;
    }

    void report(SessionId id, String field, UnreadableAttributeException e) {
        counters.unreadable.increment();
        String message = String.valueOf(e.getMessage());
        if (reported.size() < MOST && reported.add(field + message)) {
            log.warn(
                    "HF-203 " + field,
                    () -> "Session " + id + ": " + message
                            + " The attribute reads as absent on this node; its bytes stay in the store for a node"
                            + " that can read them.",
                    e.getCause());
        }
    }
}
