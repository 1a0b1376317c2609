package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Violation;
import dev.holdfast.history.Violation.Kind;
import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.Fault;
import dev.holdfast.history.run.HistoryRun;
import dev.holdfast.history.run.HistoryServlet;
import dev.holdfast.history.run.Pace;
import dev.holdfast.history.run.Plan;
import dev.holdfast.history.run.RedisLink;
import dev.holdfast.history.run.Report;
import dev.holdfast.redis.RedisAudit;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * Two real nodes, a Tomcat 10.1 and a Tomcat 11, browsers behind a sticky balancer, behind HAProxy, behind one that is not sticky, and
 * without any trust in copies, faults of all kinds, and a judge of what the browsers saw.
 *
 * <p>A short run by default, with seeds that are always the same. {@code -Dhistory.minutes=30} runs that long with new seeds, in turn each
 * fault alone and all together, these by turns with people and with a storm of parallel requests; {@code -Dhistory.seed=…} repeats one run of
 * all faults, with {@code -Dhistory.pace=STORM} one in a storm.
 */
@ExtendWith(LogScan.class)
class HistoryIT {
    private static final Duration SHORT = Duration.ofSeconds(16);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);
    private static final int BROWSERS = 3;
    private static final int MOST_SHOWN = 5;

    private static RedisProcess redis;
    private static Cluster cluster;
    private static HaProxy haproxy;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        List<RedisLink> links = List.of(RedisLink.to(redis.port()), RedisLink.to(redis.port()));
        Path sticky = application("cookie");
        Path roaming = application("none");
        List<TomcatProcess> nodes = List.of(
                node(TomcatDistribution.TOMCAT_10_1, "n1", links.get(0), sticky, roaming),
                node(TomcatDistribution.TOMCAT_11, "n2", links.get(1), sticky, roaming));
        nodes.forEach(TomcatProcess::launch);
        nodes.forEach(TomcatProcess::awaitAnswer);
        cluster = new Cluster(nodes, links, balancer(nodes));
    }

    /** Null where HAProxy is not installed: then the browsers behind it are left out, and a line says so. */
    private static InetSocketAddress balancer(List<TomcatProcess> nodes) {
        try {
            haproxy = HaProxy.byRouteCookie(
                    nodes.get(0).address().getPort(), nodes.get(1).address().getPort());
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), haproxy.port());
        } catch (TestAbortedException notInstalled) {
            return null;
        }
    }

    @AfterAll
    static void stop() {
        if (haproxy != null) {
            haproxy.close();
        }
        cluster.nodes().forEach(TomcatProcess::close);
        cluster.links().forEach(RedisLink::close);
        redis.close();
    }

    static Path application(String affinity) {
        return ExplodedApplication.create("history-" + affinity)
                .classes(HistoryServlet.class, CountersServlet.class)
                .webXml("""
                        <distributable/>
                        <context-param>
                          <param-name>holdfast.affinity</param-name>
                          <param-value>%s</param-value>
                        </context-param>
                        <context-param>
                          <param-name>holdfast.outage</param-name>
                          <param-value>refuse</param-value>
                        </context-param>
                        <servlet>
                          <servlet-name>history</servlet-name>
                          <servlet-class>%s</servlet-class>
                        </servlet>
                        <servlet-mapping>
                          <servlet-name>history</servlet-name>
                          <url-pattern>/history</url-pattern>
                        </servlet-mapping>
                        <servlet>
                          <servlet-name>counters</servlet-name>
                          <servlet-class>%s</servlet-class>
                        </servlet>
                        <servlet-mapping>
                          <servlet-name>counters</servlet-name>
                          <url-pattern>/counters</url-pattern>
                        </servlet-mapping>
                        """.formatted(affinity, HistoryServlet.class.getName(), CountersServlet.class.getName()))
                .path();
    }

    private static TomcatProcess node(
            TomcatDistribution distribution, String name, RedisLink link, Path sticky, Path roaming) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application(Cluster.STICKY, sticky)
                .application(Cluster.ROAMING, roaming)
                .property("holdfast.node", name)
                .property("holdfast.redis", link.uri().toString())
                .property("holdfast.timeout", "1s")
                .prepare();
    }

    static Stream<Plan> plans() {
        Long seed = Long.getLong("history.seed");
        if (seed != null) {
            Pace pace = Pace.valueOf(System.getProperty("history.pace", Pace.PEOPLE.name()));
            return Stream.of(new Plan("all faults", seed, LONG, ALL, BROWSERS, pace));
        }
        Long minutes = Long.getLong("history.minutes");
        if (minutes == null) {
            return Stream.of(
                    new Plan(
                            "without kills",
                            1,
                            SHORT,
                            EnumSet.complementOf(EnumSet.of(Fault.KILL)),
                            BROWSERS,
                            Pace.STORM),
                    new Plan("all faults", 2, SHORT, ALL, BROWSERS, Pace.PEOPLE));
        }
        return longPlans(Duration.ofMinutes(minutes).dividedBy(LONG));
    }

    /** In turn: each fault alone, and as often all together. */
    private static Stream<Plan> longPlans(long count) {
        Random seeds = new Random();
        List<Fault> faults = List.copyOf(ALL);
        return LongStream.range(0, count).mapToObj(number -> {
            int seed = seeds.nextInt(Integer.MAX_VALUE);
            if (number % 2 == 1) {
                return new Plan("all faults", seed, LONG, ALL, BROWSERS, number % 4 == 1 ? Pace.STORM : Pace.PEOPLE);
            }
            Fault fault = faults.get((int) (number / 2 % faults.size()));
            return new Plan("only " + fault, seed, LONG, EnumSet.of(fault), BROWSERS, Pace.PEOPLE);
        });
    }

    /** The first ones of each kind: one cause is often seen by every answer that follows. */
    static void show(List<Violation> violations) {
        for (Kind kind : Kind.values()) {
            List<Violation> some = violations.stream()
                    .filter(violation -> violation.kind() == kind)
                    .toList();
            some.stream().limit(MOST_SHOWN).forEach(System.out::println);
            if (some.size() > MOST_SHOWN) {
                System.out.println("and " + (some.size() - MOST_SHOWN) + " more of " + kind);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("plans")
    void browsersSeeNothingThatTheyMustNotSee(Plan plan) {
        Report report = HistoryRun.of(cluster, plan);

        System.out.println(report);
        List<Violation> violations = report.verdict().violations();
        show(violations);
        assertThat(violations.size()).as("violations, printed above").isZero();
        assertThat(report.of(Outcome.ACKNOWLEDGED)).isGreaterThan(report.operations() / 2);
        assertThat(report.takeovers()).isPositive();
        await().untilAsserted(() -> assertThat(redis.ask(RedisAudit::of)).isEmpty());
        assertThat(plan.faults()).anyMatch(fault -> report.of(fault) > 0);
    }
}
