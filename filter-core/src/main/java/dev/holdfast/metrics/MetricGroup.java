package dev.holdfast.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * The metrics of a node, or of an application: of all that have the same labels, as two versions of one application
 * that run side by side, added up. Safe for use by many threads.
 */
public final class MetricGroup {
    private final String node;
    private final Map<String, String> labels;
    private final List<Metric> metrics;

    /** Each has the same metrics in the same order. */
    @GuardedBy("this")
    private final List<List<Metric>> sources = new ArrayList<>();

    /** What counters had counted that are gone, by name: those of an application do not shrink while it runs. */
    @GuardedBy("this")
    private final Map<String, Long> gone = new HashMap<>();

    MetricGroup(String node, Map<String, String> labels, List<Metric> first) {
        this.node = node;
        this.labels = Map.copyOf(labels);
        List<Metric> all = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            all.add(sum(first.get(i), i));
        }
        this.metrics = List.copyOf(all);
        this.sources.add(first);
    }

    /** The name of its node. */
    public String node() {
        return node;
    }

    /** By name; none for the node itself. */
    public Map<String, String> labels() {
        return labels;
    }

    public List<Metric> metrics() {
        return metrics;
    }

    synchronized void add(List<Metric> source) {
        sources.add(source);
    }

    /** Whether there is another one. */
    synchronized boolean remove(List<Metric> source) {
        sources.removeIf(each -> each == source);
        for (Metric metric : source) {
            if (metric instanceof Metric.Counter counter) {
                gone.merge(counter.name(), counter.value().getAsLong(), Long::sum);
            }
        }
        return !sources.isEmpty();
    }

    private Metric sum(Metric first, int index) {
        if (first instanceof Metric.Counter counter) {
            return new Metric.Counter(counter.name(), counter.meaning(), () -> counted(counter.name(), index));
        }
        if (first instanceof Metric.Gauge gauge) {
            return new Metric.Gauge(gauge.name(), gauge.unit(), gauge.meaning(), gauge.together(), () -> {
                // Read outside the monitor: a gauge may look at all sessions.
                DoubleStream values = now().stream()
                        .mapToDouble(source ->
                                ((Metric.Gauge) source.get(index)).value().getAsDouble());
                return gauge.together() == Metric.Together.SUM
                        ? values.sum()
                        : values.max().orElse(0);
            });
        }
        return first; // of the node, which is one
    }

    private synchronized long counted(String name, int index) {
        long sum = gone.getOrDefault(name, 0L);
        for (List<Metric> source : sources) {
            sum += ((Metric.Counter) source.get(index)).value().getAsLong();
        }
        return sum;
    }

    private synchronized List<List<Metric>> now() {
        return List.copyOf(sources);
    }
}
