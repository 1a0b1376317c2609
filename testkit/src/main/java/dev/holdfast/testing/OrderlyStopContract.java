package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that is stopped in an orderly way, with {@code holdfast.drain.limit}. The same for all containers. */
public abstract class OrderlyStopContract {
    private static final String HEALTH = "/holdfast/health";
    private static final String LOGGER = "dev.holdfast.SharedServer";

    private final RedisProcess redis = RedisProcess.start();
    private final Opened opened = new Opened();
    private final Browser customer = new Browser();

    /**
     * A node, with a {@link DemoServlet} at {@code /shop/*}.
     *
     * @param stop stops its server as its operator does, and returns when it has stopped
     */
    public record Node(HttpNode http, Runnable stop) implements AutoCloseable {
        @Override
        public void close() {
            stop.run();
        }
    }

    /** Starts one in the JVM of the test. */
    protected abstract Node start(String name, URI redis, Map<String, String> settings);

    private Node start(String name, String limit) {
        Node node = start(name, redis.uri(), Map.of("holdfast.health.path", HEALTH, "holdfast.drain.limit", limit));
        AtomicBoolean stopped = new AtomicBoolean();
        HttpNode http = HttpNode.at(name, node.http().address().getPort()); // what is stopped has none any more
        return opened.keep(new Node(http, () -> {
            if (!stopped.getAndSet(true)) {
                node.stop().run();
            }
        }));
    }

    @AfterEach
    void stop() throws Exception {
        opened.close();
        redis.close();
    }

    private static Predicate<String> code(String code) {
        return line -> line.contains(code + ": ");
    }

    private void awaitHealth(Node node, int status) {
        await().ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(new Browser().get(node.http(), HEALTH).status())
                                .isEqualTo(status));
    }

    @Test
    void nodeServesOnUntilItsBrowsersHaveGone() throws Exception {
        Node n2 = start("n2", "0s");
        Node n1 = start("n1", "60s");
        customer.get(n1.http(), "/shop/new");
        try (LogCapture log = new LogCapture(LOGGER)) {
            NodeEntries.awaitAllSeen(redis, "shop", 2); // else it knows of none that stays
            CompletableFuture<Void> stop = CompletableFuture.runAsync(n1.stop());

            awaitHealth(n1, 404);
            await().untilAsserted(() -> {
                Answer answer = customer.get(n1.http(), "/shop/new");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(customer.cookies()).containsEntry(Browser.ROUTE_COOKIE, "n2");
            });
            assertThat(stop).isNotDone();
            String count = customer.get(n2.http(), "/shop/new").body();
            assertThat(count).startsWith("count ").isNotEqualTo("count 1");

            stop.get(50, TimeUnit.SECONDS); // nobody comes any more
            assertThat(log.lines()).filteredOn(code("HF-150")).hasSize(2);
            assertThat(log.lines()).noneMatch(code("HF-151"));
            assertThatThrownBy(() -> new Browser().get(n1.http(), HEALTH)).isInstanceOf(UncheckedIOException.class);
        }
    }

    /** They would wait for nothing: nobody else can serve them. */
    @Test
    void lastNodeStopsAtOnce() throws Exception {
        Node n1 = start("n1", "300s");
        customer.get(n1.http(), "/shop/new");
        try (LogCapture log = new LogCapture(LOGGER)) {
            CompletableFuture.runAsync(n1.stop()).get(60, TimeUnit.SECONDS);

            assertThat(log.lines())
                    .filteredOn(code("HF-151"))
                    .singleElement()
                    .asString()
                    .contains("HF-141: This node does not drain: no other node is known that serves shop");
            assertThat(log.lines()).noneMatch(code("HF-150"));
        }
    }

    @Test
    void browsersThatDoNotGoAreNotWaitedForBeyondTheLimit() throws Exception {
        start("n2", "0s");
        Node n1 = start("n1", "6s");
        NodeEntries.awaitAllSeen(redis, "shop", 2);
        long begun = System.nanoTime();
        CompletableFuture<Void> stop = CompletableFuture.runAsync(n1.stop());
        awaitHealth(n1, 404);

        // Each time another one, who was never told to go elsewhere.
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            if (!stop.isDone()) {
                new Browser().get(n1.http(), "/shop/new");
            }
            return stop.isDone();
        });
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofSeconds(5));
    }

    /** As without the setting. */
    @Test
    void nodeWithoutALimitStopsAtOnce() throws Exception {
        start("n2", "0s");
        Node n1 = start("n1", "0s");
        try (LogCapture log = new LogCapture(LOGGER)) {
            n1.stop().run();

            assertThat(log.lines()).noneMatch(code("HF-150")).noneMatch(code("HF-151"));
        }
    }
}
