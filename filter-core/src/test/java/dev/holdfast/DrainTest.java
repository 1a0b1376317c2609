package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.NodeRegistry;
import dev.holdfast.testing.LogCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrainTest {
    private static final String LOGGER = "dev.holdfast.SharedServer";
    private static final String BEGUN =
            "INFO HF-142: This node drains, and serves the browsers that it has: /health answers 404, so that the"
                    + " balancer sends no new ones; nothing else changes.";
    private static final String MOVING =
            "INFO HF-142: This node drains, and sends the browsers that it has to other nodes that stay, each with its"
                    + " next answer: /health answers 404, so that the balancer sends no new ones; all requests that come are"
                    + " served.";
    private static final String ENDED = "INFO HF-143: This node drains no more.";

    @TempDir
    Path directory;

    private final List<String> lonely = new ArrayList<>();
    private final List<String> gone = new ArrayList<>();
    private final List<NodeRegistry.Order> orders = new ArrayList<>();
    private boolean unknown;
    private boolean routed = true;

    private Path file() {
        return directory.resolve("drain");
    }

    private Drain drain() {
        return drain("/health", file());
    }

    private Drain drain(@Nullable String healthPath, @Nullable Path file) {
        return new Drain(healthPath, file, new Drain.Others() {
            @Override
            public boolean areUnknown() {
                return unknown;
            }

            @Override
            public boolean areRouted() {
                return routed;
            }

            @Override
            public List<String> missing() {
                return lonely;
            }

            @Override
            public List<String> gone() {
                return gone;
            }

            @Override
            public List<NodeRegistry.Order> orders() {
                return orders;
            }
        });
    }

    @Test
    void beginsAndEndsAndSaysSoOnce() {
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain("/health", null)) {
            assertThat(drain.isDraining()).isFalse();
            drain.begin("soft", false);
            drain.begin("soft", false);
            assertThat(drain.isDraining()).isTrue();
            drain.end();
            drain.end();
            assertThat(drain.isDraining()).isFalse();

            assertThat(log.lines()).containsExactly(BEGUN, ENDED);
        }
    }

    @Test
    void movesItsBrowsersAlsoWhereNoBalancerAsks() {
        try (Drain drain = drain(null, null)) {
            drain.begin("move", false);

            assertThat(drain.isDraining()).isTrue();
            assertThat(drain.isMoving()).isTrue();
            assertThat(drain.mode()).isEqualTo("move");
        }
    }

    @Test
    void cannotMoveBrowsersThatNobodySendsAnywhere() {
        routed = false;
        try (Drain drain = drain("/health", null)) {
            assertThatThrownBy(() -> drain.begin("move", true))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "HF-146: This node cannot move its browsers: with holdfast.affinity = none no balancer is"
                                    + " told where they go. Drain softly (soft), or take the node out of the balancer.");
            assertThatThrownBy(() -> drain.begin("hard", true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("The mode must be soft or move.");
            assertThat(drain.mode()).isEqualTo("no");
        }
    }

    @Test
    void fileSaysWhetherBrowsersAreMoved() throws IOException {
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            Files.createFile(file());
            drain.look();
            assertThat(drain.mode()).isEqualTo("soft");
            Files.writeString(file(), "move\n");
            drain.look();
            assertThat(drain.mode()).isEqualTo("move");
            assertThatThrownBy(() -> drain.begin("soft", false)) // the stronger one counts
                    .hasMessage("HF-142: This node drains by move, since " + file()
                            + " says so. Change or take away the file.");
            assertThat(drain.mode()).isEqualTo("move");
            Files.delete(file());
            drain.look();
            assertThat(drain.mode()).isEqualTo("soft");

            assertThat(log.lines()).containsExactly(BEGUN, MOVING, BEGUN);
        }
    }

    private static NodeRegistry.Order order(String text) {
        return new NodeRegistry.Order(text, null);
    }

    @Test
    void drainsAsLongAsTheOrderOfACommandLineIsThere() throws IOException {
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            orders.add(order("soft"));
            drain.review();
            drain.review();
            assertThat(drain.mode()).isEqualTo("soft");
            orders.add(order("move")); // by another application's name, of the same server
            drain.review();
            assertThat(drain.mode()).isEqualTo("move");
            assertThat(drain.follows("move")).isTrue();
            assertThat(drain.follows("soft")).isTrue();
            assertThat(drain.follows("move force")).isFalse();
            orders.clear();
            drain.review();
            assertThat(drain.isDraining()).isFalse();

            assertThat(log.lines()).containsExactly(BEGUN, MOVING, ENDED);
        }
    }

    /** While Redis is away nobody else can. */
    @Test
    void orderOfACommandLineCanBeEndedByJmxUntilThereIsAnother() {
        orders.add(order("soft"));
        try (Drain drain = drain()) {
            drain.review();
            orders.set(0, new NodeRegistry.Order("soft", true)); // as the node has answered
            drain.end();
            drain.review();
            drain.end();
            drain.review();
            assertThat(drain.isDraining()).isFalse();
            assertThat(drain.follows("soft")).isFalse();

            orders.set(0, order("soft")); // left anew
            drain.review();
            assertThat(drain.mode()).isEqualTo("soft");
            assertThat(drain.follows("soft")).isTrue();
        }
    }

    @Test
    void orderToTheLastNodeIsRefusedOnceAndFollowedWhenThereIsAnother() {
        lonely.add("shop");
        orders.add(order("move"));
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            drain.review();
            drain.review();
            assertThat(drain.isDraining()).isFalse();
            assertThat(log.lines())
                    .containsExactly("WARNING HF-141: This node does not drain: no other node is known that serves shop"
                            + " and stays, so its browsers could go nowhere. Start another one, or drain by force"
                            + " (force). It came by the command line.");

            orders.set(0, order("move force"));
            drain.review();
            assertThat(drain.mode()).isEqualTo("move");
            assertThat(drain.isForced()).isTrue();
        }
    }

    /** Whoever can write to Redis can write anything. */
    @ParameterizedTest
    @ValueSource(strings = {"hard", "no", "soft soft", "move force now", "force", " ", "\u0000"})
    void orderThatIsNoneChangesNothing(String order) {
        orders.add(order(order));
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            drain.review();

            assertThat(drain.isDraining()).isFalse();
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void theLastNodeOfAnApplicationDrainsByForceOnly() {
        lonely.addAll(List.of("shop", "blog"));
        try (Drain drain = drain("/health", null)) {
            assertThatThrownBy(() -> drain.begin("soft", false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "HF-141: This node does not drain: no other node is known that serves shop, blog and stays,"
                                    + " so its browsers could go nowhere. Start another one, or drain by force (force).");
            assertThat(drain.isDraining()).isFalse();

            drain.begin("soft", true);

            assertThat(drain.isDraining()).isTrue();
        }
    }

    @Test
    void doesNotBeginWhereNoBalancerWouldHearOfIt() {
        try (Drain drain = drain(null, null)) {
            assertThatThrownBy(() -> drain.begin("soft", true))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("HF-140: This node does not drain: no balancer would hear of it. Set"
                            + " holdfast.health.path and let the balancer ask there, or let the node move its browsers"
                            + " (move).");
        }
    }

    @Test
    void drainsAsLongAsTheFileIsThere() throws IOException {
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            drain.look();
            assertThat(drain.isDraining()).isFalse();
            Files.createFile(file());
            drain.look();
            lonely.add("shop"); // whoever leaves now: what has begun goes on
            drain.look();
            assertThat(drain.isDraining()).isTrue();
            assertThatThrownBy(drain::end)
                    .hasMessage("HF-142: This node still drains, since " + file()
                            + " says so. Change or take away the file.");
            Files.delete(file());
            drain.look();
            assertThat(drain.isDraining()).isFalse();

            assertThat(log.lines()).containsExactly(BEGUN, ENDED);
        }
    }

    @Test
    void theFileOfTheLastNodeWaitsForAnotherOneOrForForce() throws IOException {
        lonely.add("shop");
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            Files.writeString(file(), "forced");
            drain.look();
            drain.look();
            assertThat(drain.isDraining()).isFalse();
            assertThat(log.lines())
                    .containsExactly("WARNING HF-141: This node does not drain: no other node is known that serves shop"
                            + " and stays, so its browsers could go nowhere. Start another one, or drain by force"
                            + " (force). The file " + file() + " is looked at again each second.");

            Files.writeString(file(), "force\n");
            drain.look();

            assertThat(drain.isDraining()).isTrue();
        }
    }

    @Test
    void servesOnWhenNoOtherNodeStaysAndDrainsAgainWhenOneDoes() {
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain("/health", null)) {
            drain.begin("soft", false);
            lonely.add("shop");
            drain.review();
            assertThat(drain.isDraining()).isTrue(); // the others drain, and this one is not the one to stay
            gone.add("shop");
            drain.review();
            drain.review();
            assertThat(drain.isDraining()).isFalse();
            gone.clear();
            drain.review();
            assertThat(drain.isDraining()).isTrue();

            assertThat(log.lines())
                    .containsExactly(
                            BEGUN,
                            ENDED,
                            "WARNING HF-141: This node does not drain, as it was told to: no other node is known that"
                                    + " serves shop and stays. It drains when there is one.",
                            BEGUN);
        }
    }

    @Test
    void goesOnByForceWhoeverLeaves() {
        try (Drain drain = drain("/health", null)) {
            drain.begin("soft", true);
            gone.add("shop");
            drain.review();

            assertThat(drain.isDraining()).isTrue();
            assertThat(drain.isForced()).isTrue();
        }
    }

    @Test
    void mayGoOnInAnotherWayWhoeverLeaves() {
        try (Drain drain = drain("/health", null)) {
            drain.begin("move", false);
            lonely.add("shop");
            drain.begin("soft", false);

            assertThat(drain.mode()).isEqualTo("soft");
        }
    }

    @Test
    void doesNotBeginWhileNobodyCanTellWhoElseIsThere() throws IOException {
        unknown = true;
        String why =
                "HF-148: This node does not drain yet: it does not know which other nodes there are, since Redis has"
                        + " not answered. Wait until it does, or drain by force (force).";
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            assertThatThrownBy(() -> drain.begin("soft", false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(why);
            Files.createFile(file());
            drain.look();
            drain.look();
            assertThat(drain.isDraining()).isFalse();
            assertThat(log.lines())
                    .containsExactly("WARNING " + why + " The file " + file() + " is looked at again each second.");

            unknown = false;
            drain.look();
            assertThat(drain.isDraining()).isTrue();
        }
    }

    @Test
    void saysOnceOfAFileThatNoOtherNodeStays() throws IOException {
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain()) {
            Files.createFile(file());
            drain.look();
            lonely.add("shop");
            gone.add("shop");
            for (int i = 0; i < 3; i++) {
                drain.review();
                drain.look();
            }

            assertThat(drain.isDraining()).isFalse();
            assertThat(log.lines()).hasSize(3).last().asString().startsWith("WARNING HF-141: ");
        }
    }

    /** As where a file system stumbles. */
    @Test
    void fileThatCannotBeReadChangesNothing() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        try (LogCapture log = new LogCapture(LOGGER);
                Drain drain = drain("/health", folder.resolve("drain"))) {
            Files.createFile(folder.resolve("drain"));
            drain.look();
            Files.delete(folder.resolve("drain"));
            Files.createDirectory(folder.resolve("drain"));
            drain.look();
            drain.look();
            assertThat(drain.isDraining()).isTrue();
            assertThat(log.lines())
                    .hasSize(2)
                    .last()
                    .asString()
                    .startsWith("WARNING HF-147: The file " + folder.resolve("drain")
                            + " cannot be read, so it changes nothing: java.io.");

            Files.delete(folder.resolve("drain"));
            drain.look();
            assertThat(drain.isDraining()).isFalse();
        }
    }

    @Test
    void theOrderOfAnOperatorOutlivesTheFile() throws IOException {
        try (Drain drain = drain()) {
            drain.begin("soft", false);
            Files.createFile(file());
            drain.look();
            Files.delete(file());
            drain.look();
            assertThat(drain.isDraining()).isTrue();

            drain.end();

            assertThat(drain.isDraining()).isFalse();
        }
    }
}
