package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What Jetty asks of its own cache: {@code DefaultSessionCacheTest}. */
abstract class JettysDefaultCacheCases extends JettysCases {
    @Test
    void testRenewWithInvalidate() {
        set(n1, "a", "1");
        String old = browser.sessionId();
        Browser second = new Browser();
        second.cookies().putAll(browser.cookies());

        CompletableFuture<Answer> renewal =
                CompletableFuture.supplyAsync(() -> browser.get(n1, "/shop/together?do=rotate"));
        Answer end = second.get(n1, "/shop/together?do=invalidate");

        assertThat(List.of(renewal.join().status(), end.status())).containsOnly(200);
        for (String id : List.of(old, browser.cookies().getOrDefault(Browser.SESSION_COOKIE, old))) {
            for (EmbeddedJetty node : List.of(n1, n2)) {
                Browser late = new Browser();
                late.cookies().put(Browser.SESSION_COOKIE, id);
                assertThat(late.get(node, "/shop/cart?do=peek").body()).isEqualTo("none");
            }
        }
    }

    @Test
    void testRenewSessionId() {
        set(n1, "a", "1");
        String old = browser.sessionId();

        cart(n1, "rotate");

        assertThat(isInMemory(n1, old)).isFalse();
        assertThat(isInMemory(n1, browser.sessionId())).isTrue();
        assertThat(isInRedis(old)).isFalse();
        assertThat(isInRedis(browser.sessionId())).isTrue();
        assertThat(cart(n2, "peek")).isEqualTo("old a=1");
    }

    @Test
    void testGetSessionInCache() {
        set(n1, "a", "1");

        assertThat(isInMemory(n1, browser.sessionId())).isTrue();
    }

    @Test
    void testSessionShared() {
        cart(n1, "add&item=a");
        Browser second = new Browser();
        second.cookies().putAll(browser.cookies());

        CompletableFuture<Answer> one = CompletableFuture.supplyAsync(() -> browser.get(n1, "/shop/one-of-two"));
        Answer other = second.get(n1, "/shop/one-of-two");

        assertThat(one.join().body()).isEqualTo(other.body());
    }

    /** Theirs is not in the store before it is committed; here the answer has gone. */
    @Test
    void testAdd() {
        set(n1, "a", "1");

        assertThat(isInMemory(n1, browser.sessionId())).isTrue();
        assertThat(isInRedis(browser.sessionId())).isTrue();
    }

    @Test
    void testRelease() {
        set(n1, "a", "1");
        cart(n1, "peek");

        assertThat(isInMemory(n1, browser.sessionId())).isTrue();
        assertThat(isInRedis(browser.sessionId())).isTrue();
    }

    @Test
    void testContains() {
        set(n1, "a", "1");

        assertThat(isInMemory(n1, UNKNOWN)).isFalse();
        assertThat(isInMemory(n1, browser.sessionId())).isTrue();
    }

    @Test
    void testFlushOnResponseCommitDefault() {
        assertThat(cache(n1).isFlushOnResponseCommit()).isTrue();
    }
}
