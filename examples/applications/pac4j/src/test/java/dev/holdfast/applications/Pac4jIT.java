package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.Visit;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shop with pac4j, as it would be without Holdfast, on two nodes with nothing but their settings: the page behind
 * the login, the login, a cart that is changed in place, CSRF tokens and a logout go on when the node is killed between
 * them.
 *
 * <p>On Tomcat 10.1, killed where most is half-way; with {@code -Dapplications.whole=true} on all containers, after
 * each answer.
 */
class Pac4jIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After the login page, the login, something new in the cart, and the logout. */
    private static final Set<Integer> HALF_WAY = Set.of(2, 5, 7, 11);

    private static final Map<String, Path> SHOP =
            Map.of("shop", Path.of("target", "shop").toAbsolutePath());

    private static final String EXPECTED = """
            /shop/login: Please log in.
            /shop/login?username=ada&error=CredentialsException: Who are you?
            /shop/cart?gift=yes: ada |\s
            /shop/cart: ada | tea
            /shop/cart: ada | tea, cups
            /shop/login: Please log in.
            """;

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void nextStepGoesOnWhenTheNodeOfTheLastOneIsKilled(ApplicationServer server) {
        try (ContainerProcess n1 = server.node("n1", redis, SHOP);
                ContainerProcess n2 = server.node("n2", redis, SHOP)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = visit(nodes, answer -> false);
            String killed = visit(nodes, answer -> WHOLE || HALF_WAY.contains(answer));

            assertThat(control).isEqualTo(EXPECTED);
            assertThat(killed).isEqualTo(control);
            // Nothing was refused, and nothing stayed on its node.
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2").doesNotContain("HF-30");
        }
    }

    /** What a customer sees, a line for each page. */
    private static String visit(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit customer = new Visit(nodes, "/shop", kills);
        StringBuilder seen = new StringBuilder();
        seen.append(login(customer.open("cart?gift=yes")));
        seen.append(login(customer.submit("form", Map.of("username", "ada", "password", "wrong"))));
        seen.append(cart(customer.submit("form", Map.of("username", "ada", "password", "ada"))));
        seen.append(cart(customer.submit("form", Map.of("item", "tea"))));
        seen.append(cart(customer.submit("form", Map.of("item", "cups"))));
        seen.append(login(customer.click("a")));
        return seen.toString();
    }

    private static String login(Visit customer) {
        return address(customer) + ": " + customer.text("#said") + "\n";
    }

    private static String cart(Visit customer) {
        return address(customer) + ": " + customer.text("#customer") + " | " + customer.text("#cart") + "\n";
    }

    private static String address(Visit customer) {
        URI at = URI.create(customer.page().location());
        return at.getQuery() == null ? at.getPath() : at.getPath() + "?" + at.getQuery();
    }
}
