package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.affinity.Browser.Answer;
import dev.holdfast.testing.Caddy;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.Httpd;
import dev.holdfast.testing.Nginx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
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
    void caddyKeepsASessionOnItsNodeUntilThatDies() throws Exception {
        try (Caddy caddy = Caddy.byRouteCookie(n1.port(), n2.port())) {
            sessionsStickToTheirNodeAndThenToTheSurvivor(caddy.port());
        }
    }

    /** It knows no cookies, only a header that an expression of the configuration matches. */
    @Test
    void caddyFollowsTheNameOfANodeAndNothingThatLooksLikeIt() throws Exception {
        try (Caddy caddy = Caddy.byRouteCookie(n1.port(), n2.port())) {
            for (String route : List.of("HFROUTE=n1", "HFROUTE=.n1", "a=b; HFROUTE=n1; c=d", "a=b;HFROUTE=n1")) {
                for (int i = 0; i < 4; i++) {
                    Answer answer = new Browser(caddy.port()).get("/shop/new", "Cookie", route);
                    assertThat(answer.status()).isEqualTo(200);
                    assertThat(answer.setCookies("HFROUTE")).as(route).isEmpty(); // only n1 has nothing to say
                }
            }
            for (String other : List.of("HFROUTE=n10", "HFROUTE=xn1", "XHFROUTE=n1", "a=HFROUTE=n1", "HFROUTE=..n1")) {
                Set<String> used = new HashSet<>();
                for (int i = 0; i < 4; i++) {
                    Browser browser = new Browser(caddy.port());
                    browser.get("/shop/new", "Cookie", other);
                    used.add(route(browser));
                }
                assertThat(used).as(other).containsExactlyInAnyOrder("n1", "n2");
            }
        }
    }

    /** Caddy cannot send it to the other node: if it tried, it would take that one for dead, too. */
    @Test
    void postThatMeetsADeadNodeBehindCaddyIsRefusedAndHurtsNobodyElse() throws Exception {
        try (Caddy caddy = Caddy.byRouteCookie(n1.port(), n2.port())) {
            Browser first = browserAt("n1", caddy);
            Browser second = browserAt("n2", caddy);

            n1.close();
            assertThat(first.post("/shop/new", "a=b").status()).isEqualTo(502);
            assertThat(second.post("/shop/new", "a=b").body()).isEqualTo("count 2");
            stick(second, 3);

            assertThat(first.get("/shop/new").body()).isEqualTo("count 1");
            assertThat(route(first)).isEqualTo("n2");
            assertThat(first.post("/shop/new", "a=b").body()).isEqualTo("count 2");
        }
    }

    /** Anybody could take a node from all others by it. */
    @Test
    void uploadThatIsBrokenOffBehindCaddyTakesNoNodeAway() throws Exception {
        try (Caddy caddy = Caddy.byRouteCookie(n1.port(), n2.port())) {
            Browser first = browserAt("n1", caddy);

            // Caddy sees either that the client has gone, or that the body ends too early.
            for (int i = 0; i < 5; i++) {
                breakOffAnUpload(caddy, "n1");
            }

            // A GET would wait for a node that counts as dead.
            assertThat(first.post("/shop/new", "a=b").body()).isEqualTo("count 2");
            stick(first, 3);
        }
    }

    private static Browser browserAt(String node, Caddy caddy) throws IOException, InterruptedException {
        for (int i = 0; i < 4; i++) {
            Browser browser = new Browser(caddy.port());
            assertThat(browser.get("/shop/new").body()).isEqualTo("count 1");
            if (route(browser).equals(node)) {
                return browser;
            }
        }
        throw new AssertionError("Of four new browsers none came to " + node);
    }

    /** Comes back when Caddy has noticed. */
    private static void breakOffAnUpload(Caddy caddy, String node) throws IOException {
        String beginning = """
                POST /shop/new HTTP/1.1
                Host: localhost
                Cookie: HFROUTE=%s
                Content-Type: application/x-www-form-urlencoded
                Content-Length: 100000
                Connection: close

                a=""".formatted(node).replace("\n", "\r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), caddy.port())) {
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isNotEmpty();
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
