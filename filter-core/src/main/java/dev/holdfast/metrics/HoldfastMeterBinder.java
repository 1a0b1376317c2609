package dev.holdfast.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Shows the metrics of all nodes and applications of this JVM in a registry of Micrometer, those that start later, too.
 * Spring Boot with its actuator does it by itself; else:
 *
 * <pre>{@code
 * new HoldfastMeterBinder().bindTo(registry);
 * }</pre>
 *
 * <p>To be closed when the registry is no longer used, as when an application stops: until then it is kept. Holdfast
 * and Micrometer have to be of one class loader: with Holdfast in a container's {@code lib}, Micrometer has to be
 * there, too. Each meter has the tag {@code node}, those of an application {@code app}, too; of histograms Micrometer
 * gets count and sum. What a registry refuses is logged and left out; its filters and listeners must not start or stop
 * an application, nor bind or close this. Safe for use by many threads.
 */
public final class HoldfastMeterBinder implements MeterBinder, AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast.metrics");

    @GuardedBy("this")
    private final List<Binding> bindings = new ArrayList<>();

    @GuardedBy("this")
    private boolean closed;

    public HoldfastMeterBinder() {}

    @Override
    public void bindTo(MeterRegistry registry) {
        Binding binding = new Binding(registry);
        synchronized (this) {
            bindings.add(binding);
        }
        ServerMetrics.tell(binding);
        boolean late;
        synchronized (this) {
            late = closed;
        }
        if (late) {
            binding.close(); // whoever closed this may have missed it
        }
    }

    /** The registries are told of nothing any more; what they show of now goes. */
    @Override
    public void close() {
        List<Binding> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(bindings);
            bindings.clear();
        }
        all.forEach(Binding::close);
    }

    /** What one registry shows. Called under the monitor of {@link ServerMetrics} alone, but for its end. */
    private static final class Binding implements ServerMetrics.Listener {
        private final MeterRegistry registry;

        @GuardedBy("this")
        private final Map<MetricGroup, List<Meter>> shown = new HashMap<>(); // a group is equal to itself alone

        private Binding(MeterRegistry registry) {
            this.registry = registry;
        }

        @Override
        public synchronized void added(MetricGroup group) {
            Tags tags = Tags.of("node", group.node())
                    .and(group.labels().entrySet().stream()
                            .map(label -> Tag.of(label.getKey(), label.getValue()))
                            .toList());
            List<Meter> meters = new ArrayList<>();
            shown.put(group, meters);
            for (Metric metric : group.metrics()) {
                guarded("show " + metric.name(), () -> meters.add(meter(metric, tags)));
            }
        }

        @Override
        public synchronized void removed(MetricGroup group) {
            List<Meter> meters = shown.remove(group);
            if (meters != null) {
                meters.forEach(this::remove);
            }
        }

        private void remove(Meter meter) {
            guarded("remove " + meter.getId().getName(), () -> registry.remove(meter));
        }

        /** A registry, or what an application has given it to filter or to hear of meters, may throw anything. */
        private static void guarded(String what, Runnable action) {
            try {
                action.run();
            } catch (RuntimeException | Error e) { // of a class loader that is closed, for one
                LOG.log(System.Logger.Level.INFO, "A registry of Micrometer does not " + what + ": " + e);
            }
        }

        private void close() {
            ServerMetrics.forget(this);
            synchronized (this) {
                shown.values().forEach(meters -> meters.forEach(this::remove));
                shown.clear();
            }
        }

        /** The group holds the metrics, since a registry does not. */
        private Meter meter(Metric metric, Tags tags) {
            if (metric instanceof Metric.Counter counter) {
                return FunctionCounter.builder(
                                counter.name(), counter, each -> each.value().getAsLong())
                        .description(counter.meaning())
                        .tags(tags)
                        .register(registry);
            }
            if (metric instanceof Metric.Gauge gauge) {
                return Gauge.builder(gauge.name(), gauge, each -> each.value().getAsDouble())
                        .description(gauge.meaning())
                        .baseUnit(gauge.unit().isEmpty() ? null : gauge.unit())
                        .tags(tags)
                        .register(registry);
            }
            Metric.Histogram histogram = (Metric.Histogram) metric;
            return FunctionTimer.builder(
                            histogram.name(),
                            histogram,
                            each -> each.value().get().count(),
                            each -> each.value().get().sum(),
                            TimeUnit.SECONDS)
                    .description(histogram.meaning())
                    .tags(tags)
                    .register(registry);
        }
    }
}
