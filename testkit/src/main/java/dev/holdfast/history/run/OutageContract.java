package dev.holdfast.history.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Judge;
import dev.holdfast.history.run.Probes.Kind;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Two real nodes at default settings, and a Redis that is away for longer than they wait: what each kind of request is
 * answered, how long the first ones wait, and how soon all that was acknowledged at risk is saved when Redis is back.
 * The same for all containers.
 *
 * <p>One outage by default, all of them and with twenty times as many sessions with {@code -Dnooutage.whole=true}.
 */
@Alone
public abstract class OutageContract {
    private static final boolean WHOLE = Boolean.getBoolean("nooutage.whole");
    private static final int CROWD = WHOLE ? 10_000 : 500;
    private static final int AT_A_TIME = 32;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> ROWS = new ArrayList<>();

    private static int outages;

    protected abstract HistorySite site();

    /** How Redis is away. */
    enum Outage {
        PAUSED_3("stopped where it is (`SIGSTOP`) for 3 s", 3) {
            @Override
            void begin(HistorySite site) {
                site.redis().pause();
            }

            @Override
            void end(HistorySite site) {
                site.redis().resume();
            }
        },
        PAUSED_10("the same for 10 s", 10) {
            @Override
            void begin(HistorySite site) {
                PAUSED_3.begin(site);
            }

            @Override
            void end(HistorySite site) {
                PAUSED_3.end(site);
            }
        },
        PAUSED_60("the same for 60 s", 60) {
            @Override
            void begin(HistorySite site) {
                PAUSED_3.begin(site);
            }

            @Override
            void end(HistorySite site) {
                PAUSED_3.end(site);
            }
        },
        BLACK_HOLE("the network swallows everything for 10 s", 10) {
            @Override
            void begin(HistorySite site) {
                site.cluster().links().forEach(FaultyLink::stall);
            }

            @Override
            void end(HistorySite site) {
                site.cluster().links().forEach(FaultyLink::heal);
            }
        },
        REFUSED("connections are refused for 10 s", 10) {
            @Override
            void begin(HistorySite site) {
                site.cluster().links().forEach(FaultyLink::unplug);
            }

            @Override
            void end(HistorySite site) {
                site.cluster().links().forEach(FaultyLink::heal);
            }
        },
        KILLED("killed, and started again after 10 s with its data", 10) {
            @Override
            void begin(HistorySite site) {
                site.cluster().links().forEach(FaultyLink::unplug);
                site.redis().kill();
            }

            @Override
            void end(HistorySite site) {
                site.redis().restart();
                site.cluster().links().forEach(FaultyLink::heal);
            }
        };

        private final String title;
        private final Duration length;

        Outage(String title, int seconds) {
            this.title = title;
            this.length = Duration.ofSeconds(seconds);
        }

        abstract void begin(HistorySite site);

        abstract void end(HistorySite site);

        @Override
        public String toString() {
            return title;
        }
    }

    static Stream<Outage> outages() {
        return Stream.of(Outage.values()).filter(outage -> WHOLE || outage == Outage.PAUSED_3);
    }

    @AfterAll
    static void print() {
        System.out.println("""
                | Redis | sticky request | change | new session | unknown session | page without a session | sessions at risk | all saved after its first answer |
                |---|---|---|---|---|---|---|---|
                """ + String.join("\n", ROWS));
        ROWS.clear();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outages")
    void heldSessionsGoOnAndAllThatWasAcknowledgedIsThereAfterwards(Outage outage) {
        Cluster cluster = site().cluster();
        ContainerProcess holder = cluster.nodes().get(0);
        ContainerProcess other = cluster.nodes().get(1);
        String name = "outage" + ++outages;
        Wire wire = new Wire(new Router(cluster.nodes()), null, new Tally());
        Probes probes = new Probes(cluster, name);
        Crowd crowd = new Crowd(cluster, wire, name + "-crowd", Cluster.STICKY, Router.Way.BY_COOKIE, CROWD);
        assertThat(crowd.begin(holder, AT_A_TIME)).allMatch(OutageContract::isAcknowledged);
        AtomicLong owing = new AtomicLong();
        List<Event> changes = new ArrayList<>();
        long begin = System.nanoTime();
        outage.begin(site());
        probes.during(() -> {
            changes.addAll(crowd.change(holder, AT_A_TIME));
            long left = outage.length.toNanos() - (System.nanoTime() - begin);
            Waiting.pass(Duration.ofNanos(Math.max(0, left)));
            owing.set(NodeCounters.of(CountersServlet.OWING, holder));
        });
        outage.end(site());
        Waiting.untilAnswers(site().redis());
        long back = System.nanoTime();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> NodeCounters.of(CountersServlet.OWING, cluster) == 0);
        long settled = System.nanoTime();

        List<Event> looks = crowd.look(other, AT_A_TIME);
        ProbeReport report = new ProbeReport(
                probes, settled, Judge.judge(List.copyOf(wire.record())).violations());
        ROWS.add("| " + outage + " | " + report.cells() + " | "
                + probes.longestWithoutRedis().toMillis() + " ms | " + owing + " | " + (settled - back) / 1_000_000
                + " ms |");
        System.out.println(ROWS.get(ROWS.size() - 1));

        report.assertNothingBroken();
        assertThat(looks).allMatch(OutageContract::isAcknowledged);
        assertThat(owing.get()).as("sessions at risk").isGreaterThan(changes.size() / 2);
        assertThat(probes.answers(Kind.READ)).as("reads of held sessions").allMatch(OutageContract::isAcknowledged);
    }

    private static boolean isAcknowledged(Event event) {
        return event.outcome() == Outcome.ACKNOWLEDGED && event.seen().alive();
    }
}
