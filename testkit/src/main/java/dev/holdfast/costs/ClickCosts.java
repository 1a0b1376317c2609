package dev.holdfast.costs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures what a click of an application costs when its sessions are kept by one and by another: each on nodes of
 * its own, in rounds that take turns, after some that do not count. Prints what the table in docs/frameworks.md is
 * made of, with medians of all rounds. That pages, sessions and commands are right is asserted; how long anything
 * takes is not.
 */
public final class ClickCosts {
    /** The compilers of the nodes are still busy; no more than those that count. */
    private static final int WARM_UP = 4;

    private static final int COUNTED = 5;

    /** A node that was late to ask what has ended asks once more before it trusts its copy, and must. */
    private static final int COUNTS = 5;

    private final String application;
    private final Map<Keeper, Path> keepers = new LinkedHashMap<>();
    private final Map<Keeper, Integer> commandsOfAClick = new EnumMap<>(Keeper.class);
    private List<String> ofAClick = List.of();
    private List<String> ofALook = List.of();

    private ClickCosts(String application) {
        this.application = application;
    }

    /** @param application as it is called in the table */
    public static ClickCosts of(String application) {
        return new ClickCosts(application);
    }

    /** Also measures it with its sessions kept by this one. */
    public ClickCosts with(Keeper keeper, Path exploded) {
        keepers.put(keeper, exploded);
        return this;
    }

    /** What Holdfast has to send for a click, and for a page that changes nothing, by names of scripts. */
    public ClickCosts sending(List<String> commandsOfAClick, List<String> commandsOfALook) {
        ofAClick = commandsOfAClick;
        ofALook = commandsOfALook;
        return this;
    }

    /** Measures, as often as {@code costs.rounds} says. */
    public void measure(Customer.Maker maker) throws Exception {
        int rounds = Integer.getInteger("costs.rounds", 1);
        List<Site> sites = new ArrayList<>();
        try {
            for (Map.Entry<Keeper, Path> keeper : keepers.entrySet()) {
                sites.add(new Site(keeper.getKey(), keeper.getValue(), maker));
            }
            Map<Keeper, List<Round>> measured = new LinkedHashMap<>();
            for (int i = -Math.min(WARM_UP, rounds); i < rounds; i++) {
                for (Site site : sites) {
                    Round round = site.round();
                    say(i, site.keeper(), round);
                    if (i >= 0) {
                        measured.computeIfAbsent(site.keeper(), none -> new ArrayList<>())
                                .add(round);
                    }
                }
            }
            try {
                for (Site site : sites) {
                    count(site);
                    assertThat(site.log()).doesNotContain("HF-2");
                }
            } finally {
                print(measured); // also if a command was another one than expected: rounds take minutes
            }
        } finally {
            for (Site site : sites) {
                site.close();
            }
        }
    }

    private void count(Site site) throws Exception {
        List<List<String>> clicks = site.commands(COUNTED, Customer::click);
        if (site.keeper() == Keeper.HOLDFAST) {
            List<List<String>> looks = site.commands(COUNTED, Customer::look);
            for (int i = 1; i < COUNTS && !(areAll(clicks, ofAClick) && areAll(looks, ofALook)); i++) {
                clicks = site.commands(COUNTED, Customer::click);
                looks = site.commands(COUNTED, Customer::look);
            }
            assertThat(clicks)
                    .as("of clicks")
                    .allSatisfy(each -> assertThat(each).isEqualTo(ofAClick));
            assertThat(looks).as("of looks").allSatisfy(each -> assertThat(each).isEqualTo(ofALook));
        }
        System.out.println("costs: " + application + ": " + site.keeper() + ": commands of clicks: " + clicks);
        commandsOfAClick.put(site.keeper(), (int)
                Math.round(clicks.stream().mapToInt(List::size).average().orElseThrow()));
    }

    private static boolean areAll(List<List<String>> commands, List<String> expected) {
        return commands.stream().allMatch(expected::equals);
    }

    private void say(int number, Keeper keeper, Round round) {
        System.out.printf(
                Locale.ROOT,
                "costs: %s: round %d: %s: p50 %.2f, p99 %.2f, nodes %.2f, Redis %.3f ms, bytes %.0f to and %.0f from"
                        + " Redis, %.0f between, session %d, lost %d%n",
                application,
                number,
                keeper,
                round.millis(50),
                round.millis(99),
                round.nodes(),
                round.redis(),
                round.perClick(round.usage().received()),
                round.perClick(round.usage().sent()),
                round.perClick(round.usage().between()),
                round.memory(),
                round.lost());
    }

    private void print(Map<Keeper, List<Round>> measured) {
        StringBuilder table = new StringBuilder("""
                | Application | Sessions kept by | A click, p50 | p99 | CPU of all nodes | CPU of Redis | Bytes | \
                Commands | A session in Redis | Not elsewhere |
                |---|---|---|---|---|---|---|---|---|---|
                """);
        List<Round> base = measured.get(Keeper.STANDARD_MANAGER);
        measured.forEach((keeper, rounds) -> {
            boolean inRedis = !keeper.keys().isEmpty();
            double between =
                    median(rounds, round -> round.perClick(round.usage().between()));
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
                    application,
                    keeper.title(),
                    compared(rounds, base, round -> round.millis(50)),
                    compared(rounds, base, round -> round.millis(99)),
                    compared(rounds, base, Round::nodes),
                    inRedis ? String.format(Locale.ROOT, "%.2f ms", median(rounds, Round::redis)) : "",
                    inRedis
                            ? kilobytes(median(rounds, round -> round.perClick(sent(round))))
                            : between == 0 ? "" : kilobytes(between),
                    inRedis ? String.valueOf(commandsOfAClick.getOrDefault(keeper, -1)) : "",
                    inRedis ? kilobytes(median(rounds, round -> (double) round.memory())) : "",
                    rounds == base ? "" : lost(rounds)));
        });
        System.out.println(table);
    }

    private static long sent(Round round) {
        return round.usage().received() + round.usage().sent();
    }

    private static String lost(List<Round> rounds) {
        return rounds.stream().mapToInt(Round::lost).sum() + " of " + rounds.size() * Site.CUSTOMERS;
    }

    /** The median, and medians of how it compares with Tomcat's own manager in the same round. */
    private static String compared(List<Round> rounds, List<Round> base, ToDoubleFunction<Round> figure) {
        if (rounds == base) {
            return String.format(Locale.ROOT, "%.1f ms", median(rounds, figure));
        }
        List<Double> ratios = new ArrayList<>();
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < rounds.size(); i++) {
            double value = figure.applyAsDouble(rounds.get(i));
            ratios.add(value / figure.applyAsDouble(base.get(i)));
            differences.add(value - figure.applyAsDouble(base.get(i)));
        }
        return String.format(
                Locale.ROOT,
                "%.1f ms (%.1f×, %+.1f)",
                median(rounds, figure),
                median(ratios, Double::doubleValue),
                median(differences, Double::doubleValue));
    }

    private static <T> double median(List<T> all, ToDoubleFunction<T> figure) {
        List<Double> sorted = all.stream().mapToDouble(figure).sorted().boxed().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static String kilobytes(double bytes) {
        return String.format(Locale.ROOT, "%.1f kB", bytes / 1000);
    }
}
