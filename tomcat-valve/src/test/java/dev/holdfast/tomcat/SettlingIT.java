package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpSession;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** A Redis that comes back without its data, and two nodes that still have it (rule 7). */
class SettlingIT {
    private static final int SESSIONS = 60;

    private static void application(Context context) {
        Page.add(context, "/set", (request, response) -> {
            HttpSession session = request.getSession();
            session.setAttribute("value", request.getParameter("value"));
            response.getWriter().print(session.isNew() ? "new" : "old");
        });
        Page.show(context, "/read", session -> session.getAttribute("value"));
        Page.add(context, "/logout", (request, response) -> request.getSession().invalidate());
    }

    private static EmbeddedNode node(String name, URI redis, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.putIfAbsent("holdfast.timeout", "1s");
        return new EmbeddedNode(name, redis, all, SettlingIT::application);
    }

    private static EmbeddedNode node(String name, URI redis) {
        return node(name, redis, Map.of());
    }

    private static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
    }

    private static long counter(EmbeddedNode node, String name) {
        return node.manager().coordinator().counters().all().get(name);
    }

    /** Both nodes have seen each other in the registry, and the logs of all shards. */
    private static void letNodesMeet() {
        pass(Duration.ofMillis(2500));
    }

    private static void awaitRead(Browser browser, EmbeddedNode node, String value) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Answer answer = browser.get(node.uri("/read"));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(value);
        });
    }

    @Test
    void everySessionOfALivingHolderIsBackAndNoneThatWasEnded() {
        try (RedisProcess redis = RedisProcess.start();
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            letNodesMeet();
            List<Browser> living = new ArrayList<>();
            List<Browser> ended = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                EmbeddedNode home = i % 2 == 0 ? n1 : n2;
                Browser browser = new Browser();
                browser.get(home.uri("/set?value=" + i));
                browser.get(home.uri("/read"));
                (i % 5 == 4 ? ended : living).add(browser);
            }
            // Taken over by n2, while n1 has an older copy.
            living.get(0).get(n2.uri("/set?value=newest"));
            living.get(0).get(n2.uri("/read"));
            int there = 0;
            for (Browser browser : ended) {
                // Half of them elsewhere than at home, so that a copy is left that has not heard of it.
                EmbeddedNode where = there++ % 2 == 0 ? n1 : n2;
                assertThat(browser.get(where.uri("/logout")).status()).isEqualTo(200);
            }

            redis.kill();
            pass(Duration.ofSeconds(10));
            assertThat(living.get(1).get(n2.uri("/logout")).status()).isEqualTo(503);
            assertThat(living.get(2).get(n1.uri("/set?value=at-risk")).status()).isEqualTo(200);
            redis.restart();
            long start = System.nanoTime();
            awaitRead(living.get(2), n2, "at-risk");
            Duration first = Duration.ofNanos(System.nanoTime() - start);
            awaitRead(living.get(0), n1, "newest");
            for (int i = 1; i < living.size(); i++) {
                Browser browser = living.get(i);
                String value = i == 2 ? "at-risk" : browser.get(n1.uri("/read")).body();
                assertThat(value).isNotEqualTo("none");
                awaitRead(browser, n2, value);
            }
            for (Browser browser : ended) {
                assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("none");
                assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("none");
            }
            System.out.println("Redis started empty after 10 s: " + living.size() + " of " + living.size()
                    + " sessions back, 0 of " + ended.size() + " that had ended, the first after " + first.toMillis()
                    + " ms; sent again " + (counter(n1, "sentAgain") + counter(n2, "sentAgain")) + ", ends told again "
                    + (counter(n1, "endsToldAgain") + counter(n2, "endsToldAgain")));
            assertThat(log.lines()).anyMatch(line -> line.contains("HF-222:"));
            assertThat(log.lines()).anyMatch(line -> line.contains("HF-220:"));
            assertThat(counter(n1, "atRiskLost") + counter(n2, "atRiskLost")).isZero();
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhenRedisIsFlushedUnderLoad() {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            letNodesMeet();
            AtomicBoolean over = new AtomicBoolean();
            List<Writer> writers = new ArrayList<>();
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Writer writer = new Writer(i % 2 == 0 ? n1 : n2);
                writers.add(writer);
                running.add(CompletableFuture.runAsync(() -> writer.writeUntil(over)));
            }
            pass(Duration.ofSeconds(1));

            for (int i = 0; i < 3; i++) {
                redis.ask(Jedis::flushAll);
                pass(Duration.ofSeconds(5));
            }
            over.set(true);
            running.forEach(CompletableFuture::join);

            int acknowledged = 0;
            int refused = 0;
            for (int i = 0; i < writers.size(); i++) {
                Writer writer = writers.get(i);
                EmbeddedNode other = i % 2 == 0 ? n2 : n1;
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> writer.browser.get(other.uri("/read")).status() == 200);
                String value = writer.browser.get(other.uri("/read")).body();
                assertThat(Integer.parseInt(value)).isBetween(writer.last, writer.sent);
                acknowledged += writer.acknowledged;
                refused += writer.refused;
            }
            System.out.println("FLUSHALL three times under load: " + acknowledged + " acknowledged, " + refused
                    + " refused, 0 lost; sent again " + (counter(n1, "sentAgain") + counter(n2, "sentAgain")));
        }
    }

    @Test
    void whereANodeDoesNotComeBackNothingIsSentAgainAndNewSessionsBeginWhenItIsForgotten() {
        try (RedisProcess redis = RedisProcess.start();
                FaultyLink link = FaultyLink.to(redis.port());
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", link.uri())) {
            letNodesMeet();
            Browser browser = new Browser();
            browser.get(n1.uri("/set?value=before"));
            Browser held = new Browser();
            held.get(n2.uri("/set?value=there"));
            redis.kill();
            link.stall(); // as good as dead: it reaches nobody any more
            redis.restart();

            long start = System.nanoTime();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> new Browser().get(n1.uri("/set?value=new")).status() == 200);
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            System.out.println("One node does not come back: new sessions after " + took.toMillis() + " ms");
            assertThat(took).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(16));
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("none");
            assertThat(counter(n1, "sentAgain")).isZero();
            link.heal();
        }
    }

    @Test
    void withReseedOffNewSessionsBeginAtOnceAndTheOldOnesAreGone() {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri(), Map.of("holdfast.reseed", "off"));
                EmbeddedNode n2 = node("n2", redis.uri(), Map.of("holdfast.reseed", "off"))) {
            letNodesMeet();
            Browser browser = new Browser();
            browser.get(n1.uri("/set?value=before"));

            redis.ask(Jedis::flushAll);

            await().atMost(Duration.ofSeconds(5))
                    .until(() -> "none".equals(browser.get(n2.uri("/read")).body()));
            await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
                Browser other = new Browser();
                assertThat(other.get(n1.uri("/set?value=new")).status()).isEqualTo(200);
                assertThat(other.get(n2.uri("/read")).body()).isEqualTo("new");
            });
            assertThat(counter(n1, "sentAgain") + counter(n2, "sentAgain")).isZero();
        }
    }

    /** Writes growing numbers at one node. */
    private static final class Writer {
        private final Browser browser = new Browser();
        private final EmbeddedNode home;
        private int sent;
        private int last = -1;
        private int acknowledged;
        private int refused;

        Writer(EmbeddedNode home) {
            this.home = home;
        }

        void writeUntil(AtomicBoolean over) {
            while (!over.get()) {
                Answer answer = browser.get(home.uri("/set?value=" + ++sent));
                if (answer.status() == 200) {
                    assertThat(answer.body()).isEqualTo(acknowledged == 0 ? "new" : "old");
                    last = sent;
                    acknowledged++;
                } else {
                    assertThat(answer.status()).isEqualTo(503);
                    refused++;
                }
            }
        }
    }
}
