package dev.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.costs.Keeper;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ExplodedApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What a request costs by who keeps its session: processor time of nodes and Redis, as a ratio to Tomcat's own manager
 * in the same round. Keepers take turns in each cell of each round. That all answers are right is asserted; how long
 * anything takes is not.
 *
 * <p>In each build one short cell of two keepers; with {@code -Dbenchmark.rounds=5} all of it.
 */
@Alone
class BenchmarkIT {
    private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 0);
    private static final boolean WHOLE = ROUNDS > 0;
    private static final int SECONDS = Integer.getInteger("benchmark.seconds", WHOLE ? 3 : 1);
    private static final int WARM_SECONDS = 8;
    private static final int CONNECTIONS = 16;

    private static final Set<Keeper> KEEPERS = chosen(
            Keeper.class,
            "keepers",
            EnumSet.of(
                    Keeper.STANDARD_MANAGER,
                    Keeper.HOLDFAST,
                    Keeper.HOLDFAST_ROAMING,
                    Keeper.DELTA_MANAGER,
                    Keeper.SPRING_SESSION,
                    Keeper.REDISSON),
            EnumSet.of(Keeper.STANDARD_MANAGER, Keeper.HOLDFAST));
    private static final Set<Cell> CELLS =
            chosen(Cell.class, "cells", EnumSet.allOf(Cell.class), EnumSet.of(Cell.MIXED));
    private static final Set<Team.Size> SIZES =
            chosen(Team.Size.class, "sizes", EnumSet.allOf(Team.Size.class), EnumSet.of(Team.Size.SMALL));

    private final Map<Team.Size, Map<Cell, Map<Keeper, List<Figures>>>> measured = new EnumMap<>(Team.Size.class);

    private static <E extends Enum<E>> Set<E> chosen(Class<E> type, String property, Set<E> all, Set<E> some) {
        String names = System.getProperty("benchmark." + property);
        if (names == null) {
            return WHOLE ? all : some;
        }
        return Arrays.stream(names.split(","))
                .map(name -> Enum.valueOf(type, name))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(type)));
    }

    @Test
    void measures() throws Exception {
        Path application = ExplodedApplication.create("benchmark")
                .classes(Pages.class, Item.class)
                .webXml("""
                        <servlet>
                          <servlet-name>pages</servlet-name>
                          <servlet-class>dev.holdfast.benchmark.Pages</servlet-class>
                        </servlet>
                        <servlet-mapping>
                          <servlet-name>pages</servlet-name>
                          <url-pattern>/pages/*</url-pattern>
                        </servlet-mapping>
                        """)
                .path();
        Wrk wrk = new Wrk();
        List<Team> teams = new ArrayList<>();
        try {
            for (Keeper keeper : KEEPERS) {
                teams.add(new Team(keeper, application, wrk));
            }
            if (WHOLE) {
                warm(teams);
            }
            for (int round = 0; round < Math.max(1, ROUNDS); round++) {
                for (Team.Size size : SIZES) {
                    for (Cell cell : CELLS) {
                        for (Team team : teams) {
                            measure(round, size, cell, team);
                        }
                    }
                }
            }
            for (Team team : teams) {
                assertThat(team.log()).doesNotContain("HF-2", "HF-306");
            }
        } finally {
            for (Team team : teams) {
                team.close();
            }
        }
        print();
    }

    /** What is cold is slow, and code that is compiled while it is measured takes all there is. */
    private static void warm(List<Team> teams) throws Exception {
        for (Team team : teams) {
            for (Cell cell : List.of(Cell.READ, Cell.WRITE, Cell.CHANGE)) {
                team.measure(cell, Team.Size.SMALL, CONNECTIONS, WARM_SECONDS);
            }
        }
    }

    private void measure(int round, Team.Size size, Cell cell, Team team) throws Exception {
        Figures figures = team.measure(cell, size, CONNECTIONS, SECONDS);
        System.out.printf(
                Locale.ROOT,
                "benchmark: round %d, %s, %s, %s: %.2f + %.2f s, %.0f/s, %.0f and %.0f bytes, others %.2f s%n",
                round,
                size,
                cell,
                team.keeper(),
                figures.nodes(),
                figures.redis(),
                figures.requestsPerSecond(),
                figures.sent(),
                figures.received(),
                figures.machine().stolen());
        assertThat(figures.load().requests()).isPositive();
        assertThat(figures.load().errors()).as(team.keeper() + ", " + cell).isZero();
        measured.computeIfAbsent(size, none -> new EnumMap<>(Cell.class))
                .computeIfAbsent(cell, none -> new EnumMap<>(Keeper.class))
                .computeIfAbsent(team.keeper(), none -> new ArrayList<>())
                .add(figures);
    }

    private void print() throws IOException {
        StringBuilder table = new StringBuilder();
        StringBuilder csv =
                new StringBuilder("size,cell,keeper,cpu,nodes,redis,ratio,lowest,highest,rate,sent,received\n");
        measured.forEach((size, cells) -> cells.forEach((cell, keepers) -> {
            List<Figures> inMemory = keepers.get(Keeper.STANDARD_MANAGER);
            keepers.forEach((keeper, rounds) -> {
                List<Double> ratios = new ArrayList<>();
                for (int i = 0; i < rounds.size(); i++) {
                    ratios.add(rounds.get(i).cpu() / inMemory.get(i).cpu());
                }
                ratios.sort(null);
                table.append(String.format(
                        Locale.ROOT,
                        "benchmark: | %s | %s | %s | %.2f s | %.2f× (%.2f to %.2f) | Redis %.2f s | %.0f/s | %.0f and %.0f bytes |%n",
                        size.name().toLowerCase(Locale.ROOT),
                        cell.title(),
                        keeper.title(),
                        median(rounds, Figures::cpu),
                        ratios.get(ratios.size() / 2),
                        ratios.get(0),
                        ratios.get(ratios.size() - 1),
                        median(rounds, Figures::redis),
                        median(rounds, Figures::requestsPerSecond),
                        median(rounds, Figures::sent),
                        median(rounds, Figures::received)));
                csv.append(String.format(
                        Locale.ROOT,
                        "%s,%s,%s,%.4f,%.4f,%.4f,%.3f,%.3f,%.3f,%.0f,%.0f,%.0f%n",
                        size,
                        cell,
                        keeper,
                        median(rounds, Figures::cpu),
                        median(rounds, Figures::nodes),
                        median(rounds, Figures::redis),
                        ratios.get(ratios.size() / 2),
                        ratios.get(0),
                        ratios.get(ratios.size() - 1),
                        median(rounds, Figures::requestsPerSecond),
                        median(rounds, Figures::sent),
                        median(rounds, Figures::received)));
            });
        }));
        System.out.print(table);
        Files.writeString(Path.of("target", "benchmark.csv"), csv);
    }

    private static double median(List<Figures> rounds, ToDoubleFunction<Figures> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
