package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a balancer is told by {@code holdfast.health.path}, and how an operator drains a node. Two nodes of one
 * application, with {@link #settings}, serve a {@link DemoServlet} at {@code /shop/*}, in the JVM of the test. The same
 * for all containers.
 */
public abstract class HealthContract {
    private static final String PATH = "/holdfast/health";
    private static final Path DIRECTORY = directory();

    private final Browser balancer = new Browser();
    private final Browser customer = new Browser();

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    protected abstract RedisProcess redis();

    /** Stops the application of n1, as an operator of the container does, and the server runs on. */
    protected abstract void stopApplication() throws Exception;

    /** Starts it again. */
    protected abstract void startApplication() throws Exception;

    /** Of a node: each looks for a file of its own. */
    protected static Map<String, String> settings(String node) {
        return Map.of(
                "holdfast.health.path",
                PATH,
                "holdfast.drain.file",
                drainFile(node).toString());
    }

    private static Path drainFile(String node) {
        return DIRECTORY.resolve("drain-" + node);
    }

    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("drain");
            directory.toFile().deleteOnExit();
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void drainNoMore() throws Exception {
        for (HttpNode node : List.of(n1(), n2())) {
            Files.deleteIfExists(drainFile(node.name()));
            await().untilAsserted(() -> assertHealth(node, 200, "ready"));
        }
    }

    private void assertHealth(HttpNode node, int status, String text) {
        Answer answer = balancer.get(node, PATH);
        assertThat(answer.body()).isEqualTo(text + "\n");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.all("Set-Cookie")).isEmpty();
    }

    @Test
    void nodeIsReadyAsLongAsItsApplicationRuns() throws Exception {
        assertHealth(n1(), 200, "ready");

        stopApplication();
        try {
            assertHealth(n1(), 503, "not ready");
            assertHealth(n2(), 200, "ready");
        } finally {
            startApplication();
        }

        assertHealth(n1(), 200, "ready");
    }

    @Test
    void healthIsForGetAndHeadAloneAndForItsPathAlone() {
        Answer head = balancer.request(n1(), "HEAD", PATH).send();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();

        Answer post = balancer.request(n1(), "POST", PATH).form("a=b").send();
        assertThat(post.status()).isEqualTo(405);
        assertThat(post.header("Allow")).isEqualTo("GET, HEAD");

        assertThat(balancer.get(n1(), PATH + "/").status()).isEqualTo(404);
        assertThat(balancer.get(n1(), PATH + "y").status()).isEqualTo(404);
        assertThat(balancer.get(n1(), "/shop" + PATH).body()).doesNotContain("ready");
        assertHealth(n1(), 200, "ready"); // the connection that the POST came on goes on
    }

    @Test
    void healthLooksAtNoSessionAndDoesNotDependOnRedis() {
        customer.get(n1(), "/shop/new");
        Answer asked = customer.get(n1(), PATH);
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.all("Set-Cookie")).isEmpty();

        redis().pause();
        try {
            assertHealth(n1(), 200, "ready");
        } finally {
            redis().resume();
        }
        assertThat(customer.get(n1(), "/shop/new").body()).isEqualTo("count 2");
    }

    @Test
    void nodeThatDrainsServesItsSessionsAndTellsTheBalancer() throws JMException {
        customer.get(n1(), "/shop/new");

        // Refused until this node has seen the other one in the registry.
        await().ignoreExceptions().until(() -> {
            operate("drain", new Object[] {"soft", false}, new String[] {String.class.getName(), "boolean"});
            return true;
        });
        try {
            assertHealth(n1(), 404, "draining");
            assertHealth(n2(), 200, "ready");
            assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(bean(), "Drain"))
                    .isEqualTo("soft");
            Answer served = customer.get(n1(), "/shop/new");
            assertThat(served.status()).isEqualTo(200);
            assertThat(served.body()).isEqualTo("count 2");
        } finally {
            operate("endDrain", null, null);
        }

        assertHealth(n1(), 200, "ready");
    }

    @Test
    void nodeThatMovesSendsEachBrowserToTheOtherWithItsNextAnswer() throws Exception {
        customer.get(n1(), "/shop/new");
        assertThat(customer.cookies()).containsEntry(Browser.ROUTE_COOKIE, "n1");
        Files.writeString(drainFile("n1"), "move");
        await().untilAsserted(() -> assertHealth(n1(), 404, "draining"));

        Answer last = customer.get(n1(), "/shop/new");
        assertThat(last.body()).isEqualTo("count 2");
        assertThat(last.cookie(Browser.ROUTE_COOKIE)).isEqualTo("n2");
        // What was under way goes without; as long as the server is not done with the answer before, it stays.
        AtomicReference<String> count = new AtomicReference<>("");
        await().untilAsserted(() -> {
            Answer underWay = customer.get(n1(), "/shop/new");
            count.set(underWay.body().replace("count ", ""));
            assertThat(underWay.cookie(Browser.ROUTE_COOKIE)).isEmpty();
        });
        assertThat(customer.cookies()).containsEntry(Browser.ROUTE_COOKIE, "n2");

        Answer moved = customer.get(n2(), "/shop/new");
        assertThat(moved.body()).isEqualTo("count " + (Integer.parseInt(count.get()) + 1));
        assertThat(moved.cookie(Browser.ROUTE_COOKIE)).isEmpty();

        Answer stranger = new Browser().get(n1(), "/shop/new");
        assertThat(stranger.body()).isEqualTo("count 1");
        assertThat(stranger.cookie(Browser.ROUTE_COOKIE)).isEqualTo("n2");
    }

    /** What stands in the registry may be anybody's. */
    @Test
    void nobodyIsSentToANodeWhoseNameIsNone() throws Exception {
        String now = redis().ask(jedis -> jedis.time().get(0)) + "000";
        redis().ask(jedis ->
                jedis.hset("{hf:shop:nodes}", "zz.1", "1|n9; Domain=evil.example|host-9:1|0000000000000000||" + now));
        Files.writeString(drainFile("n1"), "move");
        await().untilAsserted(() -> assertHealth(n1(), 404, "draining"));

        for (int i = 0; i < 20; i++) {
            Answer answer = new Browser().get(n1(), "/shop/new");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.cookie(Browser.ROUTE_COOKIE)).isIn("n1", "n2");
        }
        redis().ask(jedis -> jedis.hdel("{hf:shop:nodes}", "zz.1"));
    }

    @Test
    void nobodyIsSentToANodeThatDrainsItself() throws Exception {
        Files.createFile(drainFile("n2"));
        await().untilAsserted(() -> assertHealth(n2(), 404, "draining"));

        // Until n1 has heard of it, it would drain.
        await().untilAsserted(() -> assertThatThrownBy(() -> {
                    operate("drain", new Object[] {"move", false}, new String[] {String.class.getName(), "boolean"});
                    operate("endDrain", null, null);
                })
                .rootCause()
                .hasMessageStartingWith("HF-141: This node does not drain: no other node is known that serves "));
        operate("drain", new Object[] {"move", true}, new String[] {String.class.getName(), "boolean"});
        try {
            Answer answer = customer.get(n1(), "/shop/new");
            assertThat(answer.cookie(Browser.ROUTE_COOKIE)).isEqualTo("n1");
        } finally {
            operate("endDrain", null, null);
        }
    }

    /** The other node could not be told of it: nothing of what this one has is in Redis. */
    @Test
    void nobodyIsSentAwayWhileRedisIs() throws Exception {
        customer.get(n1(), "/shop/new");
        Files.writeString(drainFile("n1"), "move");
        await().untilAsserted(() -> assertHealth(n1(), 404, "draining"));
        redis().pause();
        try {
            Answer atRisk = customer.get(n1(), "/shop/new");
            assertThat(atRisk.status()).isEqualTo(200);
            assertThat(atRisk.cookie(Browser.ROUTE_COOKIE)).isEmpty();
        } finally {
            redis().resume();
        }
        // The first answers may still come from memory, and what they changed is saved after them.
        AtomicReference<String> last = new AtomicReference<>("");
        await().untilAsserted(() -> {
            Answer answer = customer.get(n1(), "/shop/new");
            assertThat(answer.status()).isEqualTo(200);
            last.set(answer.body());
            assertThat(customer.cookies()).containsEntry(Browser.ROUTE_COOKIE, "n2");
        });
        int count = Integer.parseInt(last.get().replace("count ", ""));
        assertThat(count).isGreaterThan(2);
        assertThat(customer.get(n2(), "/shop/new").body()).isEqualTo("count " + (count + 1));
    }

    @Test
    void nodeDrainsAsLongAsItsFileIsThere() throws Exception {
        Files.createFile(drainFile("n2"));

        await().untilAsserted(() -> assertHealth(n2(), 404, "draining"));
        assertHealth(n1(), 200, "ready");

        Files.delete(drainFile("n2"));

        await().untilAsserted(() -> assertHealth(n2(), 200, "ready"));
    }

    @Test
    void drainByFileIsEndedByTakingTheFileAway() throws Exception {
        Files.createFile(drainFile("n1"));
        await().untilAsserted(() -> assertHealth(n1(), 404, "draining"));

        assertThatThrownBy(() -> operate("endDrain", null, null))
                .rootCause()
                .hasMessageStartingWith("HF-142: ")
                .hasMessageContaining(drainFile("n1").toString());

        assertHealth(n1(), 404, "draining");
    }

    private static void operate(String operation, Object[] arguments, String[] types) throws JMException {
        ManagementFactory.getPlatformMBeanServer().invoke(bean(), operation, arguments, types);
    }

    private static ObjectName bean() throws JMException {
        return new ObjectName("dev.holdfast:type=Node,node=\"n1\"");
    }
}
