package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.Chromium;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.HaProxy;
import dev.holdfast.testing.RealParts;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The shop of {@link VaadinIT} in a real browser, whose scripts are Vaadin's, behind HAProxy with the configuration of
 * docs/affinity.md: a page that is open goes on with the next click when the node that made it is killed.
 *
 * <p>On Tomcat 10.1, killed once, with the cart on the page; with {@code -Dapplications.whole=true} on all containers,
 * after each step.
 */
class VaadinBrowserIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** The first thing is in the cart. */
    private static final int HALF_WAY = 3;

    private static final int STEPS = 7;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Path BUILT = Path.of("target", "shop").toAbsolutePath();
    private static final String ROUTE = "HFROUTE";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("dev.holdfast.testing.ApplicationServer#tested")
    void openPageGoesOnWithTheNextClickWhenItsNodeIsKilled(ApplicationServer server) throws Exception {
        Path chromium = RealParts.require("chromium", "chromium");
        RealParts.require("haproxy", "haproxy");
        Map<String, Path> shop = Map.of(
                "shop",
                ExplodedApplication.copyOf(BUILT)
                        .webXml(Docs.block("frameworks.md", "Vaadin Flow", "xml"))
                        .path());
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = server.node("n1", redis, shop);
                ContainerProcess n2 = server.node("n2", redis, shop)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);
            nodes.forEach(ContainerProcess::awaitAnswer);
            try (HaProxy balancer =
                    HaProxy.byRouteCookie(n1.address().getPort(), n2.address().getPort())) {
                for (IntPredicate kills : List.<IntPredicate>of(step -> false, step -> WHOLE || step == HALF_WAY)) {
                    try (Chromium browser = Chromium.start(chromium, Files.createTempDirectory(folder, "browser"))) {
                        new Person(browser, nodes, balancer, kills).order();
                    }
                }
            }
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2", "HF-306");
        }
    }

    /** Who orders tea and cups, and sees the same whether nodes are killed or not. */
    private static final class Person {
        private final Chromium browser;
        private final List<ContainerProcess> nodes;
        private final URI shop;
        private final IntPredicate kills;
        private int steps;
        private int killed;

        Person(Chromium browser, List<ContainerProcess> nodes, HaProxy balancer, IntPredicate kills) {
            this.browser = browser;
            this.nodes = nodes;
            this.shop = URI.create("http://127.0.0.1:" + balancer.port() + "/shop/");
            this.kills = kills;
        }

        void order() {
            browser.open(shop);
            reads("#login", "Log in");
            browser.type("#name input", "ada");
            browser.click("#login");
            reads("#customer", "ada");
            put("tea", "ada has tea.", "In your cart, tea");
            put("cups", "ada has tea, cups.", "In your cart, tea, cups");
            browser.click("#order");
            reads("#next", "Next");
            browser.type("#address input", "London");
            browser.click("#next");
            reads("#question", "Send tea, cups to London?");
            browser.click("#yes");
            reads("#said", "tea, cups on the way to London.");
            assertThat(steps)
                    .as("so that a kill at a step that is none is noticed")
                    .isEqualTo(STEPS);
            assertThat(killed).isEqualTo((int)
                    IntStream.rangeClosed(1, STEPS).filter(kills).count());
        }

        private void put(String item, String said, String cart) {
            browser.type("#item input", item);
            browser.click("#add");
            await(cart)
                    .atMost(LIMIT)
                    .until(() -> browser.evaluate("[...document.querySelectorAll('#cart vaadin-grid-cell-content')]"
                                    + ".map(e => e.innerText).filter(text => text).join(', ')")
                            .equals(cart));
            reads("#said", said);
        }

        /** Waits until the page says so; then its node may be killed, and the other one is asked next. */
        private void reads(String selector, String text) {
            await(selector + " says " + text)
                    .atMost(LIMIT)
                    .until(() -> browser.text(selector).equals(text));
            String answered = browser.cookie(ROUTE);
            assertThat(nodes)
                    .filteredOn(node -> node.name().equals(answered))
                    .singleElement()
                    .matches(ContainerProcess::isAlive);
            steps++;
            if (kills.test(steps)) {
                nodes.stream().filter(node -> !node.isAlive()).forEach(this::begins);
                nodes.stream().filter(node -> node.name().equals(answered)).forEach(ContainerProcess::kill);
                killed++;
            }
        }

        /** Starts a node that was killed, and waits until the balancer sends it requests. */
        private void begins(ContainerProcess killed) {
            killed.launch();
            HttpRequest request = HttpRequest.newBuilder(shop.resolve("?v-r=init&location=&query="))
                    .header("Cookie", ROUTE + "=" + killed.name())
                    .build();
            await(killed.name() + " is there again")
                    .atMost(LIMIT)
                    .until(
                            () -> HTTP
                                    .send(request, HttpResponse.BodyHandlers.discarding())
                                    .headers()
                                    .allValues("set-cookie")
                                    .stream()
                                    .map(cookie -> cookie.replaceFirst("=.*", ""))
                                    .filter(cookie -> cookie.equals("JSESSIONID") || cookie.equals(ROUTE))
                                    .toList()
                                    .equals(List.of("JSESSIONID"))); // the other node would say its own name, too
        }
    }
}
