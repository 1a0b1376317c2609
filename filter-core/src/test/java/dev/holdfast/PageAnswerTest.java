package dev.holdfast;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageAnswerTest {
    private static final NodePages PAGES = new NodePages("/health", "/metrics");

    private static PageAnswer answer(String method, String path) {
        return PageAnswer.to(
                new PageAnswer.Question(path, method, List.of("127.0.0.1"), false), PAGES, List.of(Optional.empty()));
    }

    @Test
    void onlyWhatIsAskedAsItIsWrittenAreMetrics() {
        assertThat(PAGES.have("/metrics")).isTrue();
        assertThat(PAGES.isAsked("/metrics", "/metrics")).isTrue();
        assertThat(PAGES.isAsked("/metrics", "/%6detrics")).isFalse();
        assertThat(PAGES.isAsked("/metrics", "/metrics;x")).isFalse();
        assertThat(PAGES.have("/health")).isTrue();
        assertThat(PAGES.isAsked("/health", "/%68ealth")).isTrue();
        assertThat(PAGES.have("/metric")).isFalse();
        assertThat(PAGES.have(null)).isFalse();
        assertThat(NodePages.NONE.have("/health")).isFalse();
    }

    @Test
    void nodeWithoutAnApplicationThatRunsSaysSo() {
        assertThat(answer("GET", "/health").status()).isEqualTo(503);
        assertThat(answer("GET", "/metrics").status()).isEqualTo(503);
        assertThat(new String(answer("GET", "/metrics").body(), US_ASCII))
                .isEqualTo("No application with Holdfast runs on this node.\n");
        assertThat(answer("PUT", "/metrics").status()).isEqualTo(405);
        assertThat(answer("PUT", "/metrics").headers()).containsEntry("Allow", "GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Host", "X-REAL-IP", "Forwarded", "via"})
    void proxiesAreKnownByTheirHeaders(String header) {
        assertThat(PageAnswer.Question.isOfAProxy(header)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host", "User-Agent", "Accept", "X-Prometheus-Scrape-Timeout-Seconds", "X-Forward"})
    void scrapersAreTakenForNone(String header) {
        assertThat(PageAnswer.Question.isOfAProxy(header)).isFalse();
    }
}
