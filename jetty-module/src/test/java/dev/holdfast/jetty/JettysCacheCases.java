package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.testing.Browser;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Jetty asks of a cache of sessions: {@code AbstractSessionCacheTest}. */
abstract class JettysCacheCases extends JettysCases {
    @Test
    void testNewSessionFromPersistedData() {
        set(n1, "a", "1");
        String id = browser.sessionId();

        assertThat(cart(n2, "peek")).isEqualTo("old a=1");
        assertThat(browser.sessionId()).isEqualTo(id);
    }

    @Test
    void testGetSessionNotInCache() {
        set(n1, "a", "1");
        String times = get(n1, "times");
        assertThat(isInMemory(n2, browser.sessionId())).isFalse();

        assertThat(get(n2, "times")).isEqualTo(times);
        assertThat(isInMemory(n2, browser.sessionId())).isTrue();
    }

    @Test
    void testCommit() {
        set(n1, "a", "1");

        assertThat(commandsOf(() -> cart(n1, "peek"))).doesNotContain("commit.lua");
        assertThat(commandsOf(() -> set(n1, "a", "2"))).containsOnlyOnce("commit.lua");
        assertThat(commandsOf(() -> get(n1, "timeout?seconds=99"))).containsOnlyOnce("commit.lua");
        assertThat(get(n2, "times")).endsWith(" 99");
    }

    /** Jetty writes twice for a request that has changed something. */
    @Test
    void testCommitAndRelease() {
        set(n1, "a", "1");
        String id = browser.sessionId();

        List<MonitoredCommand> commands = ofSession(redis.monitor(() -> {
            set(n1, "a", "2");
            await().until(() -> n1.coordinator().copies().stream()
                    .filter(copy -> copy.id().value().equals(id))
                    .noneMatch(copy -> copy.admission().isOpen()));
        }));

        assertThat(names(commands)).as(() -> "of " + commands).containsOnlyOnce("commit.lua");
    }

    @Test
    void testExists() {
        browser.cookies().put(Browser.SESSION_COOKIE, UNKNOWN);
        assertThat(cart(n2, "peek")).isEqualTo("none");

        set(n1, "a", "1");
        assertThat(cart(n2, "peek")).isEqualTo("old a=1"); // is in Redis
        assertThat(cart(n2, "peek")).isEqualTo("old a=1"); // is in memory, too
    }

    @Test
    void testDelete() {
        set(n1, "a", "1");
        String id = browser.sessionId();

        assertThat(cart(n2, "invalidate")).isEqualTo("ended"); // is in Redis only

        assertThat(isInRedis(id)).isFalse();
        assertThat(isInMemory(n2, id)).isFalse();
        set(n1, "a", "2");
        id = browser.sessionId();
        assertThat(cart(n1, "invalidate")).isEqualTo("ended"); // is in memory, too
        assertThat(isInRedis(id)).isFalse();
        assertThat(isInMemory(n1, id)).isFalse();
    }

    @Test
    void testExpiration() {
        String lasting = idle(n1, 3_600);
        String held = idle(n1, 1);
        String elsewhere = idle(n2, 1);

        awaitEnd(n1, held);
        awaitEnd(n1, elsewhere);

        assertThat(endsOf(lasting)).isEmpty();
        assertThat(cache(n1).checkExpiration(Set.of(lasting))).isEmpty();
    }

    @Test
    void testSaveOnCreateTrue() {
        cart(n1, "new");

        assertThat(hasKey(browser.sessionId())).isTrue();
    }

    @Test
    void testNoInvalidateOnShutdown() {
        EmbeddedJetty n3 = node("n3");
        get(n3, "value");
        String id = browser.sessionId();
        EVENTS.clear();

        n3.close();

        assertThat(about(id)).containsExactly("passivated " + id);
        assertThat(cart(n1, "peek")).startsWith("old v=");
        assertThat(about(id)).containsExactly("passivated " + id, "activated " + id);
    }
}
