package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a node answers at {@code holdfast.metrics.path}. Two nodes of one application, with {@link #settings}, serve a
 * {@link DemoServlet} at {@code /shop/*}, in the JVM of the test. The same for all containers.
 */
public abstract class MetricsContract {
    private static final String PATH = "/holdfast/metrics";

    private final Browser scraper = new Browser();
    private final Browser customer = new Browser();

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    protected abstract RedisProcess redis();

    /** Of both nodes. */
    protected static Map<String, String> settings() {
        return Map.of("holdfast.metrics.path", PATH);
    }

    private double metric(HttpNode node, String name) {
        Answer answer = scraper.get(node, PATH);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + name + " in:\n" + answer.body()));
    }

    @Test
    void nodeAnswersWithWhatItAndItsApplicationsHaveCounted() {
        double before = metric(n1(), "holdfast_creates_total{app=\"shop\"}");
        double held = metric(n1(), "holdfast_sessions{app=\"shop\"}");
        double bytes = metric(n1(), "holdfast_sessions_stored_bytes{app=\"shop\"}");
        double waited = metric(n1(), "holdfast_redis_calls_seconds_count");

        customer.get(n1(), "/shop/new");

        assertThat(metric(n1(), "holdfast_creates_total{app=\"shop\"}")).isEqualTo(before + 1);
        assertThat(metric(n1(), "holdfast_sessions{app=\"shop\"}")).isEqualTo(held + 1);
        assertThat(metric(n1(), "holdfast_sessions_stored_bytes{app=\"shop\"}")).isGreaterThan(bytes);
        assertThat(metric(n1(), "holdfast_redis_calls_seconds_count")).isGreaterThan(waited);
        assertThat(metric(n1(), "holdfast_redis_calls_seconds_sum")).isPositive();
        assertThat(metric(n1(), "holdfast_redis_calls_seconds_bucket{le=\"+Inf\"}"))
                .isGreaterThan(waited);
        assertThat(metric(n1(), "holdfast_redis_background_calls_seconds_count"))
                .isPositive();
        assertThat(metric(n1(), "holdfast_draining")).isZero();

        double takenOver = metric(n2(), "holdfast_takeovers_total{app=\"shop\"}");
        customer.get(n2(), "/shop/new");
        assertThat(metric(n2(), "holdfast_takeovers_total{app=\"shop\"}")).isEqualTo(takenOver + 1);
    }

    @Test
    void metricsAreForGetAndHeadAndMakeNoSession() {
        Answer answer = scraper.get(n1(), PATH);
        assertThat(answer.header("Content-Type").replace(" ", ""))
                .isEqualToIgnoringCase("text/plain;version=0.0.4;charset=utf-8");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.all("Set-Cookie")).isEmpty();
        assertThat(customer.get(n1(), "/shop/new").all("Holdfast-Cost")).isEmpty(); // nobody has asked for it

        Answer head = scraper.request(n1(), "HEAD", PATH).send();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();

        Answer post = scraper.request(n1(), "POST", PATH).form("a=b").send();
        assertThat(post.status()).isEqualTo(405);
        assertThat(post.header("Allow")).isEqualTo("GET, HEAD");

        for (String other : List.of("/shop" + PATH, PATH + ";x", PATH + "/", "/holdfast/%6detrics")) {
            assertThat(scraper.get(n1(), other).body()).doesNotContain("holdfast_");
        }
    }

    /** When it matters most. */
    @Test
    void metricsTellForHowLongRedisHasBeenAway() {
        customer.get(n1(), "/shop/new");
        redis().pause();
        try {
            customer.get(n1(), "/shop/new");
            await().untilAsserted(() -> {
                assertThat(metric(n1(), "holdfast_redis_away_seconds")).isGreaterThan(0.5);
                assertThat(metric(n1(), "holdfast_sessions_unsaved{app=\"shop\"}"))
                        .isEqualTo(1);
                assertThat(metric(n1(), "holdfast_redis_calls_failed_total")).isPositive();
            });
        } finally {
            redis().resume();
        }
        await().untilAsserted(() -> {
            assertThat(metric(n1(), "holdfast_redis_away_seconds")).isZero();
            assertThat(metric(n1(), "holdfast_sessions_unsaved{app=\"shop\"}")).isZero();
        });
    }

    /** The balancer may have an address of this network: whoever asks it may not. */
    @Test
    void whatAProxyHasPassedOnIsRefused() {
        try (LogCapture log = new LogCapture("dev.holdfast.SharedServer")) {
            for (Map.Entry<String, String> passedOn : Map.of(
                            "X-Forwarded-For", "10.0.0.7",
                            "X-Forwarded-Proto", "https",
                            "Forwarded", "for=10.0.0.7",
                            "Via", "1.1 proxy")
                    .entrySet()) {
                Answer answer = scraper.request(n1(), "GET", PATH)
                        .header(passedOn.getKey(), passedOn.getValue())
                        .send();
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.body())
                        .isEqualTo("Metrics are for clients of this network that ask the node itself. The log has"
                                + " HF-149.\n");
            }

            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-149"))
                    .containsExactly(
                            "WARNING HF-149: Metrics were asked for by 127.0.0.1, and the request was passed on"
                                    + " by a proxy: answered 403. /holdfast/metrics is for clients with a loopback or private"
                                    + " address that ask the node itself. Let the balancer pass on no request for it.");
        }
    }
}
