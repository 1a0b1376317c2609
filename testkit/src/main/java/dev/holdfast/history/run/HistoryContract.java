package dev.holdfast.history.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Violation;
import dev.holdfast.history.Violation.Kind;
import dev.holdfast.redis.RedisAudit;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Browsers at work with two real nodes, behind a sticky balancer, behind HAProxy, behind one that is not sticky, and
 * without any trust in copies, with faults of all kinds, and a judge of what they saw: the same for all containers.
 *
 * <p>A short run by default, with seeds that are always the same, and without a node whose name is taken while it is
 * paused: that takes too long. {@code -Dhistory.minutes=30} runs that long with new seeds, in turn each fault alone and
 * all together, these by turns with people and with a storm of parallel requests; {@code -Dhistory.seed=…} repeats one
 * run of all faults, with {@code -Dhistory.pace=STORM} one in a storm, with {@code -Dhistory.faults=SUCCEED,FLIP} one
 * of these.
 *
 * <p>A class that extends it has a method {@code plans}.
 */
public abstract class HistoryContract {
    private static final Duration SHORT = Duration.ofSeconds(16);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);
    private static final int BROWSERS = 3;
    private static final int MOST_SHOWN = 5;

    /** A short run in a storm of requests, in which no node dies. */
    protected static final Plan WITHOUT_KILLS = new Plan(
            "without kills",
            1,
            SHORT,
            EnumSet.complementOf(EnumSet.of(Fault.KILL, Fault.SUCCEED)),
            BROWSERS,
            Pace.STORM);

    /** A short run of everything that has room in it. */
    protected static final Plan ALL_FAULTS =
            new Plan("all faults", 2, SHORT, EnumSet.complementOf(EnumSet.of(Fault.SUCCEED)), BROWSERS, Pace.PEOPLE);

    protected abstract HistorySite site();

    /** What the command line asks for, else these. */
    protected static Stream<Plan> askedForOr(Plan... plans) {
        Long seed = Long.getLong("history.seed");
        if (seed != null) {
            Pace pace = Pace.valueOf(System.getProperty("history.pace", Pace.PEOPLE.name()));
            String names = System.getProperty("history.faults", "");
            Set<Fault> faults = names.isEmpty()
                    ? ALL
                    : Stream.of(names.split(","))
                            .map(Fault::valueOf)
                            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
            return Stream.of(
                    new Plan(names.isEmpty() ? "all faults" : "only " + names, seed, LONG, faults, BROWSERS, pace));
        }
        Long minutes = Long.getLong("history.minutes");
        return minutes == null
                ? Stream.of(plans)
                : longPlans(Duration.ofMinutes(minutes).dividedBy(LONG));
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

    /** Prints the first ones of each kind: one cause is often seen by every answer that follows. */
    public static void show(List<Violation> violations) {
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
        Report report = HistoryRun.of(site().cluster(), plan);

        System.out.println(getClass().getSimpleName() + ": " + report);
        List<Violation> violations = report.verdict().violations();
        show(violations);
        assertThat(violations.size()).as("violations, printed above").isZero();
        assertThat(report.of(Outcome.ACKNOWLEDGED)).isGreaterThan(report.operations() / 2);
        assertThat(report.takeovers()).isPositive();
        await().untilAsserted(
                        () -> assertThat(site().redis().ask(RedisAudit::of)).isEmpty());
        assertThat(plan.faults()).anyMatch(fault -> report.of(fault) > 0);
    }
}
