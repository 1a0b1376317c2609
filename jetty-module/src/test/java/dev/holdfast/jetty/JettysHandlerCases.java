package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import jakarta.servlet.SessionTrackingMode;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** How sessions come, go and are tracked: {@code SessionHandlerTest}. */
abstract class JettysHandlerCases extends JettysCases {
    @Test
    void testNoSession() {
        assertThat(cart(n1, "peek")).isEqualTo("none");
        browser.cookies().put(Browser.SESSION_COOKIE, "oldCookieId");
        assertThat(cart(n1, "peek")).isEqualTo("none");
    }

    @Test
    void testCreateSession() {
        browser.cookies().put(Browser.SESSION_COOKIE, "oldCookieId");
        assertThat(cart(n1, "peek")).isEqualTo("none");

        assertThat(cart(n1, "new")).isEqualTo("new");

        assertThat(browser.sessionId()).matches("[0-9a-f]{34}");
        Answer next = browser.get(n1, "/shop/cart?do=peek");
        assertThat(next.body()).isEqualTo("old");
        assertThat(next.all("set-cookie")).isEmpty();
    }

    @Test
    void testSetAttribute() {
        cart(n1, "new");
        assertThat(set(n1, "attribute", "value")).isEqualTo("old attribute=value");

        assertThat(set(n1, "another", "attribute")).isEqualTo("old another=attribute attribute=value");
    }

    @Test
    void testChangeSessionId() {
        cart(n1, "new");
        set(n1, "attribute", "value");
        String old = browser.sessionId();

        assertThat(cart(n1, "rotate")).isEqualTo("old attribute=value");

        assertThat(browser.sessionId()).isNotEqualTo(old);
        Answer next = browser.get(n1, "/shop/cart?do=peek");
        assertThat(next.body()).isEqualTo("old attribute=value");
    }

    @Test
    void testSessionLifeCycleListener() {
        EVENTS.clear();
        cart(n1, "new");
        String old = browser.sessionId();
        cart(n1, "rotate");
        String id = browser.sessionId();
        cart(n1, "invalidate");

        assertThat(EVENTS.stream().filter(event -> event.contains(old) || event.contains(id)))
                .containsExactly("created " + old, "changed " + old + " " + id, "destroyed " + id + " with null");
    }

    @Test
    void testSessionValueAttributeListener() {
        EVENTS.clear();
        set(n1, "n1", "v1");
        set(n1, "n2", "v2");
        set(n1, "n1", "V1");
        cart(n1, "remove&name=n2");

        assertThat(EVENTS.stream().filter(event -> event.contains(" n1 ") || event.contains(" n2 ")))
                .containsExactly("added n1 v1", "added n2 v2", "replaced n1 v1", "removed n2 v2");
    }

    /** Ways in which a session's id comes and goes. */
    private static final class Tracking implements AutoCloseable {
        final EmbeddedJetty node;

        Tracking(Set<SessionTrackingMode> modes) {
            node = new EmbeddedJetty("tracking", redis.uri(), Map.of(), context -> {
                context.getSessionHandler().setSessionTrackingModes(modes);
                shop(context);
            });
        }

        /** Id of the session, a rewritten address, whether the id came by a cookie, or by the address. */
        String[] ask(String parameter, String... cookies) {
            Browser.Request request = new Browser().request(node, "GET", "/shop/url" + parameter);
            if (cookies.length > 0) {
                request.header(
                        "Cookie",
                        Arrays.stream(cookies).map(id -> "JSESSIONID=" + id).collect(Collectors.joining("; ")));
            }
            Answer answer = request.send();
            assertThat(answer.status()).isEqualTo(200);
            return answer.body().split(" ", -1);
        }

        @Override
        public void close() {
            node.close();
        }
    }

    @Test
    void testCookieAndURI() {
        try (Tracking tracking = new Tracking(Set.of(SessionTrackingMode.COOKIE, SessionTrackingMode.URL))) {
            String[] first = tracking.ask("");
            String id = first[0];
            String rewritten = "/shop/path;jsessionid=" + id;
            assertThat(first[1]).isEqualTo(rewritten); // it is not known whether cookies are in use

            assertThat(tracking.ask("", id)).containsExactly(id, "/shop/path", "true", "false");
            assertThat(tracking.ask(";jsessionid=" + id)).containsExactly(id, rewritten, "false", "true");
            assertThat(tracking.ask(";jsessionid=wrong", id)[0]).isEqualTo(id);
            assertThat(tracking.ask(";jsessionid=" + id, "wrong")[0]).isEqualTo(id);
        }
    }

    @Test
    void testCookieOnly() {
        try (Tracking tracking = new Tracking(Set.of(SessionTrackingMode.COOKIE))) {
            String[] first = tracking.ask("");
            String id = first[0];
            assertThat(first[1]).isEqualTo("/shop/path");

            assertThat(tracking.ask("", id)).containsExactly(id, "/shop/path", "true", "false");
            assertThat(tracking.ask("", "wrong", id, "other")[0]).isEqualTo(id);
            assertThat(tracking.ask(";jsessionid=" + id)[0]).isNotEqualTo(id);
            assertThat(tracking.ask("", "")[0]).isNotEqualTo(id);
        }
    }

    @Test
    void testUriParameterOnly() {
        try (Tracking tracking = new Tracking(Set.of(SessionTrackingMode.URL))) {
            String[] first = tracking.ask("");
            String id = first[0];
            String rewritten = "/shop/path;jsessionid=" + id;
            assertThat(first[1]).isEqualTo(rewritten);

            assertThat(tracking.ask("", id)[0]).isNotEqualTo(id);
            assertThat(tracking.ask(";jsessionid=" + id)).containsExactly(id, rewritten, "false", "true");
            assertThat(tracking.ask(";jsessionid=wrong;jsessionid=" + id + ";jsessionid=other;jsessionid=")[0])
                    .isEqualTo(id);
            assertThat(tracking.ask(";jsessionid=;jsessionid")[0]).isNotEqualTo(id);
        }
    }

    @Test
    void testFlushOnResponseCommit() {
        EmbeddedJetty before = node("n3");
        set(before, "attribute", "value");
        before.close();

        EmbeddedJetty after = node("n3");
        try {
            assertThat(cart(after, "peek")).isEqualTo("old attribute=value");
        } finally {
            after.close();
        }
    }
}
