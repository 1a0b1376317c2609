package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionEvent;
import java.io.Serializable;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A value that needs something of its node gets it back before the application gets the value, on every node. */
class ActivationIT {
    private static final CountDownLatch NONE = new CountDownLatch(0);

    private static volatile CountDownLatch activating = NONE;
    private static volatile CountDownLatch mayActivate = NONE;

    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(ActivationIT::node);

    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    @AfterEach
    void letGo() {
        mayActivate.countDown();
        activating = NONE;
        mayActivate = NONE;
    }

    private static EmbeddedNode node(String name, URI redis) {
        Map<String, String> settings = Map.of("holdfast.classes.allow", ActivationIT.class.getPackageName() + ".*");
        return new EmbeddedNode(name, redis, settings, ActivationIT::application);
    }

    /** Has something that cannot travel. */
    static final class Connected implements HttpSessionActivationListener, Serializable {
        private static final long serialVersionUID = 1L;

        private final String kind;
        private int activations;
        private transient String connection;

        Connected(String kind) {
            this.kind = kind;
            this.connection = "made";
        }

        @Override
        public void sessionDidActivate(HttpSessionEvent event) {
            activating.countDown();
            try {
                mayActivate.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            connection = event.getSession().getAttribute("value") == this ? "made again" : "of a stranger";
            if (kind.equals("counting")) {
                activations++;
            }
            if (kind.equals("throwing")) {
                throw new IllegalStateException("no connection to be had");
            }
        }

        @Override
        public void sessionWillPassivate(HttpSessionEvent event) {
            connection = "closed";
        }

        @Override
        public String toString() {
            return connection + " " + activations;
        }
    }

    private static volatile Connected lastSeen;

    private static void application(Context context) {
        Page.add(context, "/put", (request, response) -> {
            request.getSession().setAttribute("value", new Connected(request.getParameter("kind")));
            response.getWriter().print(value(request));
        });
        Page.add(context, "/get", (request, response) -> response.getWriter().print(value(request)));
        Page.add(
                context, "/none", (request, response) -> response.getWriter().print(request.getSession(false) != null));
    }

    private static Connected value(HttpServletRequest request) {
        HttpSession session = request.getSession();
        lastSeen = (Connected) session.getAttribute("value");
        return lastSeen;
    }

    private static String put(Browser browser, String kind) {
        return browser.get(n1.uri("/put?kind=" + kind)).body();
    }

    @Test
    void valueIsToldOnceOnEachNodeAndOnlyWhenItIsNeeded() {
        Browser browser = new Browser();
        assertThat(put(browser, "counting")).isEqualTo("made 0");

        assertThat(browser.get(n1.uri("/get")).body()).isEqualTo("made 0");
        assertThat(browser.get(n2.uri("/none")).body()).isEqualTo("true");
        assertThat(browser.get(n2.uri("/get")).body()).isEqualTo("made again 1");
        assertThat(browser.get(n2.uri("/get")).body()).isEqualTo("made again 1");

        // The change that the value made when it was told is a change like others: node 1 has it.
        assertThat(browser.get(n1.uri("/get")).body()).isEqualTo("made again 2");
    }

    @Test
    void listenerThatThrowsIsLoggedAndTheValueIsThere() {
        Browser browser = new Browser();
        put(browser, "throwing");

        try (LogCapture log = new LogCapture("org.apache.catalina.core.ContainerBase")) {
            assertThat(browser.get(n2.uri("/get")).body()).isEqualTo("made again 0");

            assertThat(log.lines()).containsExactly("SEVERE Session attribute event listener threw exception");
            assertThat(log.thrown()).containsExactly("no connection to be had");
        }
    }

    @Test
    void parallelRequestDoesNotGetTheValueBeforeItWasTold() throws InterruptedException {
        Browser browser = new Browser();
        put(browser, "plain");
        Browser parallel = new Browser();
        parallel.cookies().putAll(browser.cookies());
        activating = new CountDownLatch(1);
        mayActivate = new CountDownLatch(1);

        CompletableFuture<String> first =
                CompletableFuture.supplyAsync(() -> browser.get(n2.uri("/get")).body());
        assertThat(activating.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<String> second =
                CompletableFuture.supplyAsync(() -> parallel.get(n2.uri("/get")).body());
        await().during(300, TimeUnit.MILLISECONDS).until(() -> !second.isDone());
        mayActivate.countDown();

        assertThat(first.join()).isEqualTo("made again 0");
        assertThat(second.join()).isEqualTo("made again 0");
    }

    @Test
    void applicationThatStopsTellsTheValuesThatWereUsed() throws LifecycleException {
        try (EmbeddedNode n3 = node("n3", nodes.redis().uri())) {
            Browser browser = new Browser();
            put(browser, "plain");
            assertThat(browser.get(n3.uri("/get")).body()).isEqualTo("made again 0");
            Connected held = lastSeen;
            assertThat(held).hasToString("made again 0");

            n3.context().stop();

            assertThat(held).hasToString("closed 0");
            assertThat(browser.get(n1.uri("/get")).body())
                    .isEqualTo("made 0"); // its own object, which nobody has changed
        }
    }
}
