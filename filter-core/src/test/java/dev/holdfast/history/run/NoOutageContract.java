package dev.holdfast.history.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AppPlace;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.SettingsSource;
import dev.holdfast.history.Event;
import dev.holdfast.history.run.NoOutageRun.Seen;
import dev.holdfast.history.run.NoOutageRun.Way;
import dev.holdfast.testing.ContainerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two real nodes at default settings, browsers at work, and a {@link Strain} on the system that is no outage of Redis; a node is killed in
 * the middle of it and the other one right behind it. Nothing is lost, nothing is at risk, nobody is answered 503: the same for all
 * containers.
 *
 * <p>Some rows by default, all of them with {@code -Dnooutage.whole=true}, those whose names match with {@code -Dnooutage.only=FAR_.*}.
 *
 * <p>A class that extends it has a method {@code strains}.
 */
public abstract class NoOutageContract {
    private static final boolean WHOLE = Boolean.getBoolean("nooutage.whole");
    private static final int BROWSERS = WHOLE ? 8 : 5;
    private static final int CROWD = WHOLE ? 10_000 : 1_000;
    private static final int WRITERS = 64;
    private static final int READERS = 200;
    private static final Duration PART = Duration.ofSeconds(WHOLE ? 6 : 2);
    private static final Duration CALM = Duration.ofSeconds(1);

    /** How long a request waits for Redis where nobody has said anything about it. */
    private static final Duration TIMEOUT = HoldfastConfig.read(
                    new SettingsSource("no file", Map.of()), AppPlace.at("/sticky"))
            .timeout();

    /** In the logs of nodes: Redis is away, or something is in the memory of a node only. */
    private static final List<String> OUTAGE = List.of("HF-105", "HF-207");

    private static final List<String> ROWS = new ArrayList<>();

    protected abstract HistorySite site();

    /** What the command line asks for, else these. */
    protected static Stream<Strain> askedForOr(Strain... few) {
        String only = System.getProperty("nooutage.only");
        if (only != null) {
            return Stream.of(Strain.values()).filter(strain -> strain.name().matches(only));
        }
        return Stream.of(WHOLE ? Strain.values() : few);
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
        Trouble trouble = strain.trouble(site(), TIMEOUT);
        List<ContainerProcess> nodes = site().cluster().nodes();
        try (NoOutageRun run = new NoOutageRun(site().cluster(), strain.name())) {
            run.begin(BROWSERS, Pace.ONE_AT_A_TIME);
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
