package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Violation;
import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.CountersServlet;
import dev.holdfast.history.run.HistoryContract;
import dev.holdfast.history.run.HistoryRun;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.Pace;
import dev.holdfast.history.run.Plan;
import dev.holdfast.history.run.Probes;
import dev.holdfast.history.run.Probes.Kind;
import dev.holdfast.history.run.RedisLink;
import dev.holdfast.history.run.Report;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RawExchange;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Whatever may be wrong with Redis, two real nodes that serve all the same ({@code holdfast.outage=serve}), browsers at work, a judge of
 * what they saw, and a table of what each kind of request was answered.
 *
 * <p>An answer that is <em>at risk</em> is a class of its own for the judge, see {@link dev.holdfast.history.Risk}. No application can see
 * that an answer is one: {@link RiskProbe}, a filter of this test's application, asks the protocol behind it and adds a line. How many
 * sessions were saved and given up afterwards is what the nodes have counted; each that was given up is named by a line of HF-209.
 *
 * <p>No request may wait longer than {@code holdfast.timeout} and once more as long. The machine's own delays are added: what a page took
 * meanwhile that has nothing to do with Redis.
 *
 * <p>Three faults by default, all of them with {@code -Dfaults.whole=true}.
 */
@ExtendWith(LogScan.class)
class FaultTableIT {
    private static final String LOST = "atRiskLost";
    private static final boolean WHOLE = Boolean.getBoolean("faults.whole");
    private static final Duration TIMEOUT = Duration.ofMillis(500);

    /** The deadline and one time-out. */
    private static final Duration MOST = TIMEOUT.plus(TIMEOUT);

    private static final Duration FAULT = Duration.ofSeconds(WHOLE ? 4 : 3);
    private static final Duration TIME = FAULT.plusSeconds(WHOLE ? 8 : 6);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BROWSERS = 2;

    private static final MinimalUser USER = MinimalUser.documented();
    private static final List<String> ROWS = new ArrayList<>();

    private static RedisProcess redis;
    private static List<RedisLink> links;
    private static Cluster cluster;
    private static int seed;
    private static CompletableFuture<String> endless;

    /** Something that is wrong with Redis, or with the way there. */
    private record Fault(String name, boolean quick, Runnable begin, Runnable end) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Fault> faults() {
        List<Fault> all = List.of(
                new Fault("killed, and started again with its data", true, redis::kill, redis::restart),
                new Fault("stopped where it is (`SIGSTOP`)", true, redis::pause, redis::resume),
                new Fault("link cut", false, () -> links.forEach(RedisLink::down), FaultTableIT::heal),
                new Fault("link swallows everything", false, () -> links.forEach(RedisLink::stall), FaultTableIT::heal),
                new Fault("link slow, 150 ms for each answer", false, FaultTableIT::slow, FaultTableIT::heal),
                saying("LOADING Redis is loading the dataset in memory"),
                new Fault("`BUSY`, a script without end", false, FaultTableIT::runForEver, FaultTableIT::killScript),
                new Fault("`READONLY`, by `REPLICAOF`", false, FaultTableIT::makeReplica, FaultTableIT::makePrimary),
                new Fault("`OOM`, by `maxmemory`", true, () -> maxMemory("1"), () -> maxMemory("0")),
                new Fault(
                        "`NOPERM`, no right to run scripts",
                        false,
                        () -> acl("-evalsha", "-eval"),
                        () -> acl("+evalsha", "+eval")),
                new Fault("another password", false, () -> password("other"), () -> password(USER.password())),
                saying("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."),
                saying("CLUSTERDOWN The cluster is down"),
                saying("TRYAGAIN Multiple keys request during rehashing of slot"),
                saying("NOREPLICAS Not enough good replicas to write."));
        return all.stream().filter(fault -> WHOLE || fault.quick());
    }

    private static Fault saying(String error) {
        String word = error.substring(0, error.indexOf(' '));
        return new Fault(
                "`" + word + "` to all commands",
                false,
                () -> links.forEach(link -> link.refuse(error)),
                FaultTableIT::heal);
    }

