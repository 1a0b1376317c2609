package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.RedisServer;
import dev.holdfast.redis.RedisSessionStore;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemoryNodeRegistry;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * How fast what is at risk is saved when a real Redis answers again, by one node and one thread. Printed is the rate of
 * this machine; checked is what makes it, and what no load of the machine changes: many sessions share a round trip.
 */
class BacklogRateIT {
    private static final int SESSIONS = 10_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String VALUE = "v".repeat(100);

    @Test
    void manySessionsAreSavedWithEachRoundTripAtOnce() {
        try (RedisProcess redis = RedisProcess.start("--appendonly", "yes");
                RedisServer server = RedisServer.connect(redis.uri(), List.of(), TIMEOUT, 0, () -> 200)) {
            Ticker ticker = Ticker.system();
            RedisSessionStore store = new RedisSessionStore(server, "shop");
            TestNode node =
                    new TestNode(store, InMemoryNodeRegistry.alone("A", ticker), ticker, Site.serving("A", true));
            List<Browser> browsers = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                Browser browser = new Browser();
                browser.begin(node);
                browsers.add(browser);
            }
            // On a busy disk Redis answers before it writes, and this is no test of what goes with its process.
            await().atMost(PATIENCE)
                    .until(() -> redis.<String>ask(jedis -> jedis.info("persistence"))
                            .contains("aof_buffer_length:0\r"));
            redis.kill(); // nobody answers, so that no request here is a probe that takes its time
            await().atMost(PATIENCE).until(() -> isAway(node, store));
            for (Browser browser : browsers) {
                Exchange change = browser.send(node);
                change.write("x", VALUE);
                change.write("y", VALUE);
                change.write("z", VALUE);
                assertThat(change.answer().status()).isEqualTo(200);
            }
            assertThat(node.coordinator.atRisk()).isEqualTo(SESSIONS);
            AtomicLong answered = new AtomicLong();
            CompletableFuture<Long> saved = new CompletableFuture<>();
            store.onBack(() -> {
                answered.set(System.nanoTime());
                Thread saving = new Thread(() -> {
                    node.coordinator.saveOwed();
                    saved.complete(System.nanoTime());
                });
                saving.start();
            });

            redis.restart();
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> !isAway(node, store));
            long took = saved.join() - answered.get();
            long reads = reads(redis); // of this life of Redis

            System.out.println("Saved " + SESSIONS + " sessions of three new attributes of 100 bytes in "
                    + took / 1_000_000
                    + " ms from the first answer of Redis to nothing at risk: " + SESSIONS * 1_000_000_000L / took
                    + " a second, " + reads + " reads of Redis");
            assertThat(node.coordinator.atRisk()).isZero();
            assertThat(node.counter("atRiskSaved")).isEqualTo(SESSIONS);
            assertThat(node.counter("atRiskLost")).isZero();
            assertThat(browsers.get(SESSIONS - 1).read(node, "z")).isEqualTo(VALUE);
            // A batch of some ten kilobytes may be read in several parts.
            assertThat(reads).isLessThan(SESSIONS / 5);
        }
    }

    /** Asks it, too. */
    private static boolean isAway(TestNode node, RedisSessionStore store) {
        node.coordinator.tick();
        return store.isAway();
    }

    private static long reads(RedisProcess redis) {
        return redis.ask(jedis -> jedis.info("stats"))
                .lines()
                .filter(line -> line.startsWith("total_reads_processed:"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .sum();
    }
}
