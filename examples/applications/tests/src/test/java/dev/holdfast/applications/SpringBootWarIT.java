package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Opened;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ShopVisit;
import dev.holdfast.testing.SpringBootProcess;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shop of {@code SpringBootIT} with Spring Boot 4 as a WAR: started by {@code java -jar}, and deployed on a Tomcat
 * that has Holdfast in its {@code lib}, where the application sees the auto-configuration but cannot link it.
 *
 * <p>Deployed, and killed once, where most is half-way; with {@code -Dapplications.whole=true} in both ways, and after
 * each answer.
 */
class SpringBootWarIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** What was put into the cart, before its message is shown. */
    private static final int HALF_WAY = 5;

    @RegisterExtension
    final Opened opened = new Opened();

    private final RedisProcess redis = opened.keep(RedisProcess.start());

    /** How the WAR is run. */
    enum Way {
        STARTED("", "holdfast.app = shop (default: spring.application.name)") {
            @Override
            ContainerProcess node(String name, RedisProcess redis) {
                return SpringBootProcess.node(BuiltApplication.of("spring-boot-war", "shop.war"), name)
                        .setting("holdfast.redis", redis.uri().toString())
                        .setting("holdfast.node", name)
                        .prepare();
            }
        },
        DEPLOYED("/shop", "holdfast.app = shop (default: from the context path)") {
            @Override
            ContainerProcess node(String name, RedisProcess redis) {
                return ApplicationServer.TOMCAT_11.node(
                        name, redis, Map.of("shop", BuiltApplication.of("spring-boot-war", "shop")));
            }
        };

        private final String path;
        private final String said;

        Way(String path, String said) {
            this.path = path;
            this.said = said;
        }

        abstract ContainerProcess node(String name, RedisProcess redis);
    }

    @Test
    void startedByItselfItIsReadyWithoutALineOfCode() {
        try (ContainerProcess node = Way.STARTED.node("n1", redis)) {
            node.launch();

            assertThat(ShopVisit.of(List.of(node), Way.STARTED.path, answer -> false))
                    .isEqualTo(ShopVisit.expected(Way.STARTED.path));

            assertThat(node.log()).contains(Way.STARTED.said).doesNotContain("HF-2");
        }
    }

    private static Stream<Way> tested() {
        return WHOLE ? Stream.of(Way.values()) : Stream.of(Way.DEPLOYED);
    }

    @ParameterizedTest
    @MethodSource("tested")
    void nextStepGoesOnWhenTheProcessOfTheLastOneIsKilled(Way way) {
        try (ContainerProcess n1 = way.node("n1", redis);
                ContainerProcess n2 = way.node("n2", redis)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = ShopVisit.of(nodes, way.path, answer -> false);
            String killed = ShopVisit.of(nodes, way.path, answer -> WHOLE || answer == HALF_WAY);

            assertThat(control).isEqualTo(ShopVisit.expected(way.path));
            assertThat(killed).isEqualTo(control);
            assertThat(n1.log() + n2.log()).contains(way.said).doesNotContain("HF-2");
        }
    }
}
