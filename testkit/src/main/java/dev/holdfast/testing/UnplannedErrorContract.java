package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * An error that nobody planned while a request is saved: the client hears of it at once, and the next request of the
 * session is served, also where they go one at a time. The same for all containers; the node serves
 * {@link Fragile.Page}.
 */
public abstract class UnplannedErrorContract {
    protected static final Map<String, String> SETTINGS =
            Map.of("holdfast.parallel", "off", "holdfast.classes.allow", "dev.holdfast.testing.*");

    /** Less than a turn is waited for, or an idle connection is kept. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final HttpClient browser =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

    protected abstract URI page(String query);

    private HttpResponse<String> get(String query) throws IOException, InterruptedException {
        return browser.send(
                HttpRequest.newBuilder(page(query)).timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void errorBeforeTheAnswerIsAClean503AndTheNextRequestIsServed() throws Exception {
        assertThat(get("set=before").body()).isEqualTo("before");

        HttpResponse<String> refused = get("set=after&break=now");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(refused.body()).isEmpty();
        assertThat(get("").body()).isEqualTo("before");
    }

    @Test
    void errorBehindTheHeadOfAnAnswerEndsTheConnectionAtOnceAndTheNextRequestIsServed() throws Exception {
        assertThat(get("set=before").body()).isEqualTo("before");

        assertThatThrownBy(() -> get("late=yes&break=now"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(HttpTimeoutException.class);

        assertThat(get("").body()).isEqualTo("before");
    }
}
