package dev.holdfast.examples.failover;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Asks a node, or through the balancer whichever node it chooses, for {@code /shop/node}. Thread-safe. */
final class Probe {

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .build();

    /** What the node on that port says of itself, if it is ready. */
    Optional<String> ask(int port) {
        return ask(port, "");
    }

    /**
     * What is answered there to a request with that cookie.
     *
     * @param cookie the header's value, or nothing
     */
    Optional<String> ask(int port, String cookie) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/shop/node"))
                .timeout(LIMIT);
        if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException notReady) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Whether that answer came from the node of that name. */
    static boolean isFrom(String node, Optional<String> answer) {
        return answer.filter(body -> body.contains("\"node\":\"" + node + "\"")).isPresent();
    }
}
