package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Test;

/**
 * Settings that are wrong, and a Redis that is not there, comes back, or has lost everything, where nodes refuse what
 * needs it.
 */
class StartAndOutageIT {
    private static void application(Context context) {
        Page.add(
                context,
                "/set",
                (request, response) -> request.getSession().setAttribute("value", request.getParameter("value")));
        Page.show(context, "/read", session -> session.getAttribute("value"));
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
    }

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(name, redis, Map.of("holdfast.outage", "refuse"), StartAndOutageIT::application);
    }

    @Test
    void wrongAndUnknownSettingsStopTheApplicationAndAreAllListed() throws LifecycleException {
        try (EmbeddedTomcat tomcat = new EmbeddedTomcat();
                LogCapture log = new LogCapture("org.apache.catalina")) {
            Context context = tomcat.addContext("/shop");
            application(context);
            context.addParameter("holdfast.timeout", "2m");
            context.addParameter("holdfast.redis", "http://10.0.0.5");
            context.addParameter("holdfast.affinitty", "none");
            HoldfastTomcat.install(context);

            tomcat.start();

            assertThat(context.getState().isAvailable()).isFalse();
            assertThat(new Browser().get(tomcat.uri("/shop/plain")).status()).isEqualTo(404);
            assertThat(log.thrown())
                    .anySatisfy(message -> assertThat(message)
                            .contains(
                                    "3 settings are wrong:",
                                    "holdfast.timeout is \"2m\" (from web.xml of /shop): must be between 10ms and 5s.",
                                    "holdfast.redis is \"http://10.0.0.5\" (from web.xml of /shop): ",
                                    "holdfast.affinitty (from web.xml of /shop) is no setting of this version: the nearest name is"
                                            + " holdfast.affinity."));
        }
    }

    @Test
    void theThreadsOfTheConnectorsAreKnownWhereverTheyComeFrom() {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode node = node("n1", redis.uri())) {
            Connector connector = HoldfastTomcat.connectors(node.context())[0];
            assertThat(new TomcatServer(node.context()).requestThreads()).isEqualTo(200);

            connector.setProperty("maxThreads", "17");
            assertThat(new TomcatServer(node.context()).requestThreads()).isEqualTo(17);

            Executor own = connector.getProtocolHandler().getExecutor();
            connector.getProtocolHandler().setExecutor(Runnable::run);
            assertThat(new TomcatServer(node.context()).requestThreads())
                    .as("nobody tells")
                    .isZero();
            connector.getProtocolHandler().setExecutor(own);
        }
    }

    @Test
    void nodeStartsWithoutRedisSaysSoOnceAndWorksAsSoonAsItIsThere() {
        RedisProcess redis = RedisProcess.start();
        redis.kill();
        try (redis;
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedNode node = node("n1", redis.uri())) {
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-104"))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .startsWith(
                                    "WARNING HF-104: This node starts without Redis. Until it is there, requests for sessions of before"
                                            + " are answered 503, and no session can begin. Cannot ask for the time: Redis 127.0.0.1:"
                                            + redis.port()
                                            + " cannot be reached"));
            Browser browser = new Browser();
            assertThat(browser.get(node.uri("/plain")).body()).isEqualTo("plain");
            assertThat(browser.get(node.uri("/read")).body()).isEqualTo("none");
            Answer refused = browser.get(node.uri("/set?value=1"));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(refused.all("Set-Cookie")).isEmpty();

            redis.restart();

            // It is empty: a node that comes late first hears whether others hold what it has lost.
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(
                                    browser.get(node.uri("/set?value=1")).status())
                            .isEqualTo(200));
            assertThat(browser.get(node.uri("/read")).body()).isEqualTo("1");
            assertThat(log.lines()).filteredOn(line -> line.contains("HF-104")).hasSize(1);
        }
    }

    @Test
    void nodeThatRedisRefusesAtItsStartPromisesNothingInMemory() {
        try (RedisProcess redis = RedisProcess.start();
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedNode node = node("n1", URI.create("redis://holdfast:wrong@127.0.0.1:" + redis.port()))) {
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-104"))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "WARNING HF-104: This node starts although Redis refuses it. Until that is mended, requests that need a session"
                                    + " are answered 503. ")
                    .contains("HF-421");
            assertThat(log.lines()).noneMatch(line -> line.contains("kept in memory") || line.contains("Redis lost"));
            assertThat(new Browser().get(node.uri("/set?value=1")).status()).isEqualTo(503);
        }
    }

    @Test
    void secondLiveNodeOfANameDoesNotStart() throws LifecycleException {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedTomcat second = new EmbeddedTomcat();
                LogCapture log = new LogCapture("org.apache.catalina")) {
            Context context = second.addContext("/shop");
            application(context);
            context.addParameter("holdfast.node", "n1");
            context.addParameter("holdfast.redis", redis.uri().toString());
            HoldfastTomcat.install(context);

            second.start();

            assertThat(context.getState().isAvailable()).isFalse();
            assertThat(log.thrown())
                    .anySatisfy(message -> assertThat(message)
                            .contains("HF-122: Node \"n1\" at ", " has the same name", "another holdfast.node"));
            assertThat(new Browser().get(n1.uri("/plain")).body()).isEqualTo("plain");
        }
    }

    @Test
    void nodeThatStopsInOrderMakesRoomForItsNameAtOnce() {
        try (RedisProcess redis = RedisProcess.start()) {
            node("n1", redis.uri()).close();
            assertThat(redis.<Long>ask(jedis -> jedis.hlen("{hf:shop:nodes}"))).isZero();

            long start = System.nanoTime();
            node("n1", redis.uri()).close();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
        }
    }

    @Test
    void redisThatRestartsWithItsDataLosesNothing() {
        try (RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            Browser browser = new Browser();
            browser.get(n1.uri("/set?value=before"));

            redis.restart();

            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("before");
            assertThat(browser.get(n1.uri("/set?value=after")).status()).isEqualTo(200);
            assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("after");
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("after");
        }
    }

    @Test
    void redisThatRestartsInTheMiddleOfTrafficAnswersNothingWrong() {
        try (RedisProcess redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always");
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            Browser browser = new Browser();
            browser.get(n1.uri("/set?value=0"));
            String acknowledged = "0";
            String tried = "0";
            for (int i = 1; i <= 60; i++) {
                if (i == 20) {
                    redis.kill();
                }
                if (i == 40) {
                    redis.restart();
                    letASecondPass();
                }
                EmbeddedNode node = i % 7 == 0 ? n2 : n1;
                tried = String.valueOf(i);
                Answer answer = browser.get(node.uri("/set?value=" + i));
                assertThat(answer.status()).isIn(200, 503);
                if (answer.status() == 200) {
                    acknowledged = tried;
                }
            }

            // A 503 says "not acknowledged", not "not applied".
            assertThat(browser.get(n2.uri("/read")).body()).isIn(acknowledged, tried);
            assertThat(acknowledged).isEqualTo("60");
        }
    }

    /** What a browser needs to wait for at most before a node has found that Redis is back. */
    private static void letASecondPass() {
        await().pollDelay(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(5)).until(() -> true);
    }

    @Test
    void silentRedisHoldsNoRequestsAndIsServedFromAgainWithinASecond() {
        try (RedisProcess redis = RedisProcess.start();
                LogCapture log = new LogCapture("dev.holdfast.redis");
                EmbeddedNode node = new EmbeddedNode(
                        "n1",
                        redis.uri(),
                        Map.of("holdfast.timeout", "400ms", "holdfast.outage", "refuse"),
                        StartAndOutageIT::application)) {
            Browser browser = new Browser();
            Browser unknown = new Browser();
            browser.get(node.uri("/set?value=before"));
            unknown.get(node.uri("/set?value=unknown"));
            redis.pause();
            for (int i = 0; i < 5; i++) {
                assertThat(browser.get(node.uri("/set?value=" + i)).status()).isEqualTo(503);
            }

            long quickest = Long.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                long start = System.nanoTime();
                Answer refused = new Browser().get(node.uri("/set?value=new"));
                quickest = Math.min(quickest, System.nanoTime() - start);
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
            }
            assertThat(Duration.ofNanos(quickest)).isLessThan(Duration.ofMillis(200));
            assertThat(unknown.get(node.uri("/plain")).body()).isEqualTo("plain");
            redis.resume();
            letASecondPass();

            assertThat(unknown.get(node.uri("/read")).body()).isEqualTo("unknown");
            assertThat(log.lines()).filteredOn(line -> line.contains("HF-106")).hasSize(1);
            assertThat(log.lines()).filteredOn(line -> line.contains("HF-105:")).hasSize(1);
        }
    }

    private static EmbeddedNode forgetful(String name, URI redis) {
        return new EmbeddedNode(
                name,
                redis,
                Map.of("holdfast.outage", "refuse", "holdfast.reseed", "off"),
                StartAndOutageIT::application);
    }

    @Test
    void redisThatLostEverythingMakesNewSessionsAndHangsNobody() {
        try (RedisProcess redis = RedisProcess.start();
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedNode n1 = forgetful("n1", redis.uri());
                EmbeddedNode n2 = forgetful("n2", redis.uri())) {
            Browser browser = new Browser();
            browser.get(n1.uri("/set?value=before"));
            String lost = browser.cookies().get("JSESSIONID");

            redis.ask(jedis -> jedis.flushAll());

            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                long start = System.nanoTime();
                Answer answer = browser.get(n1.uri("/read"));
                assertThat(System.nanoTime() - start).isLessThan(2_000_000_000L);
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("none");
            });
            assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("none");
            assertThat(browser.get(n1.uri("/set?value=after")).status()).isEqualTo(200);
            assertThat(browser.cookies().get("JSESSIONID")).isNotEqualTo(lost);
            assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("after");
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("after");
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(
                            () -> assertThat(List.copyOf(log.lines())).anyMatch(line -> line.contains("HF-222:")));
        }
    }
}
