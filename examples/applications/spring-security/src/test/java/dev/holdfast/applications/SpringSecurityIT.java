package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ShopVisit;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After the login page, the login, and what was put into the cart before its message is shown. */
    private static final Set<Integer> HALF_WAY = Set.of(2, 3, 5);

    private static final Map<String, Path> SHOP =
            Map.of("shop", Path.of("target", "shop").toAbsolutePath());

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

            String control = ShopVisit.of(nodes, "/shop", answer -> false);
            String killed = ShopVisit.of(nodes, "/shop", answer -> WHOLE || HALF_WAY.contains(answer));

            assertThat(control).isEqualTo(ShopVisit.expected("/shop"));
            assertThat(killed).isEqualTo(control);
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2");
        }
    }
}
