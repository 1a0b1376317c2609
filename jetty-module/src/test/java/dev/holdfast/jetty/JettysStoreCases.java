package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Jetty asks of a store: {@code AbstractSessionDataStoreTest}. */
abstract class JettysStoreCases extends JettysCases {
    @Test
    void testStoreSession() {
        set(n1, "a", "1");

        assertThat(cart(n2, "peek")).isEqualTo("old a=1");
    }

    @Test
    void testUpdateSession() {
        set(n1, "a", "1");
        set(n1, "a", "2");

        assertThat(cart(n2, "peek")).isEqualTo("old a=2");
    }

    @Test
    void testStoreObjectAttributes() {
        assertThat(get(n1, "list-of-values")).isEqualTo("Value");

        assertThat(get(n2, "list-of-values")).isEqualTo("Value");
    }

    @Test
    void testLoadSessionExists() {
        get(n1, "timeout?seconds=77");
        String times = get(n1, "times");

        assertThat(get(n2, "times")).isEqualTo(times).endsWith(" 77");
    }

    @Test
    void testLoadSessionDoesNotExist() {
        browser.cookies().put(Browser.SESSION_COOKIE, UNKNOWN);

        assertThat(cart(n1, "peek")).isEqualTo("none");
    }

    /** Theirs is a session that nobody can read. */
    @Test
    void testLoadSessionFails() {
        set(n1, "a", "1");
        set(n1, "b", "2");
        String key = key(browser.sessionId());
        redis.ask(jedis -> {
            String value = jedis.hget(key, "a:a");
            return jedis.hset(
                    key, "a:a", value.substring(0, value.indexOf("|", value.indexOf("|") + 1) + 1) + "no value");
        });

        assertThat(cart(n2, "peek")).isEqualTo("old a=null b=2");
        assertThat(cart(n2, "invalidate")).isEqualTo("ended");
    }

    @Test
    void testEmptyLoadSession() {
        assertThat(cart(n1, "new")).isEqualTo("new");

        assertThat(cart(n2, "peek")).isEqualTo("old");
    }

    @Test
    void testModifyEmptyLoadSession() {
        cart(n1, "new");
        set(n2, "a", "1");

        assertThat(cart(n1, "peek")).isEqualTo("old a=1");
    }

    @Test
    void testDeleteSessionExists() {
        set(n1, "a", "1");
        String id = browser.sessionId();
        assertThat(isInRedis(id)).isTrue();

        cart(n1, "invalidate");

        assertThat(isInRedis(id)).isFalse();
        browser.cookies().put(Browser.SESSION_COOKIE, id);
        assertThat(cart(n2, "peek")).isEqualTo("none");
    }

    @Test
    void testDeleteSessionDoesNotExist() {
        browser.cookies().put(Browser.SESSION_COOKIE, UNKNOWN);

        assertThat(cart(n1, "invalidate")).isEqualTo("ended"); // of a new one

        assertThat(hasKey(UNKNOWN)).isFalse();
    }

    @Test
    void testGetExpiredPersistedAndExpired() {
        String one = idle(n1, 1);
        String other = idle(n1, 1);

        awaitEnd(n1, one);
        awaitEnd(n1, other);
    }

    @Test
    void testGetExpiredPersistedNotExpired() {
        String one = idle(n1, 3_600);
        String other = idle(n1, 3_600);
        awaitEnd(n1, idle(n1, 1));

        n1.coordinator().expireIdle();

        assertThat(endsOf(one)).isEmpty();
        assertThat(endsOf(other)).isEmpty();
    }

    /** Sessions that are in no node's memory. */
    @Test
    void testGetExpiredPersistedAndExpiredOnly() {
        EmbeddedJetty n3 = node("n3");
        String one = idle(n3, 1);
        String other = idle(n3, 1);
        n3.close();

        awaitEnd(n1, one);
        awaitEnd(n1, other);
    }

    @Test
    void testGetExpiredDifferentNode() {
        String id = idle(n2, 1);

        await().until(() -> {
            n1.coordinator().expireIdle(); // n2 looks for its own
            return !endsOf(id).isEmpty();
        });

        assertThat(endsOf(id)).containsExactly("destroyed " + id + " with kept");
    }

    /** Theirs looks for what nobody has ended; here every key has an end of its own. */
    @Test
    void testCleanOrphans() {
        set(n1, "a", "1");

        Set<String> keys = redis.ask(jedis -> jedis.keys("{hf:shop:*"));
        assertThat(keys).contains(key(browser.sessionId()));
        assertThat(keys)
                .allSatisfy(key ->
                        assertThat(lifeTime(key)).as("life time of a key").isPositive());
    }

    @Test
    void testExistsNotExpired() {
        String id = idle(n1, 3_600);

        browser.cookies().put(Browser.SESSION_COOKIE, id);
        assertThat(cart(n2, "peek")).isEqualTo("old a=kept");
    }

    @Test
    void testExistsIsExpired() {
        String id = idle(n1, 1);
        awaitEnd(n1, id);

        browser.cookies().put(Browser.SESSION_COOKIE, id);
        assertThat(cart(n1, "peek")).isEqualTo("none");
        assertThat(cart(n2, "peek")).isEqualTo("none");
    }

    @Test
    void testExistsNotExists() {
        browser.cookies().put(Browser.SESSION_COOKIE, UNKNOWN);

        assertThat(cart(n2, "peek")).isEqualTo("none");
    }

    @Test
    void testExistsDifferentContext() {
        set(n1, "a", "1");
        try (EmbeddedJetty other =
                new EmbeddedJetty("other", redis.uri(), Map.of("holdfast.app", "another"), JettysCases::shop)) {
            assertThat(cart(other, "peek")).isEqualTo("none");
        }
        assertThat(cart(n1, "peek")).isEqualTo("old a=1");
    }

    /** A use alone writes nothing but, now and then, its time. */
    @Test
    void testSavePeriodOnUpdate() {
        set(n1, "a", "1");

        assertThat(commandsOf(() -> cart(n1, "peek"))).doesNotContain("commit.lua");
    }

    @Test
    void testSavePeriodOnCreate() {
        set(n1, "a", "1");

        assertThat(isInRedis(browser.sessionId())).isTrue();
    }

    @Test
    void testSavePeriodDirtySession() {
        set(n1, "wibble", "wobble");
        set(n1, "wibble", "bobble");

        assertThat(commandsOf(() -> set(n1, "wibble", "babble"))).containsOnlyOnce("commit.lua");
        assertThat(cart(n2, "peek")).isEqualTo("old wibble=babble");
    }
}
