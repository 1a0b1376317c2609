package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.session.SessionCache;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The cases of the tests that Jetty publishes for its session stores and caches, by the same names, seen from where Holdfast can be seen: by
 * browsers at two nodes, and by Redis. Theirs call the methods of a {@code SessionDataStore} or of a {@code DefaultSessionCache}, and
 * Holdfast has neither. What is in a store in theirs is in Redis here, and read at the node that has not written it.
 *
 * <p>{@link #NOT_APPLICABLE} says why for those that are left out; {@link #everyPublishedCaseIsHereOrIsSaidNotToApply} compares with the classes
 * themselves.
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

    /** NullSessionCacheTest and the tests of files and databases are left out whole: they are of one cache, or one store, of Jetty's. */
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

    private static final String UNKNOWN = "00" + "0".repeat(32);
    private static final List<String> EVENTS = new CopyOnWriteArrayList<>();
    private static final CyclicBarrier TOGETHER = new CyclicBarrier(2);

    private static RedisProcess redis;
    private static EmbeddedJetty n1;
    private static EmbeddedJetty n2;

    private final Browser browser = new Browser();

    // ---- the application

    /** Of the application's own; says what happens to it. */
    public static final class Value implements HttpSessionBindingListener, HttpSessionActivationListener, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public void valueBound(HttpSessionBindingEvent event) {
            EVENTS.add("bound " + event.getSession().getId());
        }

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            EVENTS.add("unbound " + event.getSession().getId());
        }

        @Override
        public void sessionWillPassivate(HttpSessionEvent event) {
            EVENTS.add("passivated " + event.getSession().getId());
        }

        @Override
        public void sessionDidActivate(HttpSessionEvent event) {
            EVENTS.add("activated " + event.getSession().getId());
        }
    }

    private static final class Listener
            implements HttpSessionListener, HttpSessionIdListener, HttpSessionAttributeListener {
        @Override
        public void sessionCreated(HttpSessionEvent event) {
            EVENTS.add("created " + event.getSession().getId());
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            EVENTS.add("destroyed " + event.getSession().getId() + " with "
                    + event.getSession().getAttribute("a"));
        }

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String oldId) {
            EVENTS.add("changed " + oldId + " " + event.getSession().getId());
        }

        @Override
        public void attributeAdded(HttpSessionBindingEvent event) {
            EVENTS.add("added " + event.getName() + " " + event.getValue());
        }

        @Override
        public void attributeReplaced(HttpSessionBindingEvent event) {
            EVENTS.add("replaced " + event.getName() + " " + event.getValue());
        }

        @Override
        public void attributeRemoved(HttpSessionBindingEvent event) {
            EVENTS.add("removed " + event.getName() + " " + event.getValue());
        }
    }

    private interface Page {
        void answer(HttpServletRequest request, HttpServletResponse response) throws IOException;
    }

    private static void shop(ServletContextHandler context) {
        context.addEventListener(new Listener());
        EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
        page(context, "/times", (request, response) -> {
            HttpSession session = request.getSession();
            response.getWriter().print(session.getCreationTime() + " " + session.getMaxInactiveInterval());
        });
        page(context, "/timeout", (request, response) -> {
            HttpSession session = request.getSession();
            session.setAttribute("a", "kept");
            session.setMaxInactiveInterval(Integer.parseInt(request.getParameter("seconds")));
        });
        page(context, "/value", (request, response) -> request.getSession().setAttribute("v", new Value()));
        page(context, "/list-of-values", (request, response) -> {
            HttpSession session = request.getSession();
            if (session.isNew()) {
                session.setAttribute("foo", new ArrayList<>(List.of(new Value())));
            }
            response.getWriter()
                    .print(((List<?>) session.getAttribute("foo"))
                            .get(0)
                            .getClass()
                            .getSimpleName());
        });
        page(context, "/one-of-two", (request, response) -> {
            Object items = request.getSession().getAttribute("items");
            meet();
            response.getWriter().print(System.identityHashCode(items));
        });
        page(context, "/together", (request, response) -> {
            HttpSession session = request.getSession();
            meet();
            try {
                if (request.getParameter("do").equals("rotate")) {
                    request.changeSessionId();
                } else {
                    session.invalidate();
                }
            } catch (IllegalStateException ended) {
                response.getWriter().print("ended by the other");
            }
        });
        page(context, "/url", (request, response) -> {
            HttpSession session = request.getSession();
            response.getWriter()
                    .print(session.getId() + " " + response.encodeURL("/shop/path") + " "
                            + request.isRequestedSessionIdFromCookie() + " " + request.isRequestedSessionIdFromURL());
        });
    }

    private static void meet() {
        try {
            TOGETHER.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException("The other request has not come", e);
        }
    }

    @SuppressWarnings("serial") // never serialized
    private static void page(ServletContextHandler context, String path, Page page) {
        EmbeddedJetty.addServlet(context, path, new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                page.answer(request, response);
            }
        });
    }

    private static EmbeddedJetty node(String name) {
        return new EmbeddedJetty(
                name, redis.uri(), Map.of("holdfast.classes.allow", "dev.holdfast.jetty.*"), JettysCasesIT::shop);
    }

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = node("n1");
        n2 = node("n2");
        // A script is sent twice the first time, and which case comes first is not ours to say.
        Browser first = new Browser();
        first.get(n1, "/shop/cart?do=set&name=a&value=1");
        first.get(n1, "/shop/cart?do=set&name=a&value=2");
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    // ---- what the tests are written with

    private String cart(EmbeddedJetty node, String what) {
        return get(node, "cart?do=" + what);
    }

    private String get(EmbeddedJetty node, String path) {
        return browser.get(node, "/shop/" + path).body();
    }

    private String set(EmbeddedJetty node, String name, String value) {
        return cart(node, "set&name=" + name + "&value=" + value);
    }

    private static String key(String id) {
        return "{hf:shop:" + id.substring(0, 2) + "}:s:" + id;
    }

    private static boolean isInRedis(String id) {
        return redis.ask(jedis -> jedis.hkeys(key(id))).stream().anyMatch(field -> field.startsWith("a:"));
    }

    private static boolean hasKey(String id) {
        return redis.ask(jedis -> jedis.exists(key(id)));
    }

    private static long lifeTime(String key) {
        return redis.ask(jedis -> jedis.pttl(key));
    }

    private static boolean isInMemory(EmbeddedJetty node, String id) {
        try {
            return cache(node).contains(id);
        } catch (Exception e) {
            throw new IllegalStateException("Jetty's own signature: Holdfast throws none", e);
        }
    }

    private static SessionCache cache(EmbeddedJetty node) {
        return node.shop().getSessionHandler().getSessionCache();
    }

    private List<String> commandsOf(Runnable requests) {
        return names(ofSession(redis.monitor(requests)));
    }

    private List<MonitoredCommand> ofSession(List<String> monitored) {
        return MonitoredCommand.of(monitored).stream()
                .filter(command -> command.isOf(browser.sessionId()))
                .toList();
    }

    private static List<String> names(List<MonitoredCommand> commands) {
        return commands.stream()
                .map(MonitoredCommand::name)
                .filter(name -> !name.equals("touch.lua"))
                .toList();
    }

    /** A session that may be idle for so many seconds. */
    private static String idle(EmbeddedJetty node, int seconds) {
        Browser other = new Browser();
        other.get(node, "/shop/timeout?seconds=" + seconds);
        return other.sessionId();
    }

    private static List<String> about(String id) {
        return EVENTS.stream().filter(event -> event.contains(id)).toList();
    }

    private static List<String> endsOf(String id) {
        return about(id).stream()
                .filter(event -> event.startsWith("destroyed "))
                .toList();
    }

    private static void awaitEnd(EmbeddedJetty node, String id) {
        await().until(() -> {
            node.coordinator().expireIdle();
            return !endsOf(id).isEmpty();
        });
        assertThat(endsOf(id)).containsExactly("destroyed " + id + " with kept");
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
                cases(suite).forEach(name -> here.add(suite.getSimpleName() + "." + name));
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
    class AbstractSessionDataStoreTest {
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
                    new EmbeddedJetty("other", redis.uri(), Map.of("holdfast.app", "another"), JettysCasesIT::shop)) {
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

    @Nested
    class AbstractSessionCacheTest {
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

    @Nested
    class DefaultSessionCacheTest {
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

    @Nested
    class AbstractSessionManagerTest {
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
    class SessionHandlerTest {
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

    @Nested
    class SessionListenerTest {
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
    class DirtyAttributeTest {
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
    class DefaultSessionIdManagerTest {
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
