package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.Visit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The applications that come with Tomcat, as they are, on two nodes with nothing but their settings: a login by form,
 * attributes, a cart that is changed in place, and the manager, whose links have a nonce against forged requests, go on
 * when the node is killed between two pages.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on 11, too, after each
 * answer.
 */
class TomcatsApplicationsIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After the login page, the login, the first attribute and the first thing in the cart. */
    private static final Set<Integer> HALF_WAY = Set.of(1, 3, 5, 7);

    static Stream<ApplicationServer> tomcats() {
        return ApplicationServer.tested().filter(server -> server != ApplicationServer.JETTY);
    }

    @ParameterizedTest
    @MethodSource("tomcats")
    void nextPageGoesOnWhenTheNodeOfTheLastOneIsKilled(ApplicationServer server) {
        TomcatDistribution tomcat =
                server == ApplicationServer.TOMCAT_11 ? TomcatDistribution.TOMCAT_11 : TomcatDistribution.TOMCAT_10_1;
        var applications = Map.of(
                "examples", tomcat.application("examples"),
                "manager", tomcat.application("manager"));
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = server.node("n1", redis, applications);
                ContainerProcess n2 = server.node("n2", redis, applications)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = examples(nodes, answer -> false);
            String killed = examples(nodes, answer -> WHOLE || HALF_WAY.contains(answer));

            assertThat(control).isEqualTo("""
                    ada
                    The following data is in your session: colour = blue delete size = 7 delete
                    [Beavis & Butt-head Video collection, X-files movie]
                    """);
            assertThat(killed).isEqualTo(control);
            assertThat(manager(nodes, answer -> false)).isEqualTo("List Applications");
            assertThat(manager(nodes, answer -> true)).isEqualTo("List Applications");
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2", "HF-306");
        }
    }

    private static String examples(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit visit = new Visit(nodes, "/examples", kills)
                .open("jsp/security/protected/index.jsp")
                .submit("form", Map.of("j_username", "ada", "j_password", "engine"));
        String user = visit.text("b");
        String attributes = visit.open("/examples/servlets/servlet/SessionExample")
                .submit("form[method=POST]", Map.of("dataname", "colour", "datavalue", "blue"))
                .submit("form[method=GET]", Map.of("dataname", "size", "datavalue", "7"))
                .text("p");
        List<String> cart = visit
                .open("/examples/jsp/sessions/carts.jsp?submit=add&itemId=0")
                .submit("form", Map.of("submit", "add", "itemId", "1"))
                .page()
                .select("li")
                .eachText()
                .stream()
                .sorted() // a set, of what has another hash in each JVM
                .toList();
        return user + "\n" + attributes + "\n" + cart + "\n";
    }

    private static String manager(List<ContainerProcess> nodes, IntPredicate kills) {
        return new Visit(nodes, "/manager", kills)
                .as("operator", "engine")
                .open("html")
                .click("a:contains(List Applications)")
                .click("a:contains(List Applications)")
                .text("a:contains(List Applications)");
    }
}
