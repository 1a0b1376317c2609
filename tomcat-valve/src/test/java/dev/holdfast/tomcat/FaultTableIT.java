package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.CountersServlet;
import dev.holdfast.history.run.HistoryRun;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.NodeCounters;
import dev.holdfast.history.run.Pace;
import dev.holdfast.history.run.Plan;
import dev.holdfast.history.run.ProbeReport;
import dev.holdfast.history.run.Probes;
import dev.holdfast.history.run.Probes.Kind;
import dev.holdfast.history.run.Report;
import dev.holdfast.history.run.Waiting;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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
 * Whatever may be wrong with Redis, two real nodes that serve all the same ({@code holdfast.outage=serve}), browsers at
 * work, a judge of what they saw, and a table of what each kind of request was answered.
 *
 * <p>An answer that is <em>at risk</em> is a class of its own for the judge, see {@link dev.holdfast.history.Risk}. No
 * application can see that an answer is one: {@link RiskProbe}, a filter of this test's application, asks the protocol
 * behind it and adds a line. How many sessions were saved and given up afterwards is what the nodes have counted; each
 * that was given up is named by a line of HF-209.
 *
 * <p>No request may wait longer than {@code holdfast.timeout} and once more as long. The machine's own delays are
 * added: what a page took meanwhile that has nothing to do with Redis.
 *
 * <p>Three faults by default, all of them with {@code -Dfaults.whole=true}.
 */
@ExtendWith(LogScan.class)
class FaultTableIT {
    private static final String LOST = "atRiskLost";
    private static final boolean WHOLE = Boolean.getBoolean("faults.whole");
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    /** The deadline and one time-out. */
    private static final Duration MOST = TIMEOUT.plus(TIMEOUT);

    private static final Duration FAULT = Duration.ofSeconds(WHOLE ? 4 : 3);
    private static final Duration TIME = FAULT.plusSeconds(WHOLE ? 8 : 6);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BROWSERS = 2;

    private static final MinimalUser USER = MinimalUser.documented();
    private static final List<String> ROWS = new ArrayList<>();

    private static RedisProcess redis;
    private static List<FaultyLink> links;
    private static Cluster cluster;
    private static int seed;
    private static CompletableFuture<String> endless;

    /** What is left of Redis: what each kind of request is answered follows from that. */
    private enum Left {
        /** All, and it takes its time. */
        ALL,
        /** Nothing: it is away. */
        NOTHING,
        /** It is there and refuses changes, which is no outage, and can be read. */
        READS,
        /** It is there and refuses all that is asked, or what it has may be old: no outage either. */
        REFUSALS
    }

    /**
     * Something that is wrong with Redis, or with the way there.
     *
     * @param quick whether {@code mvn verify} has the time for it
     * @param kind what is left of Redis
     */
    private record Fault(String name, boolean quick, Left kind, Runnable begin, Runnable end) {
        Fault(String name, Left kind, Runnable begin, Runnable end) {
            this(name, false, kind, begin, end);
        }

        /** Nothing but this error comes back. */
        static Fault saying(String error, Left kind) {
            String title = "`" + error.substring(0, error.indexOf(' ')) + "` to all commands";
            return new Fault(title, kind, () -> links.forEach(link -> link.refuse(error)), FaultTableIT::heal);
        }

        Fault inShort() {
            return new Fault(name, true, kind, begin, end);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Fault> faults() {
        List<Fault> all = List.of(
                new Fault("killed, and started again with its data", Left.NOTHING, redis::kill, redis::restart)
                        .inShort(),
                new Fault("stopped where it is (`SIGSTOP`)", Left.NOTHING, redis::pause, redis::resume).inShort(),
                new Fault("link cut", Left.NOTHING, () -> links.forEach(FaultyLink::down), FaultTableIT::heal),
                new Fault(
                        "link swallows everything",
                        Left.NOTHING,
                        () -> links.forEach(FaultyLink::stall),
                        FaultTableIT::heal),
                new Fault("link slow, 150 ms for each answer", Left.ALL, FaultTableIT::slow, FaultTableIT::heal),
                Fault.saying("LOADING Redis is loading the dataset in memory", Left.NOTHING),
                new Fault(
                        "`BUSY`, a script without end",
                        Left.NOTHING,
                        FaultTableIT::runForEver,
                        FaultTableIT::killScript),
                Fault.saying(
                        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                        Left.NOTHING),
                Fault.saying("CLUSTERDOWN The cluster is down", Left.NOTHING),
                Fault.saying("TRYAGAIN Multiple keys request during rehashing of slot", Left.REFUSALS),
                new Fault(
                        "`READONLY`, by `REPLICAOF`",
                        Left.REFUSALS,
                        FaultTableIT::makeReplica,
                        FaultTableIT::makePrimary),
                new Fault("`MISCONF`, by a snapshot that fails", Left.READS, redis::failSnapshots, redis::mendSnapshots)
                        .inShort(),
                new Fault("`OOM`, by `maxmemory`", Left.READS, () -> maxMemory("1"), () -> maxMemory("0")),
                new Fault(
                        "`NOREPLICAS`, by `min-replicas-to-write`",
                        Left.REFUSALS,
                        () -> replicas("1"),
                        () -> replicas("0")),
                new Fault(
                        "`NOPERM`, no right to run scripts",
                        Left.REFUSALS,
                        () -> acl("-evalsha", "-eval"),
                        () -> acl("+evalsha", "+eval")),
                new Fault("another password", Left.REFUSALS, () -> password("other"), () -> password(USER.password())));
        return all.stream().filter(fault -> WHOLE || fault.quick());
    }

    private static void heal() {
        links.forEach(FaultyLink::heal);
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
        redis.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));
    }

