package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ShopVisit;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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

    private static final Path SHOP = Path.of("target", "shop").toAbsolutePath();

    private static RedisProcess redis;

    /** Where the shop runs. */
    enum Server {
        TOMCAT_10_1 {
            @Override
            ContainerProcess node(String name) {
                return tomcat(TomcatDistribution.TOMCAT_10_1, name);
            }
        },
        TOMCAT_11 {
            @Override
            ContainerProcess node(String name) {
                return tomcat(TomcatDistribution.TOMCAT_11, name);
            }
        },
        JETTY {
            @Override
            ContainerProcess node(String name) {
                return JettyProcess.node(name)
                        .application("shop", SHOP, "ee10")
                        .module("ee10-annotations")
                        .property("holdfast.redis", redis.uri().toString())
                        .property("holdfast.node", name)
                        .property("holdfast.apps", "shop")
                        .prepare();
            }
        };

        abstract ContainerProcess node(String name);

        private static ContainerProcess tomcat(TomcatDistribution distribution, String name) {
            return TomcatProcess.node(distribution, name)
                    .library(CommitWays.jarOf("tomcat-valve"))
                    .application("shop", SHOP)
                    .property("holdfast.redis", redis.uri().toString())
                    .property("holdfast.node", name)
                    .property("holdfast.apps", "shop")
                    .prepare();
        }
    }

    static Stream<Server> servers() {
        return WHOLE ? Stream.of(Server.values()) : Stream.of(Server.TOMCAT_10_1);
    }

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void nextStepGoesOnWhenTheNodeOfTheLastOneIsKilled(Server server) {
        try (ContainerProcess n1 = server.node("n1");
                ContainerProcess n2 = server.node("n2")) {
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
