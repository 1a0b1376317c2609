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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;

/** Redis is away from nodes that serve all the same, and comes back. */
class OutageIT {
    private static final String[] DURABLE = {"--appendonly", "yes", "--appendfsync", "always"};

    private static void application(Context context) {
        Page.add(context, "/set", (request, response) -> {
            HttpSession session = request.getSession();
            String name = request.getParameter("name") == null ? "value" : request.getParameter("name");
            session.setAttribute(name, request.getParameter("value"));
            response.getWriter().print(session.isNew() ? "new" : "old");
        });
        Page.add(context, "/read", (request, response) -> {
            HttpSession session = request.getSession(false);
            String name = request.getParameter("name") == null ? "value" : request.getParameter("name");
            response.getWriter().print(session == null ? "none" : session.getAttribute(name));
        });
        Page.add(context, "/add", (request, response) -> {
            HttpSession session = request.getSession();
            if (session.getAttribute("list") instanceof ArrayList<?> list) {
                @SuppressWarnings("unchecked")
                List<String> texts = (List<String>) list;
                texts.add(request.getParameter("value")); // inside, without setAttribute
            } else {
                session.setAttribute("list", new ArrayList<>(List.of(request.getParameter("value"))));
            }
        });
        Page.add(context, "/count", (request, response) -> {
            HttpSession session = request.getSession();
            int count = session.getAttribute("count") instanceof Integer before ? before + 1 : 1;
            session.setAttribute("count", count);
            response.getWriter().print(count);
        });
        Page.add(context, "/logout", (request, response) -> request.getSession().invalidate());
        Page.add(context, "/login", (request, response) -> request.changeSessionId());
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
    }

    private static EmbeddedNode node(String name, URI redis) {
        return new EmbeddedNode(name, redis, Map.of("holdfast.timeout", "400ms"), OutageIT::application);
    }

    /** A Redis that writes each change to a disk that others use, too, is slow and not away. */
    private static EmbeddedNode patient(String name, URI redis) {
        return new EmbeddedNode(name, redis, Map.of("holdfast.timeout", "3s"), OutageIT::application);
    }

