package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.CheckContract;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.JarCommand;
import dev.holdfast.testing.TwoNodes;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The command {@code check} of the JAR for Tomcat, with two Tomcats of one JVM. */
class CheckIT extends CheckContract {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes =
            TwoNodes.start((name, redis) -> new EmbeddedNode(name, redis, Map.of(), CheckIT::shop));

    private static void shop(Context context) {
        EmbeddedNode.addServlet(context, "/cart", new CartServlet());
    }

    @Override
    protected HttpNode n1() {
        return nodes.n1().server();
    }

    @Override
    protected HttpNode n2() {
        return nodes.n2().server();
    }

    @Test
    void nodesOfDifferentApplicationsAreFound() {
        try (EmbeddedNode other =
                        new EmbeddedNode("n3", nodes.redis().uri(), Map.of("holdfast.app", "bank"), CheckIT::shop);
                HaProxy balancer = balancer("cookie HFROUTE", n1(), "cookie n1", other.server(), "cookie n3")) {
            JarCommand check = JarCommand.at(CommitWays.jar(), balancer.port());

            assertThat(check.lines())
                    .filteredOn(line -> line.startsWith("Finding: "))
                    .containsExactly(
                            "Finding: A session of n1 that was sent to n3 was lost there: another one came back, or"
                                    + " none. Compare holdfast.redis and holdfast.app of both nodes, which their logs"
                                    + " name at the start.",
                            "Finding: A session of n3 that was sent to n1 was lost there: another one came back, or"
                                    + " none. Compare holdfast.redis and holdfast.app of both nodes, which their logs"
                                    + " name at the start.");
            assertThat(check.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void nodeWithoutHoldfastIsFound() throws LifecycleException {
        try (EmbeddedTomcat plain = new EmbeddedTomcat()) {
            shop(plain.addContext("/shop"));
            plain.start();
            try (HaProxy balancer = balancer("cookie HFROUTE", n1(), "cookie n1", plain.as("n2"), "cookie n2")) {
                JarCommand check = JarCommand.at(CommitWays.jar(), balancer.port());

                assertThat(check.lines())
                        .anyMatch(
                                line -> line.startsWith(
                                        "Finding: 4 of 8 requests without cookies got a session of a container without Holdfast"));
                assertThat(check.exitCode()).isEqualTo(1);
            }
        }
    }

    @Test
    void routeBehindTheSessionIdIsGoodWhereTheBalancerReadsIt() {
        Map<String, String> suffix = Map.of("holdfast.affinity", "suffix");
        try (EmbeddedNode n5 = new EmbeddedNode("n5", nodes.redis().uri(), suffix, CheckIT::shop);
                EmbeddedNode n6 = new EmbeddedNode("n6", nodes.redis().uri(), suffix, CheckIT::shop);
                HaProxy balancer = balancer("""
                        use-server a if { req.cook(JSESSIONID) -m end .n5 }
                            use-server b if { req.cook(JSESSIONID) -m end .n6 }""", n5.server(), "", n6.server(), "")) {
            JarCommand check = JarCommand.at(CommitWays.jar(), balancer.port());

            assertThat(check.lines()).hasSize(6).last().isEqualTo("Good.");
            assertThat(check.exitCode()).isZero();
        }
    }
}
