package dev.holdfast.applications;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.Failover;
import dev.holdfast.testing.FormLoginVisit;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with Apache Shiro, as it would be without Holdfast, on two nodes with nothing but their settings: the page
 * behind the login, the login, a cart that is changed in place and a logout go on when the node is killed between them.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class ShiroIT {
    /** After the login page, and with something new in the cart. */
    private static final Set<Integer> HALF_WAY = Set.of(2, 6);

    private static final Map<String, Path> SHOP = Map.of("shop", BuiltApplication.of("shiro", "shop"));

    private static final String EXPECTED = """
            /shop/login: Please log in.
            /shop/login: Who are you?
            /shop/cart?gift=yes: ada |\s
            /shop/cart: ada | tea
            /shop/cart: ada | tea, cups
            /shop/login: Please log in.
            """;

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void nextStepGoesOnWhenTheNodeOfTheLastOneIsKilled(ApplicationServer server) {
        Failover.shows(
                EXPECTED,
                server,
                SHOP,
                Map.of(),
                HALF_WAY,
                (nodes, kills) -> FormLoginVisit.of(nodes, kills, "engine"));
    }
}
