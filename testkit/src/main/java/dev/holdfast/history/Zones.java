package dev.holdfast.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Whether the values of one register, each written once, can be put into an order that agrees with the times of the
 * requests.
 *
 * <p><b>Implementation note.</b> The test of Gibbons and Korach (Testing Shared Memories, 1997): all requests of one
 * value make a zone, from the first end of one of them to the last start. If the end comes first, the zone is
 * <i>forward</i>: the register had this value throughout. Else it is <i>backward</i>: it had it at some moment in it.
 * There is an order if and only if no two forward zones overlap and no backward zone lies within a forward one.
 */
final class Zones {
    private final Map<String, Zone> zones = new LinkedHashMap<>();

    /** All requests of one value. */
    private static final class Zone {
        private final List<Event> events = new ArrayList<>();
        private Event firstEnd;
        private Event lastStart;
        private long end = Long.MAX_VALUE;
        private long start = Long.MIN_VALUE;

        void add(Event event, Span when) {
            events.add(event);
            if (firstEnd == null || when.end() < end) {
                firstEnd = event;
                end = when.end();
            }
            if (lastStart == null || when.start() > start) {
                lastStart = event;
                start = when.start();
            }
        }

        boolean forward() {
            return end < start;
        }

        boolean conflicts(Zone other) {
            if (forward() && other.forward()) {
                return end < other.start && other.end < start;
            }
            return forward() != other.forward() && (forward() ? other.within(this) : within(other));
        }

        private boolean within(Zone forward) {
            return start > forward.end && end < forward.start;
        }
    }

    /**
     * Notes a request that has written or seen a value.
     *
     * @param when it may have done so
     */
    void add(String value, Event event, Span when) {
        zones.computeIfAbsent(value, v -> new Zone()).add(event, when);
    }

    /** Tells each pair of values that have no order, and the requests that prove it. */
    void conflicts(BiConsumer<List<String>, List<Event>> found) {
        List<Map.Entry<String, Zone>> all = new ArrayList<>(zones.entrySet());
        for (int i = 0; i < all.size(); i++) {
            for (int j = i + 1; j < all.size(); j++) {
                Zone one = all.get(i).getValue();
                Zone other = all.get(j).getValue();
                if (one.conflicts(other)) {
                    found.accept(
                            List.of(all.get(i).getKey(), all.get(j).getKey()),
                            List.of(one.firstEnd, one.lastStart, other.firstEnd, other.lastStart));
                }
            }
        }
    }

    /** Whether the register certainly had one of its values throughout this time. */
    boolean occupied(Span time) {
        return zones.values().stream()
                .anyMatch(zone -> zone.forward() && zone.end < time.start() && time.end() < zone.start);
    }
}
