package dev.holdfast.applications;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.Failover;
import dev.holdfast.testing.ShopVisit;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with Spring MVC and Spring Security, as it would be without Holdfast, on two nodes with nothing but their
 * settings: the login page, the page behind it, a cart that is changed in place and a message for the page after a
 * redirect go on when the node is killed between them.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class SpringSecurityIT {
    /** After the login, and what was put into the cart before its message is shown. */
    private static final Set<Integer> HALF_WAY = Set.of(3, 5);

    private static final Map<String, Path> SHOP = Map.of("shop", BuiltApplication.of("spring-security", "shop"));

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void nextStepGoesOnWhenTheNodeOfTheLastOneIsKilled(ApplicationServer server) {
        Failover.shows(
                ShopVisit.expected("/shop"),
                server,
                SHOP,
                Map.of(),
                HALF_WAY,
                (nodes, kills) -> ShopVisit.of(nodes, "/shop", kills));
    }
}
