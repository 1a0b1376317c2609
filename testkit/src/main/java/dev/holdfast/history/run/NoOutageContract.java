package dev.holdfast.history.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.run.NoOutageRun.Seen;
import dev.holdfast.history.run.NoOutageRun.Way;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two real nodes at default settings, browsers at work, and a {@link Strain} on the system that is no outage of Redis;
 * a node is killed in the middle of it and the other one right behind it. Nothing is lost, nothing is at risk, nobody
 * is answered 503: the same for all containers.
 *
 * <p>Some rows by default, all of them with {@code -Dnooutage.whole=true}; of these, those whose names match with
 * {@code -Dnooutage.only=FAR_.*}: the names of {@link Strain}, {@code CROWD} and {@code LATE}.
 *
 * <p>A class that extends it has a method {@code strains}.
 */
@Alone
public abstract class NoOutageContract {
    private static final boolean WHOLE = Boolean.getBoolean("nooutage.whole");
    private static final int BROWSERS = WHOLE ? 8 : 5;
    private static final int CROWD = WHOLE ? 10_000 : 1_000;
    private static final int WRITERS = 64;
    private static final int READERS = 200;
    private static final Duration PART = Duration.ofSeconds(WHOLE ? 6 : 2);
    private static final Duration CALM = Duration.ofSeconds(1);

    /** So late is each reply where it is later than a request can wait, and in so many steps it becomes so late. */
    private static final Duration LATE = Duration.ofSeconds(3);

    private static final int STEPS = 30;

    /** What the command line selects; empty for all. */
    private static final String ONLY = System.getProperty("nooutage.only", "");

    /** How long a request waits for Redis where nobody has said anything about it: {@code TestkitTest} compares. */
    public static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** In the logs of nodes: Redis is away, or something is in the memory of a node only. */
    private static final List<String> OUTAGE = List.of("HF-105", "HF-207");

    private static final List<String> ROWS = new ArrayList<>();

    protected abstract HistorySite site();

    /** What the command line asks for, else these. */
    protected static Stream<Strain> askedForOr(Strain... few) {
        return Stream.of(WHOLE || !ONLY.isEmpty() ? Strain.values() : few);
    }

    private static void assumeSelected(String row) {
        assumeTrue(ONLY.isEmpty() || row.matches(ONLY), "another row was asked for");
    }

    static Stream<Way> ways() {
        return Stream.of(Way.STICKY, Way.ROAMING).filter(way -> WHOLE || way == Way.STICKY);
    }