    private static void heal() {
        links.forEach(RedisLink::heal);
    }

    private static void slow() {
        links.forEach(link -> link.slow(Duration.ofMillis(150)));
    }

    private static void runForEver() {
        endless = CompletableFuture.supplyAsync(() -> redis.ask(jedis -> {
            try {
                return String.valueOf(jedis.eval("while true do end"));
            } catch (JedisException killed) {
                return String.valueOf(killed.getMessage());
            }
        }));
    }

    private static void killScript() {
        redis.ask(Jedis::scriptKill);
        endless.join();
    }

    private static void makeReplica() {
        redis.ask(jedis -> jedis.replicaof("127.0.0.1", RedisProcess.freePort()));
    }

    private static void makePrimary() {
        redis.ask(Jedis::replicaofNoOne);
    }

    private static void maxMemory(String bytes) {
        redis.ask(jedis -> jedis.configSet("maxmemory", bytes));
    }

    private static void acl(String... rules) {
        redis.ask(jedis -> jedis.aclSetUser(USER.name(), rules));
    }

    private static void password(String password) {
        acl("resetpass", ">" + password);
        redis.ask(jedis -> jedis.sendCommand(Command.CLIENT, "KILL", "USER", USER.name()));
    }

    // ---- the nodes

    @BeforeAll
    static void start() {
        redis = RedisProcess.start("--appendonly", "yes", "--appendfsync", "always", "--lua-time-limit", "10");
        links = List.of(RedisLink.to(redis.port()), RedisLink.to(redis.port()));
        Path sticky = application("cookie");
        Path roaming = application("none");
        List<ContainerProcess> nodes = List.of(
                node(TomcatDistribution.TOMCAT_10_1, "n1", links.get(0), sticky, roaming),
                node(TomcatDistribution.TOMCAT_11, "n2", links.get(1), sticky, roaming));
        nodes.forEach(ContainerProcess::launch);
        nodes.forEach(ContainerProcess::awaitAnswer);
        cluster = new Cluster(nodes, links, null);
    }

    @AfterAll
    static void stop() {
        cluster.nodes().forEach(ContainerProcess::close);
        links.forEach(RedisLink::close);
        redis.close();
        System.out.println("""
                | Redis | sticky request | change | new session | unknown session | at risk | longest of all |
                |---|---|---|---|---|---|---|
                """ + String.join("\n", ROWS));
    }

    private static Path application(String affinity) {
        String probe = """
                <filter>
                  <filter-name>risk</filter-name>
                  <filter-class>%s</filter-class>
                </filter>
                <filter-mapping>
                  <filter-name>risk</filter-name>
                  <servlet-name>history</servlet-name>
                </filter-mapping>
                """.formatted(RiskProbe.class.getName());
        return HistorySite.application(affinity, "serve", probe, RiskProbe.class);
    }

