package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A virtual machine that is suspended while its node is started again elsewhere under the same name, and wakes up: as
 * in a StatefulSet whose pod was made again.
 */
@ExtendWith(LogScan.class)
class PausedNodeIT {
    private static final int BROWSERS = 8;
    private static final Duration AWAKE = Duration.ofSeconds(4);
    private static final String FIRST = LogScan.SECRET + "a";
    private static final String SECOND = LogScan.SECRET + "b";
    private static final String THIRD = LogScan.SECRET + "c";

    private final RedisProcess redis = RedisProcess.start();
    private final Path application = ExplodedApplication.create("shop")
            .classes(CartServlet.class)
            .webXml("""
                    <distributable/>
                    <servlet>
                      <servlet-name>cart</servlet-name>
                      <servlet-class>%s</servlet-class>
                    </servlet>
                    <servlet-mapping>
                      <servlet-name>cart</servlet-name>
                      <url-pattern>/cart</url-pattern>
                    </servlet-mapping>
                    """.formatted(CartServlet.class.getName()))
            .path();
    private final List<TomcatProcess> nodes = new ArrayList<>();
    private final List<Browser> browsers = new ArrayList<>();

    @AfterEach
    void stop() {
        nodes.forEach(TomcatProcess::close);
        redis.close();
    }

    private TomcatProcess n1() {
        TomcatProcess node = TomcatProcess.node(TomcatDistribution.TOMCAT_11, "n1")
                .library(CommitWays.jar())
                .application("shop", application)
                .property("holdfast.node", "n1")
                .property("holdfast.redis", redis.uri().toString())
                .property("holdfast.timeout", "2s")
                .withoutAccessLog() // it has the values, in the queries that set them
                .prepare();
        nodes.add(node);
        node.launch();
        node.awaitAnswer();
        return node;
    }

    @Test
    void nodeThatWakesUpShowsNothingThatItsSuccessorHasChanged() {
        TomcatProcess paused = n1();
        for (int i = 0; i < BROWSERS; i++) {
            Browser browser = new Browser();
            browsers.add(browser);
            assertThat(ask(browser, paused, "add&item=" + FIRST)).isEqualTo(cart("new", FIRST));
            assertThat(ask(browser, paused, "peek")).isEqualTo(cart("old", FIRST));
        }
        paused.pause();
        try {
            // What ten seconds would do: the entry of the paused node is gone.
            redis.ask(jedis -> jedis.del("{hf:shop:nodes}"));
            TomcatProcess successor = n1();
            for (Browser browser : browsers) {
                assertThat(ask(browser, successor, "add&item=" + SECOND)).isEqualTo(cart("old", FIRST, SECOND));
                assertThat(ask(browser, successor, "peek")).isEqualTo(cart("old", FIRST, SECOND));
            }

            paused.resume();
            AtomicInteger answers = new AtomicInteger();
            AtomicInteger stale = new AtomicInteger();
            readAll(paused, answers, stale);

            System.out.println("A node that was paused while another one took its name: " + answers + " answers in "
                    + AWAKE.toSeconds() + " s, " + stale + " of them stale");
            assertThat(stale).hasValue(0);
            assertThat(answers).hasValueGreaterThan(100);
            for (Browser browser : browsers) { // the balancer cannot tell the two from each other
                assertThat(ask(browser, paused, "add&item=" + THIRD)).isEqualTo(cart("old", FIRST, SECOND, THIRD));
                assertThat(ask(browser, successor, "peek")).isEqualTo(cart("old", FIRST, SECOND, THIRD));
                assertThat(ask(browser, paused, "peek")).isEqualTo(cart("old", FIRST, SECOND, THIRD));
            }
        } finally {
            paused.resume();
        }
    }

    private void readAll(TomcatProcess node, AtomicInteger answers, AtomicInteger stale) {
        ExecutorService users = Executors.newFixedThreadPool(BROWSERS);
        try {
            long end = System.nanoTime() + AWAKE.toNanos();
            CompletableFuture<?>[] all = browsers.stream()
                    .map(browser -> CompletableFuture.runAsync(
                            () -> {
                                while (System.nanoTime() - end < 0) {
                                    String seen = ask(browser, node, "peek");
                                    answers.incrementAndGet();
                                    stale.addAndGet(seen.equals(cart("old", FIRST, SECOND)) ? 0 : 1);
                                }
                            },
                            users))
                    .toArray(CompletableFuture<?>[]::new);
            CompletableFuture.allOf(all).join();
        } finally {
            users.shutdown();
        }
    }

    private static String ask(Browser browser, TomcatProcess node, String query) {
        return browser.get(node, "/shop/cart?do=" + query).body();
    }

    private static String cart(String state, String... items) {
        return state + " items=" + List.of(items);
    }
}
