package dev.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.metrics.Metric.Counter;
import dev.holdfast.metrics.Metric.Distribution;
import dev.holdfast.metrics.Metric.Gauge;
import dev.holdfast.metrics.Metric.Histogram;
import dev.holdfast.metrics.Metric.Together;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
    private final ServerMetrics metrics = new ServerMetrics("n1");
    private final List<Map.Entry<Map<String, String>, List<Metric>>> added = new ArrayList<>();

    private static List<Metric> shop(AtomicLong commits, double held) {
        return List.of(
                new Counter("holdfast.late.commits", "Changes that were saved", commits::get),
                new Gauge("holdfast.sessions", "", "Sessions", Together.SUM, () -> held),
                new Gauge("holdfast.sessions.stored", "bytes", "What they take", Together.SUM, () -> 100 * held));
    }

    /** Whoever follows all servers of this JVM is to see none of these. */
    @AfterEach
    void removeAll() {
        added.forEach(each -> metrics.remove(each.getKey(), each.getValue()));
    }

    private void add(Map<String, String> labels, List<Metric> some) {
        metrics.add(labels, some);
        added.add(Map.entry(labels, some));
    }

    private String text() {
        return new String(PrometheusText.of(metrics.groups()), StandardCharsets.UTF_8);
    }

    @Test
    void eachNameComesOnceWithItsMeaningAndItsType() {
        add(Map.of("app", "shop"), shop(new AtomicLong(7), 3));
        add(Map.of("app", "desk"), shop(new AtomicLong(1), 0));

        assertThat(text()).isEqualTo("""
                        # HELP holdfast_late_commits_total Changes that were saved.
                        # TYPE holdfast_late_commits_total counter
                        holdfast_late_commits_total{app="desk"} 1.0
                        holdfast_late_commits_total{app="shop"} 7.0
                        # HELP holdfast_sessions Sessions.
                        # TYPE holdfast_sessions gauge
                        holdfast_sessions{app="desk"} 0.0
                        holdfast_sessions{app="shop"} 3.0
                        # HELP holdfast_sessions_stored_bytes What they take.
                        # TYPE holdfast_sessions_stored_bytes gauge
                        holdfast_sessions_stored_bytes{app="desk"} 0.0
                        holdfast_sessions_stored_bytes{app="shop"} 300.0
                        """);
    }

    @Test
    void bucketsOfAHistogramCountAllThatIsNotLonger() {
        add(
                Map.of(),
                List.of(new Histogram(
                        "holdfast.redis.calls",
                        "How long",
                        () -> new Distribution(List.of(0.001, 0.25), List.of(5L, 2L, 1L), 0.75))));

        assertThat(text()).isEqualTo("""
                        # HELP holdfast_redis_calls_seconds How long.
                        # TYPE holdfast_redis_calls_seconds histogram
                        holdfast_redis_calls_seconds_bucket{le="0.001"} 5
                        holdfast_redis_calls_seconds_bucket{le="0.25"} 7
                        holdfast_redis_calls_seconds_bucket{le="+Inf"} 8
                        holdfast_redis_calls_seconds_count 8
                        holdfast_redis_calls_seconds_sum 0.75
                        """);
    }

    /** As the MBeans have them. */
    @Test
    void valuesHaveTheNamesOfTheTextWithoutLabels() {
        List<Metric> some = List.of(
                new Counter("holdfast.late.commits", "Changes", () -> 7),
                new Gauge("holdfast.sessions.stored", "bytes", "What they take", Together.SUM, () -> 300),
                new Histogram(
                        "holdfast.redis.calls",
                        "How long",
                        () -> new Distribution(List.of(0.001, 0.25), List.of(5L, 2L, 1L), 0.75)));

        assertThat(PrometheusText.values(some))
                .containsExactly(
                        Map.entry("holdfast_late_commits_total", 7.0),
                        Map.entry("holdfast_sessions_stored_bytes", 300.0),
                        Map.entry("holdfast_redis_calls_seconds_bucket{le=\"0.001\"}", 5.0),
                        Map.entry("holdfast_redis_calls_seconds_bucket{le=\"0.25\"}", 7.0),
                        Map.entry("holdfast_redis_calls_seconds_count", 8.0),
                        Map.entry("holdfast_redis_calls_seconds_sum", 0.75));
    }

    /** The name of an application has no such characters; whatever has must not end the line. */
    @Test
    void labelsAreEscaped() {
        add(
                Map.of("app", "a\"b\\c\nd"),
                List.of(new Gauge("holdfast.sessions", "", "Sessions", Together.SUM, () -> 1)));

        assertThat(text()).endsWith("holdfast_sessions{app=\"a\\\"b\\\\c\\nd\"} 1.0\n");
    }

    /** As those of a parallel deployment, which are one application. */
    @Test
    void versionsOfOneApplicationAreAddedUpAndWhatIsCountedNeverShrinks() {
        AtomicLong ofFirst = new AtomicLong(7);
        List<Metric> first = shop(ofFirst, 3);
        AtomicLong ofSecond = new AtomicLong(1);
        List<Metric> second = shop(ofSecond, 4);
        add(Map.of("app", "shop"), first);
        add(Map.of("app", "shop"), second);

        assertThat(text())
                .contains("holdfast_late_commits_total{app=\"shop\"} 8.0\n", "holdfast_sessions{app=\"shop\"} 7.0\n");

        ofFirst.set(10);
        metrics.remove(Map.of("app", "shop"), first);
        ofFirst.set(20);

        assertThat(text())
                .contains("holdfast_late_commits_total{app=\"shop\"} 11.0\n", "holdfast_sessions{app=\"shop\"} 4.0\n");

        metrics.remove(Map.of("app", "shop"), second);

        assertThat(text()).isEmpty();
    }
}
