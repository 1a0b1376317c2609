package dev.holdfast.history.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.history.Call;
import dev.holdfast.history.Event;
import dev.holdfast.history.Event.Outcome;
import dev.holdfast.history.Seen;
import dev.holdfast.history.Span;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * One seed, twice: what browsers ask for and which faults happen is the same, as long as the answers are. What a run of
 * two nodes leaves to threads and clocks must not reach back into that.
 */
class SeedTest {
    private static final int ORDERS = 400;
    private static final int STRIKES = 1_000;

    /** Acknowledges everything, and draws as many numbers for each request as it takes connections to find a node. */
    private static final class Acknowledging implements Visitor.Sender {
        private final List<String> orders = new CopyOnWriteArrayList<>();
        private final CountDownLatch end = new CountDownLatch(1);
        private final int connections;

        Acknowledging(int connections) {
            this.connections = connections;
        }

        @Override
        public Event send(Wire.Order order, Cookies cookies, Random random) {
            random.nextBytes(new byte[connections * Integer.BYTES]);
            if (!order.copied()) { // the clock says when old cookies are tried again
                orders.add(order.toString());
            }
            if (orders.size() >= ORDERS) {
                end.countDown();
            }
            Call call = new Call(order.life(), order.action(), order.name(), order.token(), order.copied(), "");
            long now = System.nanoTime();
            return new Event(
                    call, new Span(now, now), "n1", Outcome.ACKNOWLEDGED, new Seen(true, "id", "", "", Map.of()));
        }
    }

    /** The first requests of one browser, in their order. */
    private static List<String> orders(long seed, Pace pace, int connections) {
        Acknowledging wire = new Acknowledging(connections);
        new Visitor(
                        "browser",
                        Cluster.STICKY,
                        Router.Way.BY_COOKIE,
                        wire,
                        new Tally(),
                        Runnable::run,
                        wire.end,
                        new Random(seed),
                        pace)
                .run();
        return wire.orders.subList(0, ORDERS);
    }

    @Test
    void browserAsksForTheSameHoweverManyConnectionsItTakes() {
        assertThat(orders(1, Pace.STORM, 3)).containsExactlyElementsOf(orders(1, Pace.STORM, 1));
    }

    @Test
    void browserOfAnotherSeedAsksForSomethingElse() {
        assertThat(orders(2, Pace.STORM, 1)).isNotEqualTo(orders(1, Pace.STORM, 1));
    }

    /** The course of the faults of one seed, each of which draws so many numbers of its own. */
    private static List<String> strikes(long seed, int draws) {
        Random random = new Random(seed);
        return IntStream.range(0, STRIKES)
                .mapToObj(i -> {
                    Faults.Strike strike = Faults.Strike.any(List.of(Fault.values()), 2, random);
                    int first = strike.random().nextInt();
                    strike.random().nextBytes(new byte[draws * Integer.BYTES]);
                    return strike.calmMillis() + " " + strike.fault() + " " + strike.node() + " " + first;
                })
                .toList();
    }

    @Test
    void faultsAreTheSameWhateverBecomesOfEach() {
        assertThat(strikes(1, 5)).containsExactlyElementsOf(strikes(1, 0));
        assertThat(strikes(2, 0)).isNotEqualTo(strikes(1, 0));
    }
}