    private static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
    }

    private static void assertRefused(Answer answer) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.all("Set-Cookie")).isEmpty();
    }

    private static long counter(EmbeddedNode node, String name) {
        return node.manager().coordinator().counters().all().get(name);
    }

    private static void assertLoggedOnce(LogCapture log, String code) {
        assertThat(log.lines()).filteredOn(line -> line.contains(code)).hasSize(1);
    }

    @Test
    void siteGoesOnWithoutRedisAndNothingThatItAcknowledgedIsLost() {
        try (RedisProcess redis = RedisProcess.start(DURABLE);
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            Browser browser = new Browser();
            Browser guest = new Browser();
            Browser stranger = new Browser();
            browser.get(n1.uri("/set?value=before"));
            browser.get(n1.uri("/add?value=a"));
            stranger.get(n2.uri("/set?value=stranger"));

            redis.kill();
            pass(Duration.ofSeconds(3)); // longer than a copy is trusted

            Answer read = browser.get(n1.uri("/read"));
            assertThat(read.body()).isEqualTo("before");
            assertThat(read.all("Set-Cookie")).isEmpty();
            assertThat(browser.get(n1.uri("/set?value=after")).status()).isEqualTo(200);
            assertThat(browser.get(n1.uri("/add?value=b")).status()).isEqualTo(200);
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("after");
            assertThat(guest.get(n1.uri("/set?value=guest")).body()).isEqualTo("new");
            assertThat(guest.get(n1.uri("/set?value=guest2")).body()).isEqualTo("old");
            assertRefused(stranger.get(n1.uri("/read")));
            assertRefused(stranger.get(n1.uri("/set?value=lost")));
            assertThat(stranger.get(n1.uri("/plain")).body()).isEqualTo("plain");
            assertRefused(browser.get(n1.uri("/logout")));
            assertRefused(browser.get(n1.uri("/login")));
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("after");
            assertThat(guest.get(n1.uri("/login")).status()).isEqualTo(200);
            assertThat(guest.get(n1.uri("/read")).body()).isEqualTo("guest2");

            redis.restart();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(counter(n1, "atRiskSaved")).isEqualTo(2));

            assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("after");
            assertThat(browser.get(n2.uri("/read?name=list")).body()).isEqualTo("[a, b]");
            assertThat(guest.get(n2.uri("/read")).body()).isEqualTo("guest2");
            assertThat(stranger.get(n1.uri("/read")).body()).isEqualTo("stranger");
            assertThat(browser.get(n2.uri("/logout")).status()).isEqualTo(200);
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("none");
            assertThat(counter(n1, "atRiskLost")).isZero();
            assertLoggedOnce(log, "HF-207");
            await().untilAsserted(() -> assertLoggedOnce(log, "HF-208"));
        }
    }

    @Test
    void nodesThatStartWithoutRedisTakeNewSessions() {
        RedisProcess redis = RedisProcess.start(DURABLE);
        redis.kill();
        try (redis;
                EmbeddedNode n1 = node("n1", redis.uri())) {
            Browser browser = new Browser();
            assertThat(browser.get(n1.uri("/set?value=early")).body()).isEqualTo("new");
            assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("early");

            redis.restart();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(counter(n1, "atRiskSaved")).isEqualTo(1));

            try (EmbeddedNode n2 = node("n2", redis.uri())) {
                assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("early");
            }
        }
    }

    /** Commands that went unanswered are executed when Redis goes on: none of them may take anything back. */
    @Test
    void redisThatStandsStillAndGoesOnKeepsWhatWasAcknowledgedLast() {
        try (RedisProcess redis = RedisProcess.start();
                EmbeddedNode n1 = node("n1", redis.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            Browser browser = new Browser();
            Browser other = new Browser();
            browser.get(n1.uri("/set?value=before"));
            other.get(n1.uri("/set?value=before"));
            redis.pause();

            // The first ones cannot know yet that Redis is away, and are refused as ever.
            Browser any = new Browser();
            await().until(() -> any.get(n1.uri("/set?value=x")).status() == 200);
            String last = "before";
            for (int i = 0; i < 20; i++) {
                assertThat(browser.get(n1.uri("/set?value=" + i)).status()).isEqualTo(200);
                last = String.valueOf(i);
                assertThat(browser.get(n1.uri("/read")).body()).isEqualTo(last);
            }
            assertThat(other.get(n1.uri("/read")).body()).isEqualTo("before");

            redis.resume();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(counter(n1, "atRiskSaved")).isGreaterThanOrEqualTo(2));

            assertThat(browser.get(n2.uri("/read")).body()).isEqualTo(last);
            assertThat(counter(n1, "atRiskLost")).isZero();
        }
    }

    @Test
    void nodeThatIsCutOffMergesWhatOthersChangedElsewhereAndGivesWayWhereTheyChangedTheSame() {
        try (RedisProcess redis = RedisProcess.start();
                FaultyLink link = FaultyLink.to(redis.port());
                LogCapture log = new LogCapture("dev.holdfast");
                EmbeddedNode n1 = node("n1", link.uri());
                EmbeddedNode n2 = node("n2", redis.uri())) {
            Browser merged = new Browser();
            Browser conflict = new Browser();
            merged.get(n1.uri("/set?value=0"));
            conflict.get(n1.uri("/set?value=0"));
            link.stall();
            Browser any = new Browser();
            await().until(() -> any.get(n1.uri("/set?value=x")).status() == 200);
            assertThat(merged.get(n1.uri("/set?name=x&value=here")).status()).isEqualTo(200);
            assertThat(conflict.get(n1.uri("/set?value=here")).status()).isEqualTo(200);

            assertThat(merged.get(n2.uri("/set?name=y&value=there")).status()).isEqualTo(200);
            assertThat(conflict.get(n2.uri("/set?value=there")).status()).isEqualTo(200);
            link.heal();

            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(counter(n1, "atRiskLost")).isEqualTo(1));
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                assertThat(merged.get(n2.uri("/read?name=x")).body()).isEqualTo("here");
                assertThat(merged.get(n2.uri("/read?name=y")).body()).isEqualTo("there");
            });
            assertThat(conflict.get(n2.uri("/read")).body()).isEqualTo("there");
            assertThat(conflict.get(n1.uri("/read")).body()).isEqualTo("there");
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-209"))
                    .singleElement()
                    .satisfies(line -> assertThat(line).endsWith("It concerns value."));
        }
    }

    @Test
    void nodeThatStopsBeforeRedisIsBackSaysWhatIsLost() {
        RedisProcess redis = RedisProcess.start(DURABLE);
        try (redis;
                LogCapture log = new LogCapture("dev.holdfast")) {
            try (EmbeddedNode n1 = node("n1", redis.uri())) {
                redis.kill();
                assertThat(new Browser().get(n1.uri("/set?value=lost")).status())
                        .isEqualTo(200);
            }
            redis.restart();

            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-210"))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains("changes of 1 sessions"));
        }
    }

    /** Twelve browsers count on two nodes while Redis is killed and started again, with what it had acknowledged. */
    @Test
    void everyAcknowledgedStepIsCountedAcrossAnOutageUnderLoad() {
        try (RedisProcess redis = RedisProcess.start(DURABLE);
                EmbeddedNode n1 = patient("n1", redis.uri());
                EmbeddedNode n2 = patient("n2", redis.uri())) {
            AtomicBoolean over = new AtomicBoolean();
            List<Visitor> visitors = new ArrayList<>();
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                Visitor visitor = new Visitor(i % 2 == 0 ? n1 : n2, i % 2 == 0 ? n2 : n1);
                visitors.add(visitor);
                running.add(CompletableFuture.runAsync(() -> visitor.countUntil(over)));
            }
            await().until(() -> visitors.stream().allMatch(visitor -> visitor.acknowledged.get() > 3));

            redis.kill();
            pass(Duration.ofSeconds(4));
            redis.restart();
            pass(Duration.ofSeconds(3));
            over.set(true);
            running.forEach(CompletableFuture::join);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> n1.manager().coordinator().atRisk()
                                    + n2.manager().coordinator().atRisk()
                            == 0);

            int acknowledged = 0;
            int refused = 0;
            for (Visitor visitor : visitors) {
                visitor.check();
                acknowledged += visitor.acknowledged.get();
                refused += visitor.refused;
            }
            System.out.println("Outage under load: " + acknowledged + " acknowledged, " + refused + " refused, at risk "
                    + (counter(n1, "atRisk") + counter(n2, "atRisk")) + ", sessions saved "
                    + (counter(n1, "atRiskSaved") + counter(n2, "atRiskSaved")) + ", given up "
                    + (counter(n1, "atRiskLost") + counter(n2, "atRiskLost")));
            assertThat(counter(n1, "atRisk")).isPositive();
            assertThat(counter(n1, "atRiskLost") + counter(n2, "atRiskLost")).isZero();
        }
    }

    /** A browser that counts, one request after the other, on one node. */
    private static final class Visitor {
        private final Browser browser = new Browser();
        private final EmbeddedNode home;
        private final EmbeddedNode other;
        private final AtomicInteger acknowledged = new AtomicInteger();
        private int refused;
        private int refusedSinceLast;
        private int last;

        Visitor(EmbeddedNode home, EmbeddedNode other) {
            this.home = home;
            this.other = other;
        }

        void countUntil(AtomicBoolean over) {
            while (!over.get()) {
                Answer answer = browser.get(home.uri("/count"));
                if (answer.status() == 200) {
                    int count = Integer.parseInt(answer.body());
                    // A refused one may have been done.
                    assertThat(count).isBetween(last + 1, last + 1 + refused);
                    last = count;
                    refusedSinceLast = 0;
                    acknowledged.incrementAndGet();
                } else {
                    assertThat(answer.status()).isEqualTo(503);
                    refused++;
                    refusedSinceLast++;
                }
            }
        }

        void check() {
            int stored =
                    Integer.parseInt(browser.get(other.uri("/read?name=count")).body());
            assertThat(stored).isBetween(last, last + refusedSinceLast);
            assertThat(last).isBetween(acknowledged.get(), acknowledged.get() + refused);
        }
    }
}
