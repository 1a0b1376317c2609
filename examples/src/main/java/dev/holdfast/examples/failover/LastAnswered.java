package dev.holdfast.examples.failover;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts the sessions of each node: a session belongs to the node that answered it last. The nodes tell when they
 * answered whom; what a dead node told is kept until another node answers that session or the node comes back as a new
 * process, which has answered nobody. Thread-safe.
 */
final class LastAnswered {

    private static final Pattern SESSION = Pattern.compile("\"([0-9a-f]{16})\":(\\d+)");

    private final Map<String, Map<String, Long>> timesByNode = new HashMap<>();

    /**
     * Takes what the node says now.
     *
     * @param answer of its {@code /shop/node}; nothing if it did not answer
     */
    synchronized void told(String node, Optional<String> answer) {
        answer.ifPresent(body -> {
            Map<String, Long> times = new HashMap<>();
            Matcher session = SESSION.matcher(body);
            while (session.find()) {
                times.put(session.group(1), Long.valueOf(session.group(2)));
            }
            timesByNode.put(node, times);
        });
    }

    /** How many sessions the node answered last. */
    synchronized int count(String node) {
        Map<String, Long> own = timesByNode.getOrDefault(node, Map.of());
        return (int) own.entrySet().stream()
                .filter(session -> isNewest(session.getKey(), session.getValue(), node))
                .count();
    }

    private boolean isNewest(String session, long time, String node) {
        return timesByNode.entrySet().stream()
                .filter(other -> !other.getKey().equals(node))
                .allMatch(other -> other.getValue().getOrDefault(session, Long.MIN_VALUE) < time);
    }
}
