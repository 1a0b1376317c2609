package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Somebody who uses an application in Chromium, behind HAProxy with the configuration of docs/affinity.md. After what
 * is read the node that answered may be killed, so that the open page goes on with the other one.
 */
public final class BrowserVisit {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ROUTE = "HFROUTE";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Chromium browser;
    private final List<ContainerProcess> nodes;
    private final URI address;
    private final URI asked;
    private final boolean kills;
    private int read;

    private BrowserVisit(Chromium browser, List<ContainerProcess> nodes, URI address, URI asked, boolean kills) {
        this.browser = browser;
        this.nodes = nodes;
        this.address = address;
        this.asked = asked;
        this.kills = kills;
    }

    /** An application on two nodes, and how it is used. */
    public record Application(
            ApplicationServer server,
            Path path,
            String name,
            Map<String, String> settings,
            String sessionPage,
            Consumer<BrowserVisit> steps) {
        /**
         * An application in whose sessions everything can be stored.
         *
         * @param path where it is, exploded
         * @param name the context path without slash
         * @param settings of Holdfast beside those that each node needs
         * @param sessionPage by which a node makes a session for whoever has none, relative to the application
         * @param steps which check what is read
         */
        public Application {}

        /** Lets somebody use it, and kills nobody. */
        public void used(Path folder) throws IOException, InterruptedException {
            run(this, folder, List.of(false));
        }

        /** Lets somebody use it twice, without a kill and with one after each reading. */
        public void usedAndKilled(Path folder) throws IOException, InterruptedException {
            run(this, folder, List.of(false, true));
        }
    }

    /** @param folder for what Chromium keeps */
    private static void run(Application application, Path folder, List<Boolean> kills)
            throws IOException, InterruptedException {
        Path chromium = RealParts.require("chromium", "chromium");
        RealParts.require("haproxy", "haproxy");
        Map<String, Path> paths = Map.of(application.name, application.path);
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = application.server.node("n1", redis, paths, application.settings);
                ContainerProcess n2 = application.server.node("n2", redis, paths, application.settings)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);
            nodes.forEach(ContainerProcess::awaitAnswer);
            try (HaProxy balancer =
                    HaProxy.byRouteCookie(n1.address().getPort(), n2.address().getPort())) {
                URI address = URI.create("http://127.0.0.1:" + balancer.port() + "/" + application.name + "/");
                for (boolean kill : kills) {
                    try (Chromium browser = Chromium.start(chromium, Files.createTempDirectory(folder, "browser"))) {
                        BrowserVisit visit = new BrowserVisit(
                                browser, nodes, address, address.resolve(application.sessionPage), kill);
                        application.steps.accept(visit);
                        assertThat(visit.read).isPositive();
                    }
                }
            }
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2", "HF-306");
        }
    }

    /** Goes to a page of the application. */
    public BrowserVisit open(String page) {
        browser.open(address.resolve(page));
        return this;
    }

    /** Types into a field as soon as it is there. */
    public BrowserVisit type(String selector, String text) {
        browser.type(selector, text);
        return this;
    }

    /** Clicks what is there, or soon will be. */
    public BrowserVisit click(String selector) {
        browser.click(selector);
        return this;
    }

    /** Waits until an expression of JavaScript has a value, as text. */
    public BrowserVisit shows(String expression, String value) {
        await(expression + " is " + value)
                .atMost(LIMIT)
                .until(() -> browser.evaluate(expression).equals(value));
        return this;
    }

    /** The name of the node that the next request goes to. */
    public String node() {
        return browser.cookie(ROUTE);
    }

    /** Waits until the page says so in an answer; then its node may be killed, and the other one is asked next. */
    public BrowserVisit reads(String selector, String text) {
        try {
            await().atMost(LIMIT).until(() -> browser.text(selector).equals(text));
        } catch (ConditionTimeoutException e) {
            String page = browser.evaluate("document.documentElement.innerText.slice(0, 2000)");
            throw new AssertionError(selector + " does not say " + text + " within " + LIMIT + ": " + page, e);
        }
        String answered = node();
        assertThat(nodes)
                .filteredOn(node -> node.name().equals(answered))
                .singleElement()
                .matches(ContainerProcess::isAlive, "has answered");
        read++;
        if (kills) {
            nodes.stream().filter(node -> !node.isAlive()).forEach(this::begins);
            nodes.stream().filter(node -> node.name().equals(answered)).forEach(ContainerProcess::kill);
        }
        return this;
    }

    /** Starts a node that was killed, and waits until the balancer sends it requests. */
    private void begins(ContainerProcess node) {
        node.launch();
        HttpRequest request = HttpRequest.newBuilder(asked)
                .header("Cookie", ROUTE + "=" + node.name())
                .build();
        await(node.name() + " is there again")
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
