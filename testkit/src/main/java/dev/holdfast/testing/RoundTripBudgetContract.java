package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a request costs in commands and round trips, seen from Redis (promise P4): the same for all containers. Prints
 * its figures.
 *
 * <p>A node trusts a copy only while it has asked for the ended sessions of the copy's shard within 2 seconds (rule 1
 * (c)), which it does every second. Where the machine is so busy that it did not, a read costs a round trip, and must:
 * then the measure is taken once more.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RoundTripBudgetContract {
    /** What stands in the file {@code /shop/style.css}. */
    protected static final String STYLE = "body {}";

    private static final int READS = 1_000;
    private static final int MEASURES = 5;

    /** In the keys of a question and of no script's first command alone: a question is plain. */
    private static final String QUESTION = "PEXPIRE";

    /** Of the 2 seconds; a question is due every second. */
    private static final Duration LATE = Duration.ofMillis(1_700);

    private static final Duration BEFORE = Duration.ofSeconds(3);

    private RedisProcess redis;
    private RedisMonitor monitor;
    private final RoundTrips trips1 = new RoundTrips();
    private final RoundTrips trips2 = new RoundTrips();
    private FaultyLink way1;
    private FaultyLink way2;
    private HttpNode n1;
    private HttpNode n2;

    /**
     * Starts a node with an application at {@code /shop} that has {@link CartServlet} at {@code /cart}, {@link Plain}
     * at {@code /plain}, and a static file.
     */
    protected abstract HttpNode start(String name, URI redis);

    protected abstract void stopNodes();

    /** A page that does not know of sessions. */
    public static final class Plain extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print("plain");
        }
    }

    @BeforeAll
    void start() {
        redis = RedisProcess.start();
        way1 = FaultyLink.to(redis.port(), trips1);
        way2 = FaultyLink.to(redis.port(), trips2);
        n1 = start("n1", way1.uri());
        n2 = start("n2", way2.uri());
        monitor = redis.watch();
        // Redis then knows all scripts: the cost of EVAL after NOSCRIPT is paid once in its life.
        Browser warm = new Browser();
        warm.get(n1, "/shop/cart?do=add&item=a");
        warm.get(n2, "/shop/cart?do=add&item=b");
        warm.get(n2, "/shop/cart?do=peek");
        warm.get(n2, "/shop/cart?do=peek");
        await().until(() ->
                monitor.since(0).stream().anyMatch(command -> command.name().equals("touch.lua")));
        warm.get(n2, "/shop/cart?do=invalidate");
    }

    @AfterAll
    void stop() {
        stopNodes();
        monitor.close();
        way1.close();
        way2.close();
        redis.close();
    }

    private static final class Shopper {
        final Browser browser = new Browser();

        String get(HttpNode node, String path) {
            Answer answer = browser.get(node, "/shop/" + path);
            assertThat(answer.status()).isEqualTo(200);
            return answer.body();
        }

        String add(HttpNode node, String item) {
            return get(node, "cart?do=add&item=" + item);
        }

        String read(HttpNode node) {
            return get(node, "cart?do=peek");
        }
    }

    private Shopper shopper() {
        Shopper shopper = new Shopper();
        assertThat(shopper.add(n1, "a")).isEqualTo("new items=[a]");
        return shopper;
    }

    /** What the requests of a shopper cost, by name of command or script. */
    private List<String> commands(Shopper shopper, Runnable requests) {
        int begin = monitor.now();
        requests.run();
        return monitor.since(begin).stream()
                .filter(command -> command.isOf(shopper.browser.sessionId()))
                .map(MonitoredCommand::name)
                .toList();
    }

    private static List<String> withoutTouches(List<String> commands) {
        return commands.stream().filter(name -> !name.equals("touch.lua")).toList();
    }

    /** Takes a measure, again if a node was late to ask meanwhile; fails if it is wrong though none was. */
    private void inTime(Runnable measure) {
        for (int i = 1; ; i++) {
            // A little before it: a copy is as fresh as what is known of its shard, which may be there already.
            long begin = System.nanoTime() - BEFORE.toNanos();
            try {
                measure.run();
                return;
            } catch (AssertionError wrong) {
                Duration pause1 = trips1.longestPauseOf(QUESTION, begin);
                Duration pause2 = trips2.longestPauseOf(QUESTION, begin);
                boolean late = pause1.compareTo(LATE) > 0 || pause2.compareTo(LATE) > 0;
                if (!late || i == MEASURES) {
                    throw wrong;
                }
                report(
                        "not counted, a node had not asked for",
                        pause1.toMillis() + " or " + pause2.toMillis() + " ms, measure " + i);
            }
        }
    }

    private void report(String figure, Object value) {
        System.out.println(
                "round trips: " + getClass().getPackageName().replaceAll(".*\\.", "") + ": " + figure + ": " + value);
    }

    @Test
    void thousandStickyReadsSendNothingButATouchASecond() {
        inTime(() -> {
            Shopper shopper = shopper();

            long start = System.nanoTime();
            List<String> commands = commands(shopper, () -> {
                for (int i = 0; i < READS; i++) {
                    assertThat(shopper.read(n1)).isEqualTo("old items=[a]");
                }
            });
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            List<String> others = withoutTouches(commands);
            int touches = commands.size() - others.size();
            report(READS + " sticky reads, commands", others.size());
            report("touches in these " + took.toMillis() + " ms", touches);
            assertThat(others).isEmpty();
            assertThat(touches).isLessThanOrEqualTo((int) took.toSeconds() + 1);
        });
    }

    @Test
    void pagesThatDoNotTouchTheSessionAndStaticFilesSendNothing() {
        inTime(() -> {
            Shopper shopper = shopper();

            List<String> commands = commands(shopper, () -> {
                for (int i = 0; i < 20; i++) {
                    for (HttpNode node : List.of(n1, n2)) {
                        assertThat(shopper.get(node, "plain")).isEqualTo("plain");
                        assertThat(shopper.get(node, "style.css")).isEqualTo(STYLE);
                    }
                }
            });

            // Tomcat's authenticator uses the session that this node holds for every page, with every Manager.
            List<String> others = withoutTouches(commands);
            report("80 untouched sessions and static files, commands", others.size());
            assertThat(others).isEmpty();
        });
    }

    @Test
    void changeIsOneScriptCall() {
        inTime(() -> {
            Shopper shopper = shopper();

            List<String> commands = withoutTouches(
                    commands(shopper, () -> assertThat(shopper.add(n1, "b")).isEqualTo("old items=[a, b]")));

            report("a change", commands);
            assertThat(commands).containsExactly("commit.lua");
        });
    }

    @Test
    void newSessionIsOneScriptCall() {
        Shopper shopper = new Shopper();
        int begin = monitor.now();

        shopper.add(n1, "a");

        List<String> commands = monitor.since(begin).stream()
                .filter(command -> command.isOf(shopper.browser.sessionId()))
                .map(MonitoredCommand::name)
                .toList();
        report("a new session", commands);
        assertThat(commands).containsExactly("create.lua");
    }

    @Test
    void takeoverIsTwoCallsInOneRoundTripTheNextRequestConfirmsAndThenNothing() {
        inTime(() -> {
            Shopper shopper = shopper();
            String id = shopper.browser.sessionId();

            List<String> takeover =
                    commands(shopper, () -> assertThat(shopper.read(n2)).isEqualTo("old items=[a]"));
            List<String> trips = trips2.with(":s:" + id);
            List<String> next =
                    commands(shopper, () -> assertThat(shopper.read(n2)).isEqualTo("old items=[a]"));
            List<String> then = commands(shopper, () -> {
                for (int i = 0; i < 100; i++) {
                    assertThat(shopper.read(n2)).isEqualTo("old items=[a]");
                }
            });

            report("a takeover", takeover + " in " + trips.size() + " round trip");
            report("the request after it", next);
            report("100 requests after that, without touches", withoutTouches(then));
            assertThat(takeover).containsExactly("load.lua", "hgetall");
            assertThat(trips).hasSize(1);
            assertThat(trips.get(0)).contains("EVALSHA").contains("HGETALL");
            assertThat(withoutTouches(next)).containsExactly("load.lua");
            assertThat(withoutTouches(then)).isEmpty();
        });
    }

    @Test
    void changeByTheTakingNodeIsOneRoundTripMore() {
        inTime(() -> {
            Shopper shopper = shopper();

            List<String> commands =
                    commands(shopper, () -> assertThat(shopper.add(n2, "b")).isEqualTo("old items=[a, b]"));

            report("a takeover that changes", commands);
            assertThat(withoutTouches(commands)).containsExactly("load.lua", "hgetall", "commit.lua");
        });
    }

    @Test
    void backgroundAsksOneQuestionASecondForEachShardWithSessions() {
        List<Shopper> shoppers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            shoppers.add(shopper());
        }
        long shards = shoppers.stream()
                .map(shopper -> shopper.browser.sessionId().substring(0, 2))
                .distinct()
                .count();

        long start = System.nanoTime();
        int begin = monitor.now();
        await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
        List<MonitoredCommand> commands = monitor.since(begin);
        double seconds = (System.nanoTime() - start) / 1e9;

        double rate = commands.size() / seconds;
        report(
                "background commands a second, two nodes, sessions in at least " + shards + " of 64 shards",
                String.format(Locale.ROOT, "%.1f (%s)", rate, kinds(commands)));
        // Four commands for each followed shard of each node; the other tests of this class have left sessions, too.
        assertThat(rate).isBetween(4.0 * shards * 0.5, 4.0 * 64 * 2 + 10);
        assertThat(commands.stream().filter(command -> command.line().contains(":s:")))
                .allMatch(command -> command.name().equals("touch.lua"));
    }

    private static String kinds(List<MonitoredCommand> commands) {
        Map<String, Integer> kinds = new TreeMap<>();
        commands.forEach(command -> kinds.merge(command.name(), 1, Integer::sum));
        return kinds.toString();
    }
}
