package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * What the command {@code check} says of two nodes behind a real HAProxy, whatever containers they are. They are named
 * n1 and n2, and have a {@link CartServlet} at {@code /shop/cart}.
 */
public abstract class CheckContract {
    /** A balancer without a word about cookies. */
    private static final String ROUND_ROBIN = """
            defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s
            frontend site
                bind ${front}
                default_backend nodes
            backend nodes
                balance roundrobin
            """;

    protected abstract HttpNode n1();

    protected abstract HttpNode n2();

    /**
     * A balancer of these nodes.
     *
     * @param backend further lines of its backend
     * @param first behind the line of the first node
     * @param second behind that of the second
     */
    protected static HaProxy balancer(String backend, HttpNode n1, String first, HttpNode n2, String second) {
        return HaProxy.start(ROUND_ROBIN + "    " + backend + "\n" + server("a", n1, first) + server("b", n2, second));
    }

    private static String server(String name, HttpNode node, String more) {
        return "    server " + name + " 127.0.0.1:" + node.address().getPort() + " " + more + "\n";
    }

    private static JarCommand check(HaProxy balancer) {
        return JarCommand.at(CommitWays.jar(), balancer.port());
    }

    @Test
    void balancerOfTheDocumentationIsGood() {
        try (HaProxy balancer =
                HaProxy.byRouteCookie(n1().address().getPort(), n2().address().getPort())) {
            JarCommand check = check(balancer);

            assertThat(check.lines()).hasSize(6);
            assertThat(check.lines().subList(0, 3))
                    .containsExactly(
                            "http://127.0.0.1:" + balancer.port() + "/shop/cart:",
                            "New sessions that Holdfast keeps: 8, 4 of n1, 4 of n2.",
                            "Asked for again: 8 of 8 sessions stayed the same, at the same node as far as nodes tell.");
            assertThat(check.lines().get(3))
                    .matches("Session [0-3][0-9a-f]{3}… went from n1 to n2 and back, and stayed the same\\.");
            assertThat(check.lines().get(4))
                    .matches("Session [0-3][0-9a-f]{3}… went from n2 to n1 and back, and stayed the same\\.");
            assertThat(check.lines().get(5)).isEqualTo("Good.");
            assertThat(check.exitCode()).isZero();
        }
    }

    @Test
    void balancerThatDoesNotFollowTheRouteIsFound() {
        try (HaProxy balancer = balancer("", n1(), "", n2(), "")) {
            JarCommand check = check(balancer);

            assertThat(check.lines())
                    .filteredOn(line -> line.startsWith("Finding: "))
                    .singleElement()
                    .asString()
                    .startsWith("Finding: The balancer does not follow the route: in ");
            assertThat(check.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void balancerThatMixesUpTheNamesIsFound() {
        try (HaProxy balancer = balancer("cookie HFROUTE", n1(), "cookie n2", n2(), "cookie n1")) {
            JarCommand check = check(balancer);

            assertThat(check.lines())
                    .filteredOn(line -> line.startsWith("Finding: "))
                    .singleElement()
                    .asString()
                    .startsWith("Finding: The balancer does not follow the route: in 8 of 8 sessions ");
            assertThat(check.exitCode()).isEqualTo(1);
        }
    }

    @Test
    void balancerWithACookieOfItsOwnIsGood() {
        try (HaProxy balancer =
                balancer("cookie SERVERID insert indirect nocache", n1(), "cookie a", n2(), "cookie b")) {
            JarCommand check = check(balancer);

            assertThat(check.lines())
                    .contains("The balancer follows a cookie of its own (SERVERID) and not the route, which is enough.")
                    .last()
                    .isEqualTo("Good.");
            assertThat(check.exitCode()).isZero();
        }
    }
}
