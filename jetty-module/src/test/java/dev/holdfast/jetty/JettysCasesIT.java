package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.TwoNodes;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The cases of the tests that Jetty publishes for its session stores and caches, by the same names, seen from where
 * Holdfast can be seen: by browsers at two nodes, and by Redis. Theirs call the methods of a {@code SessionDataStore}
 * or of a {@code DefaultSessionCache}, and Holdfast has neither. What is in a store in theirs is in Redis here, and
 * read at the node that has not written it.
 *
 * <p>{@link #NOT_APPLICABLE} says why for those that are left out; {@link #everyPublishedCaseIsHereOrIsSaidNotToApply}
 * compares with the classes themselves.
 */
class JettysCasesIT {
    private static final String NO_EVICTION =
            "Nothing is evicted: copies are forgotten by the coordinator, and loaded again";
    private static final String NO_HOUSEKEEPER =
            "Redis says which sessions are idle; no HouseKeeper and no timer of Jetty's is used";
    private static final String NO_ID_MANAGER =
            "Ids are 128 random bits, drawn by each application for itself: none is looked for";

    /** Published cases that say nothing of Holdfast, and why. */
    private static final Map<String, String> NOT_APPLICABLE = Map.ofEntries(
            Map.entry(
                    "AbstractSessionDataStoreTest.testLoadSessionExpired",
                    "Jetty loads an idle session and ends it then; here it is loaded by the one node that has claimed"
                            + " its end"),
            Map.entry(
                    "AbstractSessionDataStoreTest.testGetExpiredNotPersisted",
                    "Jetty ends sessions of its memory that the store does not know; here a session that is gone from"
                            + " Redis has ended elsewhere, where its listeners were told"),
            Map.entry(
                    "AbstractSessionCacheTest.testUnreadableSession",
                    "Jetty deletes a session that it cannot read; here unreadable bytes cost their attribute:"
                            + " testLoadSessionFails"),
            Map.entry(
                    "AbstractSessionCacheTest.testSaveOnCreateFalse",
                    "A new session is always saved before the answer that tells its id"),
            Map.entry(
                    "AbstractSessionCacheTest.testInvalidateOnShutdown",
                    "Sessions outlive their node: that is what it is for"),
            Map.entry(
                    "DefaultSessionCacheTest.testGetAndEnter",
                    "Requests are counted by the coordinator, not by Jetty's cache"),
            Map.entry("DefaultSessionCacheTest.testRaceOnEviction", NO_EVICTION),
            Map.entry("DefaultSessionCacheTest.testCheckInactiveSession", NO_EVICTION),
            Map.entry("DefaultSessionCacheTest.testSaveOnEviction", NO_EVICTION),
            Map.entry("DefaultSessionCacheTest.testSaveOnEvictionFail", NO_EVICTION),
            Map.entry(
                    "AbstractSessionManagerTest.testAccess",
                    "Of a part of Jetty's manager that Holdfast leaves as it is"),
            Map.entry("AbstractSessionManagerTest.testCalculateInactivityTimeOut", NO_HOUSEKEEPER),
            Map.entry("HouseKeeperTest.testHouseKeeper", NO_HOUSEKEEPER),
            Map.entry("DefaultSessionIdManagerTest.testIsIdInUse", NO_ID_MANAGER),
            Map.entry("DefaultSessionIdManagerTest.testRequestedSessionIdReused", NO_ID_MANAGER));

    /**
     * NullSessionCacheTest and the tests of files and databases are left out whole: they are of one cache, or one
     * store, of Jetty's.
     */
    private static final Set<String> SUITES = Set.of(
            "AbstractSessionDataStoreTest",
            "AbstractSessionCacheTest",
            "DefaultSessionCacheTest",
            "AbstractSessionManagerTest",
            "SessionHandlerTest",
            "SessionListenerTest",
            "DirtyAttributeTest",
            "HouseKeeperTest",
            "DefaultSessionIdManagerTest");

    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = JettysCases.nodes;

    /** A script is sent twice the first time, and which case comes first is not ours to say. */
    @BeforeAll
    static void warmUp() {
        Browser first = new Browser();
        first.get(nodes.n1(), "/shop/cart?do=set&name=a&value=1");
        first.get(nodes.n1(), "/shop/cart?do=set&name=a&value=2");
    }

    @Test
    void everyPublishedCaseIsHereOrIsSaidNotToApply() throws ClassNotFoundException {
        Set<String> published = new TreeSet<>();
        for (String suite : SUITES) {
            cases(Class.forName("org.eclipse.jetty.session." + suite))
                    .forEach(name -> published.add(suite + "." + name));
        }
        Set<String> here = new TreeSet<>();
        for (Class<?> suite : JettysCasesIT.class.getDeclaredClasses()) {
            if (suite.isAnnotationPresent(Nested.class)) {
                Stream.concat(cases(suite), cases(suite.getSuperclass()))
                        .forEach(name -> here.add(suite.getSimpleName() + "." + name));
            }
        }

        System.out.println("Jetty's published session tests: " + published.size() + " cases, " + here.size() + " here, "
                + NOT_APPLICABLE.size() + " that do not apply: " + new TreeMap<>(NOT_APPLICABLE));
        assertThat(here).doesNotContainAnyElementsOf(NOT_APPLICABLE.keySet());
        here.addAll(NOT_APPLICABLE.keySet());
        assertThat(here).isEqualTo(published);
    }

    private static Stream<String> cases(Class<?> suite) {
        return Arrays.stream(suite.getDeclaredMethods()).map(Method::getName).filter(name -> name.startsWith("test"));
    }

    // ---- the cases

    @Nested
    class AbstractSessionDataStoreTest extends JettysStoreCases {}

    @Nested
    class AbstractSessionCacheTest extends JettysCacheCases {}

    @Nested
    class DefaultSessionCacheTest extends JettysDefaultCacheCases {}

    @Nested
    class AbstractSessionManagerTest extends JettysCases {
        @Test
        void testGetSessionCookie() {
            Answer answer = browser.get(n1, "/shop/cart?do=new");

            assertThat(answer.all("set-cookie"))
                    .anySatisfy(cookie ->
                            assertThat(cookie).isEqualTo("JSESSIONID=" + browser.sessionId() + "; Path=/shop"));
        }

        @Test
        void testImmortalScavenge() {
            String id = idle(n1, -1);
            awaitEnd(n1, idle(n1, 1));

            browser.cookies().put(Browser.SESSION_COOKIE, id);
            assertThat(cart(n2, "peek")).isEqualTo("old a=kept");
            assertThat(endsOf(id)).isEmpty();
        }

        @Test
        void testNonImmortalScavenge() {
            awaitEnd(n1, idle(n1, 1));
        }
    }

    @Nested
    class SessionHandlerTest extends JettysHandlerCases {}

    @Nested
    class SessionListenerTest extends JettysCases {
        @Test
        void testListenerWithInvalidation() {
            EVENTS.clear();
            get(n1, "value");
            String id = browser.sessionId();
            assertThat(about(id)).containsExactlyInAnyOrder("created " + id, "bound " + id);

            cart(n1, "invalidate");

            assertThat(about(id))
                    .containsExactlyInAnyOrder(
                            "created " + id, "bound " + id, "destroyed " + id + " with null", "unbound " + id);
            assertThat(EVENTS.stream().filter(event -> event.startsWith("removed v ")))
                    .hasSize(1);
        }

        /** Jetty tells the listeners when somebody asks for the idle session; here the next look for idle ones does. */
        @Test
        void testExpiredSession() {
            String id = idle(n1, 1);
            awaitEnd(n1, id);

            browser.cookies().put(Browser.SESSION_COOKIE, id);
            assertThat(cart(n1, "peek")).isEqualTo("none");
            assertThat(endsOf(id)).hasSize(1);
        }
    }

    @Nested
    class DirtyAttributeTest extends JettysCases {
        @Test
        void testDirtyWrite() {
            cart(n1, "new");
            EVENTS.clear();

            set(n1, "aaa", "one");
            assertThat(commandsOf(() -> set(n1, "aaa", "two"))).containsOnlyOnce("commit.lua");

            assertThat(EVENTS.stream().filter(event -> event.contains(" aaa ")))
                    .containsExactly("added aaa one", "replaced aaa one");
            assertThat(cart(n2, "peek")).isEqualTo("old aaa=two");
        }
    }

    @Nested
    class DefaultSessionIdManagerTest extends JettysCases {
        @Test
        void testNewSessionId() {
            assertThat(n1.shop().getSessionHandler().getSessionIdManager().newSessionId(null, UNKNOWN, 0))
                    .matches("[0-9a-f]{34}")
                    .isNotEqualTo(UNKNOWN);
        }

        @Test
        void testRequestedSessionIdNotReused() {
            browser.cookies().put(Browser.SESSION_COOKIE, UNKNOWN);

            assertThat(cart(n1, "new")).isEqualTo("new");

            assertThat(browser.sessionId().toLowerCase(Locale.ROOT)).isNotEqualTo(UNKNOWN);
        }
    }
}
