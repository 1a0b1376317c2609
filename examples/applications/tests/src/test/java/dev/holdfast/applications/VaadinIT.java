package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.LearnedClasses;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with Vaadin Flow, as it would be without Holdfast, on two nodes, with Vaadin's classes allowed as
 * docs/frameworks.md says: the login, a cart that is changed in place and a dialog go on when the node is killed
 * between two clicks.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class VaadinIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After what was put into the cart, and the first step of the dialog. */
    private static final Set<Integer> HALF_WAY = Set.of(5, 8);

    /** What a page has while it makes its answer: the save behind an answer may meet the next request. */
    private static final Set<String> IN_BETWEEN = Set.of(
            "com.vaadin.flow.data.provider.DataCommunicator$FlushRequest",
            "com.vaadin.flow.internal.change.ListAddChange",
            "com.vaadin.flow.internal.change.ListClearChange",
            "com.vaadin.flow.internal.change.ListRemoveChange");

    private static final Path BUILT = BuiltApplication.of("vaadin", "shop");

    private static final String WITHOUT_A_KILL = """
            ada
            ada has tea.
            ada has tea, cups.
            Send tea, cups to London?
            tea, cups on the way to London.
            """;

    @RegisterExtension
    final Opened opened = new Opened();

    private final RedisProcess redis = opened.keep(RedisProcess.start());

    @TempDir
    private Path found;

    private static String visit(List<ContainerProcess> nodes, IntPredicate kills) throws Exception {
        FlowVisit visit = new FlowVisit(nodes, "/shop", kills);
        StringBuilder seen = new StringBuilder();
        visit.open("").enter("name", "ada").click("login");
        seen.append(visit.text("customer")).append('\n');
        for (String item : List.of("tea", "cups")) {
            visit.enter("item", item).click("add");
            seen.append(visit.text("said")).append('\n');
        }
        visit.click("order").enter("address", "London").click("next");
        seen.append(visit.text("question")).append('\n');
        visit.click("yes");
        seen.append(visit.text("said")).append('\n');
        return seen.toString();
    }

    /** The shop with a few lines in its web.xml. */
    private static Map<String, Path> shop(String webXml) {
        return Map.of("shop", ExplodedApplication.copyOf(BUILT).webXml(webXml).path());
    }

    private static String contextParam(String name, String value) {
        return "<context-param><param-name>" + name + "</param-name><param-value>" + value
                + "</param-value></context-param>\n";
    }

    private static String block() {
        return Docs.block("frameworks.md", "Vaadin Flow", "xml");
    }

    @Test
    void documentsNameWhatTheShopKeepsAndNothingElse() throws Exception {
        Map<String, Path> learning = shop(contextParam("holdfast.classes", "learn")
                + contextParam("holdfast.classes.directory", found.toString()));
        try (ContainerProcess n1 = ApplicationServer.TOMCAT_10_1.node("n1", redis, learning)) {
            n1.launch();

            String ignored = visit(List.of(n1), answer -> false);

            LearnedClasses.awaitThoseOf("Vaadin Flow", found.resolve("holdfast-classes-shop-n1.txt"), IN_BETWEEN);
        }
    }

    @Test
    void withoutThatTheShopRunsAndItsPagesStayOnTheirNode() throws Exception {
        try (ContainerProcess n1 = ApplicationServer.TOMCAT_10_1.node("n1", redis, Map.of("shop", BUILT))) {
            n1.launch();

            assertThat(visit(List.of(n1), answer -> false)).isEqualTo(WITHOUT_A_KILL);

            assertThat(n1.log()).contains("HF-306").contains("com.vaadin.flow.server.VaadinSession");
            assertThat(n1.log()).doesNotContain("HF-2");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void nextClickGoesOnWhenTheNodeOfTheLastOneIsKilled(ApplicationServer server) throws Exception {
        Map<String, Path> shop = shop(block());
        try (ContainerProcess n1 = server.node("n1", redis, shop);
                ContainerProcess n2 = server.node("n2", redis, shop)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = visit(nodes, answer -> false);
            String killed = visit(nodes, answer -> WHOLE || HALF_WAY.contains(answer));

            assertThat(control).isEqualTo(WITHOUT_A_KILL);
            assertThat(killed).isEqualTo(control);
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2", "HF-306");
        }
    }
}
