package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One session on three nodes, with values that can be stored, cannot be, or cannot be for a while: whatever a node
 * shows is what was acknowledged last, or nothing where that stays on another node. A seed says what happens.
 */
class LocalValuesWalkTest {
    private static final int STEPS = 3000;
    private static final List<String> NAMES = List.of("s", "t");

    /**
     * What was acknowledged last of an attribute.
     *
     * @param on the node that it stays on; null if it is stored
     */
    private record Acknowledged(
            String text, @Nullable TestNode on, @Nullable Socket socket) {}

    private static final class Walk {
        final Random random;
        final Site site = new Site();
        final List<TestNode> nodes = new ArrayList<>();
        final Browser browser = new Browser();
        final Map<String, Acknowledged> expected = new HashMap<>();
        final List<String> done = new ArrayList<>();
        int drawn;
        int refused;
        int absent;
        int there;

        Walk(long seed) {
            random = new Random(seed);
            for (String route : List.of("A", "B", "C")) {
                nodes.add(site.servingNode(route));
            }
            browser.begin(nodes.get(0));
        }

        private <T> T any(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        void step() {
            TestNode node = any(nodes);
            String name = any(NAMES);
            switch (random.nextInt(13)) {
                case 0, 1 -> set(node, name, new Socket("local " + drawn++));
                case 2 -> set(node, name, "stored " + drawn++);
                case 3 -> remove(node, name);
                case 4 -> becomeStorable(name);
                case 5 -> meetAConflict(node, name);
                case 6 -> restart();
                case 7 -> {
                    done.add("time passes");
                    site.pass(Duration.ofSeconds(random.nextInt(60)));
                    nodes.forEach(TestNode::tick);
                }
                case 8 -> write(node);
                case 9 -> goOnWithoutTheStore(node, name);
                default -> look(node);
            }
        }

        private void answer(Exchange request, Runnable acknowledged) {
            var answer = request.answer();
            if (answer.status() == 200) {
                browser.receive(answer);
                acknowledged.run();
            } else {
                refused++;
            }
        }

        private static String routeOf(TestNode node, List<TestNode> nodes) {
            return "node " + nodes.indexOf(node);
        }

        private void set(TestNode node, String name, Object value) {
            done.add(routeOf(node, nodes) + " sets " + name + " to " + value);
            Exchange request = browser.send(node).open();
            if (random.nextBoolean()) {
                request.read(name);
            }
            request.write(name, value);
            answer(request, () -> expected.put(name, acknowledged(node, value)));
        }

        private static Acknowledged acknowledged(TestNode node, Object value) {
            return value instanceof Socket socket && !socket.isStorable
                    ? new Acknowledged(value.toString(), node, socket)
                    : new Acknowledged(value.toString(), null, null);
        }

        private void remove(TestNode node, String name) {
            done.add(routeOf(node, nodes) + " removes " + name);
            Exchange request = browser.send(node).open();
            request.remove(name);
            answer(request, () -> expected.remove(name));
        }

        private void write(TestNode node) {
            done.add(routeOf(node, nodes) + " changes another attribute");
            Exchange request = browser.send(node).open();
            request.write("y", "other " + drawn++);
            answer(request, () -> {});
        }

        private void becomeStorable(String name) {
            Acknowledged last = expected.get(name);
            if (last == null || last.socket() == null || last.on() == null || !nodes.contains(last.on())) {
                return;
            }
            done.add(routeOf(last.on(), nodes) + " makes " + name + " storable");
            Exchange request = browser.send(last.on()).open();
            TestSession object = request.session();
            request.run(
                    () -> assertThat(object.get(name)).as(String.valueOf(done)).isSameAs(last.socket()));
            last.socket().isStorable = true;
            answer(request, () -> expected.put(name, new Acknowledged(last.text(), null, null)));
        }

        /** What it has set is not to be seen, on no node. */
        private void meetAConflict(TestNode node, String name) {
            TestNode other = any(nodes);
            if (other == node) {
                return;
            }
            done.add(routeOf(node, nodes) + " is refused a change of " + name + " because of " + routeOf(other, nodes));
            Exchange loser = browser.send(node).open();
            loser.read("x");
            Exchange winner = new Exchange(other, browser.id(), null).open();
            winner.write("x", "won " + drawn++);
            assertThat(winner.answer().status()).isEqualTo(200);
            loser.write(name, new Socket("refused " + drawn++));
            loser.write("x", "lost");
            assertThat(loser.answer().status()).isEqualTo(503);
            refused++;
        }

        private void goOnWithoutTheStore(TestNode node, String name) {
            browser.settleOn(node);
            done.add(routeOf(node, nodes) + " is cut off");
            node.store.setAway(true);
            set(node, name, random.nextBoolean() ? new Socket("at risk " + drawn++) : "stored at risk " + drawn++);
            if (random.nextBoolean()) {
                set(node, name, new Socket("at risk " + drawn++));
            }
            done.add(routeOf(node, nodes) + " finds the store again");
            node.store.setAway(false);
            node.tick();
        }

        private void restart() {
            int which = random.nextInt(nodes.size());
            done.add("node " + which + " is killed and started again");
            nodes.set(which, site.servingNode("R" + drawn++));
        }

        private void look(TestNode node) {
            done.add(routeOf(node, nodes) + " is asked");
            Exchange request = browser.send(node).open();
            boolean names = random.nextBoolean();
            for (String name : NAMES) {
                Acknowledged last = expected.get(name);
                String right = last == null || (last.on() != null && last.on() != node) ? null : last.text();
                if (names && right == null) {
                    assertThat(request.copy().access().undecodedAttributes())
                            .as("names after %s", done)
                            .doesNotContain(name);
                }
                assertThat(request.read(name)).as("%s after %s", name, done).isEqualTo(right);
                if (last != null && right == null) {
                    absent++;
                } else if (last != null && last.on() == node) {
                    there++;
                }
            }
            answer(request, () -> {});
        }
    }

    private static final Logger LOGGER = Logger.getLogger("dev.holdfast.session");

    /** Eight thousand lines, among which nobody would find those of another test. */
    @BeforeAll
    static void beSilent() {
        LOGGER.setUseParentHandlers(false);
    }

    @AfterAll
    static void beHeardAgain() {
        LOGGER.setUseParentHandlers(true);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatANodeShowsWasAcknowledgedLastOrStaysOnAnotherNode(long seed) {
        Walk walk = new Walk(seed);
        for (int i = 0; i < STEPS; i++) {
            walk.step();
            while (walk.done.size() > 40) {
                walk.done.remove(0);
            }
        }
        assertThat(walk.refused).isPositive();
        assertThat(walk.absent).isPositive();
        assertThat(walk.there).isPositive();
    }
}