    private static void makePrimary() {
        redis.ask(Jedis::replicaofNoOne);
    }

    private static void maxMemory(String bytes) {
        redis.ask(jedis -> jedis.configSet("maxmemory", bytes));
    }

    private static void replicas(String number) {
        redis.ask(jedis -> jedis.configSet("min-replicas-to-write", number));
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
        links = List.of(FaultyLink.to(redis.port()), FaultyLink.to(redis.port()));
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
        links.forEach(FaultyLink::close);
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
            TomcatDistribution distribution, String name, FaultyLink link, Path sticky, Path roaming) {
        return HistoryNode.of(
                        distribution,
                        name,
                        link.uri(USER.name(), USER.password()).toString(),
                        sticky,
                        roaming)
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
        long lostBefore = NodeCounters.of(LOST, cluster);

        CompletableFuture<Map<Kind, Event>> course = CompletableFuture.supplyAsync(() -> {
            Waiting.pass(Duration.ofSeconds(1));
            fault.begin().run();
            probes.during(() -> Waiting.pass(FAULT));
            fault.end().run();
            Waiting.untilAnswers(redis);
            Waiting.pass(Duration.ofSeconds(1));
            Map<Kind, Event> first = probes.once();
            await().atMost(PATIENCE).until(() -> owing() == 0);
            settled.set(System.nanoTime());
            return first;
        });
        Plan plan = new Plan("Redis: " + fault, seed, TIME, Set.of(), BROWSERS, Pace.ORDERLY_PEOPLE);
        Report report = probes.noting(() -> HistoryRun.during(course, cluster, plan, settled::get));

        System.out.println(report);
        assertThat(course).as("the fault was over while browsers were at work").isCompleted();
        await().atMost(PATIENCE).until(() -> owing() == 0);
        long lost = NodeCounters.of(LOST, cluster) - lostBefore;
        List<String> named = named().subList((int) namedBefore, named().size());
        named.forEach(System.out::println);
        ProbeReport seen =
                new ProbeReport(probes, settled.get(), report.verdict().violations());
        ROWS.add("| " + fault + " | " + seen.cells() + " | " + atRisk(report, lost, named.size()) + " | "
                + report.longestAlone().toMillis() + " ms; "
                + probes.longestWithoutRedis().toMillis() + " ms without Redis |");
        System.out.println(ROWS.get(ROWS.size() - 1));

        seen.assertNothingBroken();
        assertThat(course.join())
                .as("the first request of each kind, a second after Redis was back")
                .allSatisfy((kind, event) -> assertThat(event).matches(FaultTableIT::isServed));
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
        assertIsAnswered(fault.kind(), probes, report.atRisk());
    }

    /** The fault began before anybody was asked, and ended afterwards: it is behind each answer. */
    private static void assertIsAnswered(Left kind, Probes probes, long atRisk) {
        assertThat(probes.answers(Kind.READ)).as("reads of held sessions").allMatch(FaultTableIT::isServed);
        List<Event> changes = Stream.of(Kind.CHANGE, Kind.NEW)
                .flatMap(change -> probes.answers(change).stream())
                .toList();
        List<Event> unknown = probes.answers(Kind.UNKNOWN);
        switch (kind) {
            case ALL -> {
                assertThat(changes).as("changes").allMatch(FaultTableIT::isServed);
                assertThat(unknown).as("unknown sessions").allMatch(FaultTableIT::isServed);
            }
            // The first ones wait, until it is known that Redis is away.
            case NOTHING -> {
                for (Kind change : List.of(Kind.CHANGE, Kind.NEW)) {
                    List<Event> answers = probes.answers(change);
                    assertThat(answers.get(answers.size() - 1))
                            .as("the last %s", change)
                            .matches(FaultTableIT::isServed);
                }
                assertThat(unknown).as("unknown sessions").allMatch(FaultTableIT::isRefused);
            }
            case READS -> {
                assertThat(changes).as("changes").allMatch(FaultTableIT::isRefused);
                assertThat(unknown).as("unknown sessions").allMatch(FaultTableIT::isServed);
            }
            case REFUSALS -> {
                assertThat(changes).as("changes").allMatch(FaultTableIT::isRefused);
                assertThat(unknown).as("unknown sessions").allMatch(FaultTableIT::isRefused);
            }
        }
        assertThat(atRisk > 0).as("%s answers at risk", atRisk).isEqualTo(kind == Left.NOTHING);
    }

    private static boolean isServed(Event event) {
        return event.outcome() == Outcome.ACKNOWLEDGED && event.seen().alive();
    }

    private static boolean isRefused(Event event) {
        return event.outcome() == Outcome.REFUSED;
    }

    private static String atRisk(Report report, long lost, int named) {
        return report.atRisk() + " answers; sessions saved " + report.counter("atRiskSaved") + ", given up " + lost
                + (named == 0 ? "" : ", each named");
    }

    /** How many sessions owe something, on both nodes. */
    private static long owing() {
        return NodeCounters.of(CountersServlet.OWING, cluster);
    }

    /** The lines that name what was given up. */
    private static List<String> named() {
        return cluster.nodes().stream()
                .flatMap(node -> node.log().lines())
                .filter(line -> line.contains("HF-209"))
                .toList();
    }
}
