package dev.holdfast;

import dev.holdfast.metrics.PrometheusText;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a server answers at one of its {@link NodePages}, the same on all containers.
 *
 * @param headers by name
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PageAnswer(int status, Map<String, String> headers, byte[] body) {
    private static final String PLAIN = "text/plain;charset=US-ASCII";
    private static final byte[] NOTHING = {};

    /**
     * What is asked.
     *
     * @param clients whose connection it came on, and as whom a proxy has presented him, if the container follows that
     * @param isPassedOn whether it says that a proxy has passed it on
     */
    public record Question(String path, String method, Collection<String> clients, boolean isPassedOn) {
        /** Whether a header is one that proxies add to what they pass on. */
        public static boolean isOfAProxy(String header) {
            String name = header.toLowerCase(Locale.ROOT);
            return name.startsWith("x-forwarded-")
                    || name.equals("x-real-ip")
                    || name.equals("forwarded")
                    || name.equals("via");
        }
    }

    /**
     * Answers a question for one of a server's pages.
     *
     * @param applications all of the server that take part, empty for one that cannot be used
     */
    public static PageAnswer to(Question question, NodePages pages, Collection<Optional<Holdfast>> applications) {
        if (!question.method().equals("GET") && !question.method().equals("HEAD")) {
            return new PageAnswer(405, Map.of("Allow", "GET, HEAD", "Cache-Control", "no-store"), NOTHING);
        }
        if (question.path().equals(pages.health())) {
            Health health = Health.of(applications);
            return plain(health.status(), health.text());
        }
        return applications.stream()
                .flatMap(Optional::stream)
                .findAny()
                .map(any -> metrics(question, any.metrics()))
                .orElseGet(() -> plain(503, "No application with Holdfast runs on this node.\n"));
    }

    private static PageAnswer metrics(Question question, NodeMetrics metrics) {
        if (question.isPassedOn() || !question.clients().stream().allMatch(PrivateAddresses::has)) {
            metrics.refused(question.clients(), question.isPassedOn());
            return plain(
                    403, "Metrics are for clients of this network that ask the node itself. The log has HF-149.\n");
        }
        return answer(200, PrometheusText.CONTENT_TYPE, PrometheusText.of(metrics.groups()));
    }

    private static PageAnswer plain(int status, String text) {
        return answer(status, PLAIN, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static PageAnswer answer(int status, String type, byte[] body) {
        return new PageAnswer(status, Map.of("Content-Type", type, "Cache-Control", "no-store"), body);
    }
}
