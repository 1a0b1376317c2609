package dev.holdfast.session.request;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.ValueInspector;
import dev.holdfast.session.copy.ChangeSet;
import dev.holdfast.session.copy.RequestContext;
import dev.holdfast.session.copy.RequestUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names for each request the values that another node would not have as they are here, where an inspector is at work:
 * those that stay on this node, and of what is written now those that do not come back as they were. Safe for use by
 * many threads.
 */
final class RequestReport {
    private static final int MOST_IN_A_LINE = 10;

    /** Paths may be as many as there are orders; further ones share one limit. */
    private static final int MOST_KINDS = 200;

    private final SessionOptions options;
    private final RateLimitedLog log;
    private final Set<String> kinds = ConcurrentHashMap.newKeySet();

    RequestReport(SessionOptions options, RateLimitedLog log) {
        this.options = options;
        this.log = log;
    }

    /** To be told of what a request is about to store. */
    void look(RequestContext scope, RequestUse request, ContainerSession local, ChangeSet changes) {
        ValueInspector inspector = options.inspector();
        if (inspector == null) {
            return;
        }
        List<String> found = new ArrayList<>();
        // By name: two requests that find the same say the same.
        new TreeMap<>(changes.locals()).forEach((field, live) -> {
            String attribute = Fields.shown(field);
            if (request.isFirstLook(field) && !options.localAttributes().test(attribute)) {
                found.addAll(inspector.inspect(attribute, live, null));
            }
        });
        for (Map.Entry<String, byte[]> write : new TreeMap<>(changes.writes()).entrySet()) {
            String field = write.getKey();
            Object live = local.value(field);
            if (live != null && field.startsWith(Fields.ATTRIBUTE) && !LocalMarker.isMarker(write.getValue())) {
                found.addAll(inspector.inspect(Fields.shown(field), live, write.getValue()));
            }
        }
        if (!found.isEmpty()) {
            tell(scope.name(), ", session " + request.copy().id(), found);
        }
    }

    private void tell(String where, String session, List<String> found) {
        List<String> shown = found.subList(0, Math.min(MOST_IN_A_LINE, found.size()));
        String line = String.join(" | ", shown)
                + (found.size() == shown.size() ? "" : " | and " + (found.size() - shown.size()) + " more");
        String same = where + ": " + line;
        boolean known = kinds.contains(same) || (kinds.size() < MOST_KINDS && kinds.add(same));
        log.warn("HF-309", known ? same : "", () -> where + session + ": " + line);
    }
}
