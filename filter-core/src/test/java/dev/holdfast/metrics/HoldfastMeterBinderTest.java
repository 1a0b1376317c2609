package dev.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.metrics.Metric.Counter;
import dev.holdfast.metrics.Metric.Distribution;
import dev.holdfast.metrics.Metric.Gauge;
import dev.holdfast.metrics.Metric.Histogram;
import dev.holdfast.metrics.Metric.Together;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HoldfastMeterBinderTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final HoldfastMeterBinder binder = new HoldfastMeterBinder();
    private final ServerMetrics metrics = new ServerMetrics("n1");
    private final AtomicLong commits = new AtomicLong(7);
    private final List<Metric> node = List.of(new Histogram(
            "binder.redis.calls", "How long", () -> new Distribution(List.of(0.5), List.of(2L, 1L), 1.5)));
    private final List<Metric> shop = List.of(
            new Counter("binder.commits", "Changes", commits::get),
            new Gauge("binder.sessions.stored", "bytes", "What they take", Together.SUM, () -> 300));

    @AfterEach
    void removeAll() {
        metrics.remove(Map.of("app", "shop"), shop);
        metrics.remove(Map.of(), node);
        binder.close();
    }

    /** Other tests of this JVM may have servers that run. */
    private List<String> shown() {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .filter(name -> name.startsWith("binder."))
                .toList();
    }

    @Test
    void showsWhatRunsAndWhatStartsLaterAsLongAsItRuns() {
        metrics.add(Map.of(), node);
        binder.bindTo(registry);
        metrics.add(Map.of("app", "shop"), shop);

        assertThat(registry.get("binder.redis.calls").functionTimer().count()).isEqualTo(3);
        assertThat(registry.get("binder.redis.calls").functionTimer().totalTime(TimeUnit.SECONDS))
                .isEqualTo(1.5);
        assertThat(registry.get("binder.commits")
                        .tag("app", "shop")
                        .functionCounter()
                        .count())
                .isEqualTo(7);
        commits.set(8);
        assertThat(registry.get("binder.commits").functionCounter().count()).isEqualTo(8);
        assertThat(registry.get("binder.sessions.stored").gauge().value()).isEqualTo(300);
        assertThat(registry.get("binder.sessions.stored").gauge().getId().getBaseUnit())
                .isEqualTo("bytes");

        metrics.remove(Map.of("app", "shop"), shop);

        assertThat(shown()).containsExactly("binder.redis.calls");
    }

    /** Of the same application, as in the test of an application that starts two servers. */
    @Test
    void serversOfOneJvmAreToldApart() {
        ServerMetrics other = new ServerMetrics("n2");
        List<Metric> moved = List.of(new Counter("binder.commits", "Changes", () -> 30));
        binder.bindTo(registry);
        metrics.add(Map.of("app", "shop"), shop);
        other.add(Map.of("app", "shop"), moved);

        assertThat(commits("n1")).isEqualTo(7);
        assertThat(commits("n2")).isEqualTo(30);

        metrics.remove(Map.of("app", "shop"), shop);
        assertThat(commits("n2")).isEqualTo(30);
        other.remove(Map.of("app", "shop"), moved);
    }

    private double commits(String node) {
        return registry.get("binder.commits")
                .tag("node", node)
                .functionCounter()
                .count();
    }

    /** No application fails to start, or to stop, for it; what else there is to show is shown. */
    @Test
    void whatARegistryRefusesIsLeftOut() {
        registry.gauge("binder.commits", Tags.of("node", "n1", "app", "shop"), 1); // of another type
        registry.config().onMeterRemoved(meter -> {
            throw new IllegalStateException("the listener of an application");
        });
        binder.bindTo(registry);

        metrics.add(Map.of("app", "shop"), shop);
        assertThat(shown()).contains("binder.sessions.stored");
        metrics.remove(Map.of("app", "shop"), shop);
        assertThat(metrics.groups()).isEmpty();
    }

    @Test
    void showsNothingAnyMoreWhenItIsClosed() {
        metrics.add(Map.of(), node);
        binder.bindTo(registry);
        assertThat(shown()).hasSize(1);

        binder.close();
        metrics.add(Map.of("app", "shop"), shop);
        binder.bindTo(registry);

        assertThat(shown()).isEmpty();
    }
}
