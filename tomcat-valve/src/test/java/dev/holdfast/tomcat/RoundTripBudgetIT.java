package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.catalina.Context;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a request costs in commands and round trips, seen from Redis (promise P4). Prints its figures. */
class RoundTripBudgetIT {
    private static final int READS = 1_000;

    private static RedisProcess redis;
    private static RoundTripProxy proxy;
    private static EmbeddedNode n1;
    private static EmbeddedNode n2;

    @BeforeAll
    static void start() throws IOException {
        redis = RedisProcess.start();
        proxy = new RoundTripProxy(redis.port());
        n1 = new EmbeddedNode("n1", redis.uri(), Map.of(), RoundTripBudgetIT::shop);
        n2 = new EmbeddedNode("n2", proxy.uri(), Map.of(), RoundTripBudgetIT::shop);
        Files.writeString(n1.docBase().resolve("style.css"), "body {}");
        Files.writeString(n2.docBase().resolve("style.css"), "body {}");
        // Redis then knows all scripts: the cost of EVAL after NOSCRIPT is paid once in its life.
        Browser warm = new Browser();
        warm.get(n1.uri("/add?item=a"));
        warm.get(n2.uri("/add?item=b"));
        warm.get(n2.uri("/read"));
        warm.get(n2.uri("/read"));
        await().until(() -> n2.manager().coordinator().counters().all().get("touches") > 0);
        warm.get(n2.uri("/end"));
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        proxy.close();
        redis.close();
    }

    private static void shop(Context context) {
        Page.addFiles(context);
        Page.add(context, "/add", (request, response) -> {
            items(request.getSession()).add(request.getParameter("item"));
            print(request, response);
        });
        Page.add(context, "/read", RoundTripBudgetIT::print);
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
        Page.add(context, "/end", (request, response) -> request.getSession().invalidate());
    }

    @SuppressWarnings("unchecked")
    private static List<String> items(HttpSession session) {
        List<String> items = (List<String>) session.getAttribute("items");
        if (items == null) {
            items = new ArrayList<>();
            session.setAttribute("items", items);
        }
        return items;
    }

    private static void print(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        response.getWriter().print(session == null ? "none" : session.getAttribute("items"));
    }

    private static Browser shopper() {
        Browser browser = new Browser();
        assertThat(browser.get(n1.uri("/add?item=a")).body()).isEqualTo("[a]");
        return browser;
    }

    private static List<String> commands(Browser browser, Runnable requests) {
        String id = browser.cookies.get("JSESSIONID");
        return MonitoredCommand.of(redis.monitor(requests)).stream()
                .filter(command -> command.isOf(id))
                .map(MonitoredCommand::name)
                .toList();
    }

    private static void report(String figure, Object value) {
        System.out.println("round trips: " + figure + ": " + value);
    }

    @Test
    void thousandStickyReadsSendNothingButATouchASecond() {
        Browser browser = shopper();

        long start = System.nanoTime();
        List<String> commands = commands(browser, () -> {
            for (int i = 0; i < READS; i++) {
                assertThat(browser.get(n1.uri("/read")).body()).isEqualTo("[a]");
            }
        });
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        List<String> touches = commands.stream().filter("touch.lua"::equals).toList();
        List<String> others =
                commands.stream().filter(name -> !name.equals("touch.lua")).toList();
        report(READS + " sticky reads, commands", others.size());
        report("touches in these " + took.toMillis() + " ms", touches.size());
        assertThat(others).isEmpty();
        assertThat(touches).hasSizeLessThanOrEqualTo((int) took.toSeconds() + 1);
    }

    @Test
    void pagesThatDoNotTouchTheSessionAndStaticFilesSendNothing() {
        Browser browser = shopper();

        List<String> commands = commands(browser, () -> {
            for (int i = 0; i < 20; i++) {
                assertThat(browser.get(n1.uri("/plain")).body()).isEqualTo("plain");
                assertThat(browser.get(n1.uri("/style.css")).body()).isEqualTo("body {}");
                assertThat(browser.get(n2.uri("/plain")).body()).isEqualTo("plain");
                assertThat(browser.get(n2.uri("/style.css")).body()).isEqualTo("body {}");
            }
        });

        // Tomcat's authenticator uses the session that this node holds for every page, with every Manager.
        List<String> others =
                commands.stream().filter(name -> !name.equals("touch.lua")).toList();
        report("80 untouched sessions and static files, commands", others.size());
        assertThat(others).isEmpty();
    }

    @Test
    void changeIsOneScriptCall() {
        Browser browser = shopper();

        List<String> commands = commands(
                browser,
                () -> assertThat(browser.get(n1.uri("/add?item=b")).body()).isEqualTo("[a, b]"));

        report("a change", commands);
        assertThat(commands).containsExactly("commit.lua");
    }

    @Test
    void newSessionIsOneScriptCall() {
        Browser browser = new Browser();

        List<MonitoredCommand> commands = MonitoredCommand.of(redis.monitor(() -> browser.get(n1.uri("/add?item=a"))));

        String id = browser.cookies.get("JSESSIONID");
        assertThat(commands.stream().filter(c -> c.isOf(id)).map(MonitoredCommand::name))
                .containsExactly("create.lua");
    }

    @Test
    void takeoverIsTwoCallsInOneRoundTripTheNextRequestConfirmsAndThenNothing() {
        Browser browser = shopper();
        String id = browser.cookies.get("JSESSIONID");
        proxy.forget();

        List<String> takeover = commands(
                browser, () -> assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a]"));
        List<String> trips = proxy.tripsWith(":s:" + id);
        List<String> next = commands(
                browser, () -> assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a]"));
        List<String> then = commands(browser, () -> {
            for (int i = 0; i < 100; i++) {
                assertThat(browser.get(n2.uri("/read")).body()).isEqualTo("[a]");
            }
        });

        report("a takeover", takeover + " in " + trips.size() + " round trip");
        report("the request after it", next);
        report(
                "100 requests after that, without touches",
                then.stream().filter(name -> !name.equals("touch.lua")).toList());
        assertThat(takeover).containsExactly("load.lua", "hgetall");
        assertThat(trips).hasSize(1);
        assertThat(trips.get(0)).contains("EVALSHA").contains("HGETALL");
        assertThat(next).containsExactly("load.lua");
        assertThat(then.stream().filter(name -> !name.equals("touch.lua"))).isEmpty();
    }

    @Test
    void changeByTheTakingNodeIsOneRoundTripMore() {
        Browser browser = shopper();

        List<String> commands = commands(
                browser,
                () -> assertThat(browser.get(n2.uri("/add?item=b")).body()).isEqualTo("[a, b]"));

        report("a takeover that changes", commands);
        assertThat(commands).containsExactly("load.lua", "hgetall", "commit.lua");
    }

    @Test
    void backgroundAsksOneQuestionASecondForEachShardWithSessions() {
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            browsers.add(shopper());
        }
        long shards = browsers.stream()
                .map(browser -> browser.cookies.get("JSESSIONID").substring(0, 2))
                .distinct()
                .count();

        long start = System.nanoTime();
        List<MonitoredCommand> commands = MonitoredCommand.of(
                redis.monitor(() -> await().pollDelay(Duration.ofSeconds(3)).until(() -> true)));
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
