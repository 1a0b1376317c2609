package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.DemoServlet;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Prometheus;
import dev.holdfast.testing.TwoNodes;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The metrics of two nodes as a real Prometheus reads them: with the scrape job, rules and dashboard of the docs. */
class PrometheusIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(PrometheusIT::node);

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(
                name,
                redis,
                Map.of("holdfast.metrics.path", "/holdfast/metrics"),
                context -> EmbeddedNode.addServlet(context, "/*", new DemoServlet()));
    }

    @Test
    void promtoolHasNothingToComplainAbout() throws IOException {
        new Browser().get(nodes.n1().uri("/new"));
        String metrics =
                new Browser().get(nodes.n1().server(), "/holdfast/metrics").body();

        assertThat(Prometheus.complaintsAbout(metrics)).isEmpty();
        assertThat(Prometheus.complaintsAbout(metrics + "holdfast_Draining 1\n"))
                .isNotEmpty();
    }

    @Test
    void everyQueryOfTheDashboardAndOfTheRulesFindsData() throws IOException {
        String rules = Docs.block("operations.md", "Metrics", "yml");
        assertThat(Prometheus.complaintsAboutRules(rules)).isEmpty();
        String job = Docs.block("operations.md", "Metrics", "yaml")
                .replace(
                        "10.0.0.11:8080",
                        "127.0.0.1:" + nodes.n1().server().address().getPort())
                .replace(
                        "10.0.0.12:8080",
                        "127.0.0.1:" + nodes.n2().server().address().getPort());
        List<String> queries = find("\"expr\": \"(.*)\"", Docs.read("grafana-dashboard.json"));
        // What alerts look at, since nothing is wrong.
        List<String> looked = find("(holdfast_\\w+|up\\{[^}]*})", rules);
        List<String> alerts = find("expr: (.*)", rules);
        assertThat(queries).hasSizeGreaterThan(8);
        assertThat(looked).hasSizeGreaterThan(6);
        assertThat(alerts).hasSizeGreaterThan(6);
        Browser browser = new Browser();
        try (Prometheus prometheus = Prometheus.start(job)) {
            for (String query : Stream.concat(queries.stream(), looked.stream())
                    .map(query -> query.replace("$__rate_interval", "5s"))
                    .toList()) {
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                    browser.get(nodes.n1().uri("/new"));
                    browser.get(nodes.n2().uri("/new"));
                    assertThat(prometheus.query(query))
                            .as(query)
                            .contains("\"status\":\"success\"", "\"value\":[")
                            .doesNotContain("\"NaN\"");
                });
            }
            assertThat(alerts)
                    .allSatisfy(alert -> assertThat(prometheus.query(alert)).contains("\"status\":\"success\""));
            // This browser has gone to one node and the other by turns.
            assertThat(alerts)
                    .filteredOn(alert -> prometheus.query(alert).contains("\"value\":["))
                    .containsExactly(alerts.get(alerts.size() - 1));
        }
    }

    private static List<String> find(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1).replace("\\\"", "\""))
                .toList();
    }
}