    private static TomcatProcess node(
            TomcatDistribution distribution, String name, RedisLink link, Path sticky, Path roaming) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application(Cluster.STICKY, sticky)
                .application(Cluster.ROAMING, roaming)
                .property("holdfast.node", name)
                .property(
                        "holdfast.redis", link.uri(USER.name(), USER.password()).toString())
                .property("holdfast.timeout", TIMEOUT.toMillis() + "ms")
                .prepare();
    }

    // ---- the test

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void nobodySeesWhatTheyMustNotSeeNorWaitsTooLong(Fault fault) {
        Probes probes = new Probes(cluster, "probe" + ++seed);
        AtomicLong settled = new AtomicLong(Long.MAX_VALUE);
        // Nothing is given up while nothing is owed: only then do the counters and the log tell of the same moment.
        await().atMost(PATIENCE).until(() -> owing() == 0);
        long namedBefore = named().size();
        long lostBefore = counted(LOST);

        CompletableFuture<Map<Kind, Event>> course = CompletableFuture.supplyAsync(() -> {
            pass(Duration.ofSeconds(1));
            CountDownLatch over = new CountDownLatch(1);
            fault.begin().run();
            CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> probes.run(over));
            pass(FAULT);
            over.countDown();
            asking.join();
            fault.end().run();
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> redis.ask(Jedis::ping).equals("PONG"));
            pass(Duration.ofSeconds(1));
            Map<Kind, Event> first = probes.once();
            await().atMost(PATIENCE).until(() -> owing() == 0);
            settled.set(System.nanoTime());
            return first;
        });
        Report report = HistoryRun.during(
                course,
                cluster,
                new Plan("Redis: " + fault, seed, TIME, Set.of(), BROWSERS, Pace.ORDERLY_PEOPLE),
                settled::get);

        System.out.println(report);
        HistoryContract.show(report.verdict().violations());
        List<Violation> ofProbes = probes.violations(settled.get());
        HistoryContract.show(ofProbes);
        assertThat(course).as("the fault was over while browsers were at work").isCompleted();
        await().atMost(PATIENCE).until(() -> owing() == 0);
        long lost = counted(LOST) - lostBefore;
        List<String> named = named().subList((int) namedBefore, named().size());
        named.forEach(System.out::println);
        ROWS.add(row(fault, probes, report, lost, named.size()));
        System.out.println(ROWS.get(ROWS.size() - 1));

        assertThat(report.verdict().violations().size() + ofProbes.size())
                .as("violations, printed above")
                .isZero();
        assertThat(course.join())
                .as("the first request of each kind, a second after Redis was back")
                .allSatisfy((kind, event) -> {
                    assertThat(event.outcome()).isEqualTo(Outcome.ACKNOWLEDGED);
                    assertThat(event.seen().alive()).isTrue();
                });
        Duration most = MOST.plus(probes.longestWithoutRedis());
        assertThat(report.longestAlone())
                .as("the longest wait of browsers at work")
                .isLessThan(most);
        for (Kind kind : Kind.values()) {
            assertThat(Probes.longest(probes.answers(kind)))
                    .as("the longest wait of %s", kind)
                    .isLessThan(most);
        }
        assertThat(lost == 0).isEqualTo(named.isEmpty());
    }

    private static String row(Fault fault, Probes probes, Report report, long lost, int named) {
        long changes = probes.changesAcknowledged();
        long changesKept = probes.changesKept();
        long sessions = probes.sessionsAcknowledged();
        long sessionsKept = probes.sessionsKept();
        assertThat(changesKept).as("acknowledged changes that are there").isGreaterThanOrEqualTo(changes);
        assertThat(sessionsKept).as("acknowledged sessions that are there").isGreaterThanOrEqualTo(sessions);
        return "| " + fault + " | " + probes.cell(Kind.READ) + " | " + probes.cell(Kind.CHANGE) + "; kept " + changes
                + " of " + changes + " | " + probes.cell(Kind.NEW) + "; kept " + sessions + " of " + sessions + " | "
                + probes.cell(Kind.UNKNOWN) + " | " + report.atRisk() + " answers; sessions saved "
                + report.counter("atRiskSaved") + ", given up " + lost
                + (named == 0 ? "" : ", each named") + " | "
                + report.longestAlone().toMillis() + " ms; "
                + probes.longestWithoutRedis().toMillis() + " ms without Redis |";
    }

    private static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
    }

    /** How many sessions owe something, on both nodes. */
    private static long owing() {
        return counted(CountersServlet.OWING);
    }

    private static long counted(String counter) {
        return cluster.nodes().stream()
                .mapToLong(node -> counted(counter, node))
                .sum();
    }

    private static long counted(String counter, ContainerProcess node) {
        try {
            Answer answer = RawExchange.run(
                    node.address(),
                    "GET /" + Cluster.STICKY + "/counters HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
                    "",
                    PATIENCE);
            return answer.body()
                    .lines()
                    .filter(line -> line.startsWith(counter + " "))
                    .mapToLong(line -> Long.parseLong(line.substring(counter.length() + 1)))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that name what was given up. */
    private static List<String> named() {
        return cluster.nodes().stream()
                .flatMap(node -> node.log().lines())
                .filter(line -> line.contains("HF-209"))
                .toList();
    }
}