    @AfterAll
    static void print() {
        System.out.println("""
                | No outage, but … | sticky: answered, lost, 503 | by turns: answered, lost, 503 | inside a killed node | at risk | longest wait |
                |---|---|---|---|---|---|
                """ + String.join("\n", ROWS));
        ROWS.clear();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("strains")
    void nothingIsLostNorAtRiskNorRefused(Strain strain) {
        assumeSelected(strain.name());
        Trouble trouble = strain.trouble(site(), TIMEOUT);
        List<ContainerProcess> nodes = site().cluster().nodes();
        try (NoOutageRun run = new NoOutageRun(site().cluster(), strain.name())) {
            run.begin(strain.browsers(BROWSERS), strain.pace());
            Waiting.pass(CALM);
            try {
                trouble.begin();
                Waiting.pass(PART);
                trouble.atWorst(() -> run.kill(nodes.get(0)));
                run.revive(nodes.get(0));
                Waiting.pass(PART);
            } finally {
                trouble.end();
            }
            run.kill(nodes.get(1));
            run.revive(nodes.get(1));
            Waiting.pass(CALM);
            run.finish();
            Duration longest = trouble.longest();
            System.out.println(strain + ": Redis was out of reach for " + longest.toMillis() + " ms at most");
            assertThat(longest)
                    .as("this machine was too slow for what is to be shown")
                    .isLessThan(TIMEOUT);
            judge(strain.toString(), run, EnumSet.allOf(Way.class));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void sessionsOfAKilledNodeAreAllThereForAllBrowsersAtOnce(Way way) {
        assumeSelected("CROWD");
        Cluster cluster = site().cluster();
        ContainerProcess first = cluster.nodes().get(0);
        ContainerProcess second = cluster.nodes().get(1);
        try (NoOutageRun run = new NoOutageRun(cluster, "crowd")) {
            Crowd crowd = run.crowd(cluster, way, CROWD);
            crowd.begin(first, WRITERS);
            run.kill(first);
            crowd.look(second, READERS);
            run.revive(first);
            crowd.change(second, WRITERS);
            run.kill(second);
            crowd.look(first, READERS);
            run.revive(second);
            judge(CROWD + " sessions, made at full speed and then read at once", run, Set.of(way));
        }
    }

    /**
     * The one strain for which a request cannot wait: what needs Redis is refused, and all the same nothing is at risk.
     */
    @Test
    @EnabledIfSystemProperty(named = "nooutage.whole", matches = "true")
    void whileEachReplyIsLateReadsAreServedAndChangesAreRefusedAndNothingIsAtRisk() {
        assumeSelected("LATE");
        Cluster cluster = site().cluster();
        Probes before = new Probes(cluster, "later");
        Probes probes = new Probes(cluster, "late");
        try (NoOutageRun run = new NoOutageRun(cluster, "late-run")) {
            // All at once, nothing would come for three seconds: that is an outage until then.
            before.during(() -> {
                for (int step = 1; step <= STEPS; step++) {
                    Duration late = LATE.multipliedBy(step).dividedBy(STEPS);
                    cluster.links().forEach(link -> link.slow(late));
                    Waiting.pass(LATE.multipliedBy(2).dividedBy(STEPS));
                }
            });
            probes.during(() -> Waiting.pass(LATE.multipliedBy(4)));
            run.kill(cluster.nodes().get(0));
            // Who starts has heard nothing yet, and would hear nothing for three seconds: that is an outage, too.
            cluster.links().forEach(FaultyLink::heal);
            run.revive(cluster.nodes().get(0));
            run.kill(cluster.nodes().get(1));
            run.revive(cluster.nodes().get(1));
            Map<String, Integer> codes = run.codes();
            Map<String, Long> counted = run.counted();
            ProbeReport report = new ProbeReport(probes, Long.MAX_VALUE, before.violations(Long.MAX_VALUE));
            System.out.println("Each reply late by " + LATE.toSeconds() + " s | " + report.cells() + " | " + codes + " "
                    + counted);

            report.assertNothingBroken();
            assertThat(probes.answers(Probes.Kind.READ))
                    .as("reads of held sessions")
                    .isNotEmpty()
                    .allMatch(event -> event.outcome() == Outcome.ACKNOWLEDGED
                            && event.seen().alive());
            for (Probes.Kind kind : List.of(Probes.Kind.CHANGE, Probes.Kind.NEW, Probes.Kind.UNKNOWN)) {
                assertThat(probes.answers(kind))
                        .as("answers to %s", kind)
                        .isNotEmpty()
                        .allMatch(event -> event.outcome() == Outcome.REFUSED);
            }
            assertIsNoOutage(codes, counted);
        } finally {
            cluster.links().forEach(FaultyLink::heal);
        }
    }

    private void judge(String title, NoOutageRun run, Set<Way> ways) {
        Map<String, Integer> codes = run.codes();
        Map<String, Long> counted = run.counted();
        Map<Way, Seen> seen = new EnumMap<>(Way.class);
        for (Way way : ways) {
            seen.put(way, run.seen(way));
        }
        String row = row(title, run, seen, codes, counted);
        ROWS.add(row);
        System.out.println(row + " " + codes + " " + counted);
        seen.values().forEach(each -> {
            HistoryContract.show(each.violations());
            Stream.concat(each.refused().stream(), each.silent().stream())
                    .limit(5)
                    .forEach(event -> System.out.println(told(event)));
        });

        assertThat(seen).allSatisfy((way, each) -> {
            assertThat(each.answered()).as("answers").isGreaterThan(20);
            assertThat(each.violations().size()).as("violations, printed above").isZero();
            assertThat(each.refused().size()).as("503, printed above").isZero();
            assertThat(each.silent().size()).as("no answer, printed above").isZero();
        });
        assertIsNoOutage(codes, counted);
    }

    private static void assertIsNoOutage(Map<String, Integer> codes, Map<String, Long> counted) {
        assertThat(codes).doesNotContainKeys(OUTAGE.toArray(String[]::new));
        assertThat(counted.get("atRisk")).isZero();
    }

    private static String told(Event event) {
        return event.call().life() + " " + event.call().action() + " at " + event.node() + ": " + event.outcome()
                + " after " + (event.span().end() - event.span().start()) / 1_000_000 + " ms";
    }

    private static String row(
            String title, NoOutageRun run, Map<Way, Seen> seen, Map<String, Integer> codes, Map<String, Long> counted) {
        List<Seen> sticky = seen.containsKey(Way.STICKY) ? List.of(seen.get(Way.STICKY)) : List.of();
        List<Seen> turns = Stream.of(Way.TURNS, Way.ROAMING)
                .filter(seen::containsKey)
                .map(seen::get)
                .toList();
        long cut = seen.values().stream().mapToLong(Seen::cut).sum();
        long outages =
                OUTAGE.stream().mapToLong(code -> codes.getOrDefault(code, 0)).sum();
        return "| " + title + " | " + cell(sticky) + " | " + cell(turns) + " | " + cut + " | "
                + Math.max(outages, counted.getOrDefault("atRisk", 0L)) + " | "
                + run.longest().toMillis() + " ms |";
    }

    private static String cell(List<Seen> ways) {
        if (ways.isEmpty()) {
            return "–";
        }
        return ways.stream().mapToLong(Seen::answered).sum() + ", "
                + ways.stream().mapToInt(each -> each.violations().size()).sum() + ", "
                + ways.stream()
                        .mapToInt(each -> each.refused().size() + each.silent().size())
                        .sum();
    }
}
