package dev.holdfast.metrics;

import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** One figure, read when somebody asks. Safe for use by many threads, as what it reads has to be. */
public sealed interface Metric {
    /** Lower-case words with dots between, as Micrometer has them; Prometheus has underscores, and its suffixes. */
    String name();

    /** What it is, in a sentence without its full stop. */
    String meaning();

    /** What only grows, from 0 at the start of the application or of the node. */
    record Counter(String name, String meaning, LongSupplier value) implements Metric {}

    /**
     * What is so now.
     *
     * @param unit as Prometheus has it behind the name; empty for a number of things
     * @param together what the value of several is, as of two versions of an application
     */
    record Gauge(String name, String unit, String meaning, Together together, DoubleSupplier value) implements Metric {}

    /** What several gauges of the same labels are together. */
    enum Together {
        SUM,
        /** They look at the same. */
        MAX
    }

    /** How long things have taken since the start, in seconds. */
    record Histogram(String name, String meaning, Supplier<Distribution> value) implements Metric {}

    /**
     * A histogram at one moment.
     *
     * @param bounds the upper ones, each inside what it bounds; what is above the last one is counted behind it
     * @param counts one more than bounds; each of what is between two of them
     * @param sum of all that was measured, in seconds
     */
    record Distribution(List<Double> bounds, List<Long> counts, double sum) {
        public Distribution {
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
        }

        /** How many were measured. */
        public long count() {
            return counts.stream().mapToLong(Long::longValue).sum();
        }
    }
}
