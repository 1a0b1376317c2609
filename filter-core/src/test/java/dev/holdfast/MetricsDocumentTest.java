package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.metrics.Metric;
import dev.holdfast.metrics.PrometheusText;
import dev.holdfast.redis.RedisServer;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.testing.Site;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The metrics of the code, and their tables in docs/operations.md. */
class MetricsDocumentTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("basedir", "."), "../docs/operations.md");

    /** Rows below a heading, what they say without marks of code. */
    private static List<String> rows(String heading) throws IOException {
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf("\n## " + heading + "\n");
        return document.substring(begin, document.indexOf("\n## ", begin + 1))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(2, line.length() - 2).replace("`", ""))
                .toList();
    }

    @Test
    void everyCounterIsDocumentedOnceInTheOrderOfTheCode() throws IOException {
        List<String> counters = new SessionCounters()
                .list().stream()
                        .map(counter -> counter.name() + " | " + counter.meaning())
                        .toList();

        assertThat(counters).hasSizeGreaterThan(20);
        assertThat(rows("Counters")).containsExactlyElementsOf(counters);
    }

    @Test
    void everyOtherMetricIsDocumentedOnceInTheOrderOfTheCode() throws IOException {
        RedisServer redis =
                RedisServer.connect(URI.create("redis://127.0.0.1:1"), List.of(), Duration.ofSeconds(1), 0, () -> 1);
        List<Metric> ofNode = NodeMetrics.of(redis, () -> false);
        redis.close();
        List<Metric> ofApplication = NodeMetrics.of(new Site().node("n1").coordinator);
        List<String> counted = new SessionCounters()
                .list().stream().map(SessionCounters.Counter::meaning).toList();

        assertThat(rows("Metrics"))
                .hasSizeGreaterThan(5)
                .containsExactlyElementsOf(Stream.concat(ofNode.stream(), ofApplication.stream())
                        .filter(metric -> counted.stream().noneMatch(metric.meaning()::equalsIgnoreCase))
                        .map(metric -> PrometheusText.name(metric) + " | " + metric.meaning())
                        .toList());
    }
}
