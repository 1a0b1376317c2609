package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Failover;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.Visit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An order in several steps by Spring Web Flow, as it would be without Holdfast, on two nodes: with the setting that
 * {@code docs/frameworks.md} shows it goes on, one page back too, when the node is killed between two steps; without it
 * the session goes on and the order begins anew.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class SpringWebFlowIT {
    /** At the address, after going back to it. */
    private static final Set<Integer> HALF_WAY = Set.of(8);

    private static final Map<String, Path> BOOKING =
            Map.of("booking", BuiltApplication.of("spring-webflow", "booking"));

    private static String order(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit visit = new Visit(nodes, "/booking", kills)
                .open("order")
                .submit("form", Map.of("article", "tea", "_eventId_next", ""));
        StringBuilder seen = new StringBuilder(visit.text("title") + ": " + visit.text("#summary"));
        visit.submit("form", Map.of("address", "Sofia", "_eventId_next", ""));
        seen.append(", ").append(visit.text("title")).append(": ").append(visit.text("#summary"));
        visit.submit("form", Map.of("_eventId_back", ""))
                .submit("form", Map.of("address", "Varna", "_eventId_next", ""))
                .submit("form", Map.of("_eventId_send", ""));
        return seen.append(", ").append(visit.text("#summary")).toString();
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void withTheDocumentedSettingTheFlowGoesOn(ApplicationServer server) {
        Map<String, String> allow =
                Map.of("holdfast.classes.allow", Docs.parameter("frameworks.md", "Spring Web Flow"));
        Failover.shows(
                "Address: tea, Confirm: tea to Sofia, tea is on its way to Varna.",
                server,
                BOOKING,
                allow,
                HALF_WAY,
                SpringWebFlowIT::order);
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void withoutItTheOrderBeginsAnewAndTheLogSaysWhy(ApplicationServer server) {
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = server.node("n1", redis, BOOKING);
                ContainerProcess n2 = server.node("n2", redis, BOOKING)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = order(nodes, answer -> false);
            Visit visit = new Visit(nodes, "/booking", answer -> answer == 4)
                    .open("order")
                    .submit("form", Map.of("article", "tea", "_eventId_next", ""));

            assertThat(control).endsWith("tea is on its way to Varna.");
            assertThat(visit.text("title")).isEqualTo("Address");
            visit.submit("form", Map.of("address", "Sofia", "_eventId_next", ""));
            assertThat(visit.text("title")).isEqualTo("Article");
            assertThat(n1.log()).contains("HF-306").contains("webflowConversationContainer");
        }
    }
}
