package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.Caddy;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.Httpd;
import dev.holdfast.testing.Nginx;
import dev.holdfast.testing.NodeEntries;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node is taken out behind real balancers, as docs/operations.md has it. */
class DrainIT {
    @TempDir
    Path directory;

    private EmbeddedNode node(String name, URI redis) {
        return node(name, redis, "0s");
    }

    private EmbeddedNode node(String name, URI redis, String limit) {
        Map<String, String> settings = Map.of(
                "holdfast.health.path",
                "/holdfast/health",
                "holdfast.drain.limit",
                limit,
                "holdfast.drain.file",
                directory.resolve(name).toString());
        return new EmbeddedNode(
                name, redis, settings, context -> EmbeddedNode.addServlet(context, "/cart", new CartServlet()));
    }

    @Test
    void newBrowsersGoElsewhereWhileThoseOfTheNodeStayAndNobodyIsRefused() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                HaProxy haProxy = HaProxy.askingForHealth(port(n1), port(n2))) {
            assertNewBrowsersGoElsewhere(n1, HttpNode.at("haproxy", haProxy.port()));
        }
    }

    /** It asks for new browsers alone. */
    @Test
    void newBrowsersGoElsewhereWhileThoseOfTheNodeStayBehindCaddy() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                Caddy caddy = Caddy.askingForHealth(port(n1), port(n2))) {
            assertNewBrowsersGoElsewhere(n1, HttpNode.at("caddy", caddy.port()));
        }
    }

    private void assertNewBrowsersGoElsewhere(EmbeddedNode n1, HttpNode site) throws IOException {
        Browser customer = new Browser();
        await().ignoreExceptions().until(() -> newBrowserComesTo(site).equals("n1"));
        await().until(() -> {
            customer.cookies().clear();
            assertThat(customer.get(site, "/shop/cart?do=set&name=tea&value=1").status())
                    .isEqualTo(200);
            return isAtN1(customer);
        });

        Files.createFile(directory.resolve("n1"));
        await().until(() -> {
            TreeSet<String> nodes = new TreeSet<>();
            for (int i = 0; i < 6; i++) {
                nodes.add(newBrowserComesTo(site));
            }
            return nodes.equals(Set.of("n2"));
        });

        Answer stays = customer.get(site, "/shop/cart?do=set&name=milk&value=2");
        assertThat(stays.status()).isEqualTo(200);
        assertThat(stays.cookie(Browser.ROUTE_COOKIE)).isEmpty(); // nobody took over
        Answer posted = customer.request(site, "POST", "/shop/cart?do=set")
                .form("name=rum&value=3")
                .send();
        assertThat(posted.status()).isEqualTo(200);
        assertThat(posted.cookie(Browser.ROUTE_COOKIE)).isEmpty();
        assertThat(newBrowserComesTo(site)).isEqualTo("n2");

        stop(n1);
        Answer moved = customer.get(site, "/shop/cart?do=peek");
        assertThat(moved.status()).isEqualTo(200);
        assertThat(moved.body()).isEqualTo("old milk=2 rum=3 tea=1");
        assertThat(moved.cookie(Browser.ROUTE_COOKIE)).isEqualTo("n2");
    }

    /** It asks no node for its health. */
    @Test
    void browsersOfANodeThatMovesThemAreElsewhereWhenItStopsBehindNginx() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                Nginx nginx = Nginx.byRouteCookie(port(n1), port(n2))) {
            assertBrowsersAreMoved(n1, HttpNode.at("nginx", nginx.port()));
        }
    }

    /** It asks no node for its health. */
    @Test
    void browsersOfANodeThatMovesThemAreElsewhereWhenItStopsBehindHttpd() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                Httpd httpd = Httpd.byRouteCookie(port(n1), port(n2))) {
            assertBrowsersAreMoved(n1, HttpNode.at("httpd", httpd.port()));
        }
    }

    /** With the configuration that asks no node for its health. */
    @Test
    void browsersOfANodeThatMovesThemAreElsewhereWhenItStopsBehindCaddy() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                Caddy caddy = Caddy.byRouteCookie(port(n1), port(n2))) {
            assertBrowsersAreMoved(n1, HttpNode.at("caddy", caddy.port()));
        }
    }

    private void assertBrowsersAreMoved(EmbeddedNode n1, HttpNode site) throws IOException {
        List<Browser> customers = new ArrayList<>();
        while (customers.stream().noneMatch(DrainIT::isAtN1) || customers.size() < 6) {
            Browser customer = new Browser();
            assertThat(customer.get(site, "/shop/cart?do=set&name=tea&value=1").status())
                    .isEqualTo(200);
            customers.add(customer);
        }
        Files.writeString(directory.resolve("n1"), "move");

        await().untilAsserted(() -> {
            for (Browser customer : customers) {
                assertThat(customer.get(site, "/shop/cart?do=add&item=x").status())
                        .isEqualTo(200);
            }
            assertThat(customers).noneMatch(DrainIT::isAtN1);
        });
        for (int i = 0; i < 4; i++) {
            assertThat(newBrowserComesTo(site)).isEqualTo("n2");
        }
        stop(n1);

        for (Browser customer : customers) {
            Answer answer = customer.get(site, "/shop/cart?do=peek");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).startsWith("old items=[x").endsWith(" tea=1");
        }
    }

    /** What each of them has changed is there with its next request, whoever answers, and nobody meets an error. */
    @Test
    void nobodyIsRefusedAndNothingIsLostWhileANodeIsEmptiedUnderLoad() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                HaProxy haProxy = HaProxy.askingForHealth(port(n1), port(n2))) {
            assertNothingIsLostUnderLoad(n1, HttpNode.at("haproxy", haProxy.port()), this::moveAndStop);
        }
    }

    @Test
    void nobodyIsRefusedAndNothingIsLostWhileANodeIsEmptiedUnderLoadBehindCaddy() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri());
                Caddy caddy = Caddy.askingForHealth(port(n1), port(n2))) {
            assertNothingIsLostUnderLoad(n1, HttpNode.at("caddy", caddy.port()), this::moveAndStop);
        }
    }

    /** The same by nothing but the stop of the server. */
    @Test
    void nobodyIsRefusedAndNothingIsLostByAnOrderlyStopUnderLoad() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri(), "60s");
                EmbeddedNode n2 = node("n2", redis.uri());
                HaProxy haProxy = HaProxy.askingForHealth(port(n1), port(n2))) {
            NodeEntries.awaitAllSeen(redis, "shop", 2);
            assertNothingIsLostUnderLoad(n1, HttpNode.at("haproxy", haProxy.port()), DrainIT::stop);
        }
    }

    /** It asks no node for its health. */
    @Test
    void nobodyIsRefusedAndNothingIsLostByAnOrderlyStopUnderLoadBehindNginx() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri(), "60s");
                EmbeddedNode n2 = node("n2", redis.uri());
                Nginx nginx = Nginx.byRouteCookie(port(n1), port(n2))) {
            NodeEntries.awaitAllSeen(redis, "shop", 2);
            assertNothingIsLostUnderLoad(n1, HttpNode.at("nginx", nginx.port()), DrainIT::stop);
        }
    }

    private void moveAndStop(EmbeddedNode n1, Callable<Boolean> isEmpty) throws IOException {
        Files.writeString(directory.resolve("n1"), "move");
        await().until(isEmpty);
        stop(n1);
        Files.delete(directory.resolve("n1"));
    }

    private static void stop(EmbeddedNode node, Callable<Boolean> isEmpty) {
        stop(node);
    }

    /** Takes a node out of service. */
    private interface Emptying {
        /**
         * Returns when the node has stopped.
         *
         * @param isEmpty whether its browsers are elsewhere
         */
        void run(EmbeddedNode node, Callable<Boolean> isEmpty) throws IOException;
    }

    private void assertNothingIsLostUnderLoad(EmbeddedNode n1, HttpNode site, Emptying emptying) throws Exception {
        await().ignoreExceptions().until(() -> newBrowserComesTo(site).equals("n1"));
        AtomicBoolean end = new AtomicBoolean();
        Map<Integer, String> nodes = new ConcurrentHashMap<>();
        List<CompletableFuture<Integer>> all = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            for (int i = 0; i < 16; i++) {
                int customer = i;
                all.add(CompletableFuture.supplyAsync(
                        () -> click(site, node -> nodes.put(customer, node), end), threads));
            }
            await().until(() -> nodes.size() == 16 && nodes.containsValue("n1"));

            emptying.run(n1, () -> Set.copyOf(nodes.values()).equals(Set.of("n2")));
            // Each has answered by then.
            await().until(() -> Set.copyOf(nodes.values()).equals(Set.of("n2")));
        } finally {
            end.set(true);
            threads.shutdown();
        }

        int clicks = 0;
        for (CompletableFuture<Integer> each : all) {
            clicks += each.get(30, TimeUnit.SECONDS);
        }
        System.out.println(
                "drain: " + clicks + " clicks of 16 browsers by " + site.name() + ", none refused, nothing lost");
        assertThat(clicks).isGreaterThan(16);
    }

    private static int click(HttpNode site, Consumer<String> route, AtomicBoolean end) {
        Browser customer = new Browser();
        int value = 0;
        while (!end.get()) {
            Answer answer = customer.get(site, "/shop/cart?do=set&name=n&value=" + ++value);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo((value == 1 ? "new" : "old") + " n=" + value);
            Answer seen = customer.get(site, "/shop/cart?do=peek");
            assertThat(seen.status()).isEqualTo(200);
            assertThat(seen.body()).isEqualTo("old n=" + value);
            route.accept(customer.cookies().get(Browser.ROUTE_COOKIE));
        }
        return value;
    }

    private static boolean isAtN1(Browser customer) {
        return "n1".equals(customer.cookies().get(Browser.ROUTE_COOKIE));
    }

    private static void stop(EmbeddedNode node) {
        node.close();
    }

    private static int port(EmbeddedNode node) {
        return node.server().address().getPort();
    }

    /** The node of the answer to a browser that was never here. */
    private static String newBrowserComesTo(HttpNode site) {
        Answer answer = new Browser().get(site, "/shop/cart?do=set&name=visit&value=1");
        assertThat(answer.status()).isEqualTo(200);
        return answer.cookie(Browser.ROUTE_COOKIE);
    }
}
