package dev.holdfast.applications;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Failover;
import dev.holdfast.testing.Visit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A game with Apache Struts, as it would be without Holdfast, on two nodes with nothing but their settings: what an
 * action changes in place, the token of a form and a message for the page after a redirect go on when the node is
 * killed between them.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class StrutsIT {
    /** After the first form, and a guess whose message is not shown yet. */
    private static final Set<Integer> HALF_WAY = Set.of(1, 2);

    private static final Map<String, Path> GAME = Map.of("hangman", BuiltApplication.of("struts", "hangman"));

    private static final String EXPECTED = """
            ________ |  |\s
            __i_____ |  | i is right.
            __i_____ | z | z is wrong.
            __i_____ | z | The form has already been processed or no token was supplied, please try again.
            __i____r | z | r is right.
            """;

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void nextStepGoesOnWhenTheNodeOfTheLastOneIsKilled(ApplicationServer server) {
        Failover.shows(EXPECTED, server, GAME, Map.of(), HALF_WAY, StrutsIT::visit);
    }

    /** What a player sees, a line for each page. */
    private static String visit(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit player = new Visit(nodes, "/hangman", kills);
        return board(player.open("board"))
                + board(player.submit("form", Map.of("letter", "i")))
                + board(player.submit("form", Map.of("letter", "z")))
                + board(player.submit("form", Map.of("letter", "l", "token", "of another form")))
                + board(player.submit("form", Map.of("letter", "r")));
    }

    private static String board(Visit player) {
        return player.text("#word") + " | " + player.text("#wrong") + " | " + player.text("#said") + "\n";
    }
}
