package dev.holdfast.costs;

import java.time.Duration;
import java.util.List;

/**
 * What a round of clicks took.
 *
 * @param clicks how long each was waited for
 * @param usage of all of them together
 * @param memory of one session in Redis, in bytes
 * @param lost how many sessions the other node did not have as the clicks had left them
 */
record Round(List<Duration> clicks, Usage usage, long memory, int lost) {
    /** Within how many milliseconds so many of a hundred clicks were answered. */
    double millis(int percent) {
        List<Duration> sorted = clicks.stream().sorted().toList();
        return millis(sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100)));
    }

    /** Processor time of the nodes for a click, in milliseconds. */
    double nodes() {
        return millis(usage.nodes()) / clicks.size();
    }

    /** Processor time of Redis for a click, in milliseconds. */
    double redis() {
        return millis(usage.redis()) / clicks.size();
    }

    /** How many of so many bytes fall to a click. */
    double perClick(long bytes) {
        return (double) bytes / clicks.size();
    }

    private static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }
}
