package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.affinity.Browser.Answer;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.Httpd;
import dev.holdfast.testing.Nginx;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The balancer configurations of docs/affinity.md, run by real balancers over two nodes that have the filter alone; and
 * that of docs/peers.md, beside a node of another product.
 */
class BalancersIT {
    private DemoNode n1;
    private DemoNode n2;

    @BeforeEach
    void startNodes() throws Exception {
        n1 = TomcatNode.start("n1");
        n2 = TomcatNode.start("n2");
    }

    @AfterEach
    void stopNodes() {
        n1.close();
        n2.close();
    }

    @Test
    void haproxyKeepsASessionOnItsNodeUntilThatDies() throws Exception {
        try (HaProxy haproxy = HaProxy.byRouteCookie(n1.port(), n2.port())) {
            sessionsStickToTheirNodeAndThenToTheSurvivor(haproxy.port());
        }
    }

    @Test
    void nginxKeepsASessionOnItsNodeUntilThatDies() throws Exception {
        try (Nginx nginx = Nginx.byRouteCookie(n1.port(), n2.port())) {
            sessionsStickToTheirNodeAndThenToTheSurvivor(nginx.port());
        }
    }

    @Test
    void httpdKeepsASessionOnItsNodeUntilThatDies() throws Exception {
        try (Httpd httpd = Httpd.byRouteCookie(n1.port(), n2.port())) {
            sessionsStickToTheirNodeAndThenToTheSurvivor(httpd.port());
        }
    }

    @Test
    void haproxyLeavesSessionsOfAnotherProductWithItAsLongAsItIsThere() throws Exception {
        DemoNode old = TomcatNode.startWithoutFilter("old1");
        try (HaProxy haproxy = HaProxy.besideAnotherProduct(n1.port(), n2.port(), old.port())) {
            Browser there = new Browser(old.port());
            there.get("/shop/new");
            Browser known = new Browser(haproxy.port());
            known.cookies().putAll(there.cookies());
            Browser fresh = new Browser(haproxy.port());

            assertThat(known.get("/shop/new").body()).isEqualTo("count 2");
            assertThat(known.cookies()).containsOnlyKeys("JSESSIONID");
            fresh.get("/shop/new");
            assertThat(route(fresh)).isIn("n1", "n2");
            stick(fresh, 2);
            assertThat(known.get("/shop/new").body()).isEqualTo("count 3");

            old.close();
            // Until its checks have failed, the balancer answers 503 in place of the dead node.
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> known.get("/shop/new").status() == 200);
            assertThat(route(known)).isIn("n1", "n2");
            stick(known, 2);
        } finally {
            old.close();
        }
    }

    /** Two browsers, so that one of them began on each node whatever the balancer did first. */
    private void sessionsStickToTheirNodeAndThenToTheSurvivor(int port) throws Exception {
        Browser first = new Browser(port);
        Browser second = new Browser(port);
        first.get("/shop/new");
        second.get("/shop/new");
        Set<String> used = new HashSet<>(Set.of(route(first)));
        used.add(route(second));
        stick(first, 2);
        stick(second, 2);

        n1.close();
        for (Browser browser : new Browser[] {first, second}) {
            boolean moves = route(browser).equals("n1");
            Answer answer = browser.get("/shop/new");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(route(browser)).isEqualTo("n2");
            // The nodes share no sessions here: the survivor begins a new one.
            assertThat(answer.body()).isEqualTo(moves ? "count 1" : "count 22");
            stick(browser, moves ? 2 : 23);
        }

        assertThat(used).as("the balancer spread new sessions over both nodes").containsExactlyInAnyOrder("n1", "n2");
    }

    private static void stick(Browser browser, int nextCount) throws Exception {
        String route = route(browser);
        for (int i = 0; i < 20; i++) {
            Answer answer = browser.get("/shop/new");
            assertThat(answer.body()).isEqualTo("count " + (nextCount + i));
            assertThat(answer.setCookies()).isEmpty();
        }
        assertThat(route(browser)).isEqualTo(route);
    }

    private static String route(Browser browser) {
        return String.valueOf(browser.cookies().get("HFROUTE"));
    }
}
