package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.RedisServer;
import dev.holdfast.redis.RedisSessionStore;
import dev.holdfast.session.Lookup;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A real Redis that has no memory or no disk left for what it is told, and a node that reads and uses its sessions all
 * the same.
 */
class FullRedisIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Browser browser = new Browser();
    private RedisProcess redis;
    private TestNode node;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private void start() {
        redis = RedisProcess.start();
        RedisServer server = RedisServer.connect(redis.uri(), List.of(), Duration.ofMillis(500), 0, () -> 200);
        open.add(server);
        open.add(redis);
        Ticker ticker = Ticker.system();
        node = new TestNode(
                new RedisSessionStore(server, "shop"),
                InMemoryNodeRegistry.alone("A", ticker),
                ticker,
                Site.serving("A", true));
        browser.begin(node);
    }

    /** Redis' own default: a snapshot that fails ends all writes. */
    @Test
    void sessionsAreReadWhileTheDiskOfRedisIsFull() {
        start();
        assertThat(browser.write(node, "y", "2").status()).isEqualTo(200);
        redis.failSnapshots();
        assertThat(browser.write(node, "y", "refused").status()).isEqualTo(503);
        List<Lookup.Found> seen = new ArrayList<>();

        // Longer than the log counts as read: nothing is trusted any more.
        for (int second = 0; second < 4; second++) {
            node.tick();
            Exchange read = browser.send(node);
            seen.add(read.find().found());
            assertThat(read.read("x")).isEqualTo("1");
            assertThat(read.answer().status()).isEqualTo(200);
            assertThat(browser.read(node, "y")).as("as it was saved").isEqualTo("2");
            Exchange stranger = new Exchange(node, browser.id(), null);
            assertThat(stranger.read("y"))
                    .as("with no mark, so that Redis has to be asked")
                    .isEqualTo("2");
            assertThat(stranger.answer().status()).isEqualTo(200);
            assertThat(browser.write(node, "y", "refused").status()).isEqualTo(503);
            pass(Duration.ofSeconds(1));
        }

        assertThat(seen).containsOnly(Lookup.Found.FOUND);
        assertThat(node.counter("atRisk")).isZero();
        assertThat(node.coordinator.atRisk()).isZero();
        redis.mendSnapshots();
        assertThat(browser.write(node, "y", "4").status()).isEqualTo(200);
        assertThat(browser.read(node, "y")).isEqualTo("4");
    }

    @Test
    void useThatAFullRedisCouldOnlyReadIsToldByATouchThatItTakes() {
        start();
        long before = lastUse();
        redis.ask(jedis -> jedis.configSet("maxmemory", "1"));
        pass(Duration.ofMillis(1500));

        Exchange read = new Exchange(node, browser.id(), null);
        assertThat(read.read("x")).isEqualTo("1");
        assertThat(read.answer().status()).isEqualTo(200);
        node.tick();

        assertThat(lastUse() - before).isGreaterThan(1000);
        assertThat(node.counter("touches")).isEqualTo(1);
        assertThat(browser.write(node, "x", "2").status())
                .as("it is still full")
                .isEqualTo(503);
        redis.ask(jedis -> jedis.configSet("maxmemory", "0"));
    }

    private long lastUse() {
        String id = browser.id().value();
        String key = "{hf:shop:" + id.substring(0, 2) + "}:s:" + id;
        return Long.parseLong(redis.ask(jedis -> jedis.hget(key, ".m")).split("\\|", -1)[4]);
    }

    private static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plus(PATIENCE)).until(() -> true);
    }
}
