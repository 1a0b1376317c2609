package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Failover;
import dev.holdfast.testing.LearnedClasses;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.Visit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with an implementation of Faces and one of CDI on two nodes with nothing but their settings: when the node is
 * killed, the login goes on, and beans and pages begin again. With what {@code docs/frameworks.md} shows for who wants
 * it, a cart that is changed in place and an order in three steps go on, too.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
abstract class FacesContract {
    /** With something new in the cart, and after the first step of the order. */
    private static final Set<Integer> HALF_WAY = Set.of(4, 9);

    private static final Pattern STAYS = Pattern.compile("HF-306 .*?: Attribute \"([^\"]*)\"");

    private final FacesPair faces;
    private final Map<String, Path> shop;

    @TempDir
    private Path found;

    FacesContract(FacesPair faces) {
        this.faces = faces;
        shop = Map.of("shop", faces.shop());
    }

    private Map<String, String> settings() {
        return Map.of("holdfast.classes.allow", Docs.parameter("frameworks.md", faces.heading()));
    }

    @Test
    void documentsNameWhatTheShopKeepsAndNothingElse() {
        Map<String, String> learning =
                Map.of("holdfast.classes", "learn", "holdfast.classes.directory", found.toString());
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = ApplicationServer.TOMCAT_10_1.node("n1", redis, shop, learning)) {
            n1.launch();

            assertThat(FacesVisit.of(List.of(n1), answer -> false)).isEqualTo(FacesVisit.EXPECTED);

            LearnedClasses.awaitThoseOf(faces.heading(), found.resolve("holdfast-classes-shop-n1.txt"));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void loginGoesOnAndBeansAndPagesBeginAgain(ApplicationServer server) {
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = server.node("n1", redis, shop);
                ContainerProcess n2 = server.node("n2", redis, shop)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);
            AtomicBoolean kill = new AtomicBoolean();
            Visit ada = new Visit(nodes, "/shop", answer -> kill.getAndSet(false));

            FacesVisit.logIn(ada.open("cart.xhtml"));
            FacesVisit.add(ada, "tea");
            kill.set(true); // while the cart is looked at
            ada.open("cart.xhtml");
            assertThat(FacesVisit.cart(ada)).isEqualTo("[ada, tea is in your cart., tea for 3]");

            FacesVisit.add(ada, "cups"); // by a form of the page that the dead node has shown
            assertThat(FacesVisit.cart(ada)).isEqualTo(faces.afterTheKill());
            FacesVisit.add(ada, "pot");
            assertThat(FacesVisit.cart(ada))
                    .startsWith("[ada, pot is in your cart.,")
                    .doesNotContain("tea");
            assertThat(FacesVisit.order(ada.click("a#order"))).startsWith("[ada, Step 1,");

            String log = n1.log() + n2.log();
            assertThat(log).doesNotContain("HF-2");
            assertThat(attributesThatStay(log)).isEqualTo(faces.staying());
        }
    }

    /** The beans of Weld have numbers behind their names. */
    private static Set<String> attributesThatStay(String log) {
        return STAYS.matcher(log)
                .results()
                .map(attribute -> attribute.group(1).replaceFirst("#.*", ""))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void nextStepGoesOnWithWhatTheDocumentsAllow(ApplicationServer server) {
        Failover.shows(FacesVisit.EXPECTED, server, shop, settings(), HALF_WAY, FacesVisit::of);
    }
}
