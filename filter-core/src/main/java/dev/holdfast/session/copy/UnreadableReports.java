package dev.holdfast.session.copy;

import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.Shown;
import dev.holdfast.session.UnreadableAttributeException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells of stored values that cannot be read, or are on another node, each once. Safe for use by many threads. */
final class UnreadableReports {
    private static final int MOST = 1000;

    private final SessionCounters counters;
    private final RateLimitedLog log;
    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    private final Set<String> absent = ConcurrentHashMap.newKeySet();

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

    /**
     * A value was asked for that stays on another node, or was lost with one.
     *
     * @param marker what the store has in its place
     */
    void absent(SessionId id, String field, byte[] marker) {
        counters.localAbsent.increment();
        if (absent.size() < MOST && absent.add(field)) {
            String attribute = Shown.text(Fields.shown(field));
            log.warn(
                    "HF-307 " + attribute,
                    () -> "Session " + id + ": attribute \"" + attribute
                            + "\" reads as absent on this node. It cannot be"
                            + " stored, or is named in holdfast.attributes.local, so its value stayed on node "
                            + Shown.text(LocalMarker.route(marker)) + ", where it was set, or went with it. If the"
                            + " application cannot do without it, see HF-306 in that node's log.",
                    null);
        }
    }
}
