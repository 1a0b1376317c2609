package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.redis.RedisAudit;
import dev.holdfast.session.SessionId;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What users of other session stores suffered from when sessions ended: listeners that nobody calls, sessions of
 * active users that end, keys that stay. Each test names the threads that it replays, as {@code
 * owner/repository#number} on GitHub. They run on a Redis whose CONFIG is not to be had, as where Redis is rented.
 *
 * <p>Told by other tests: copies of sessions that moved away are forgotten (jetty/jetty.project#2140):
 * {@code SessionLoaderTest.copyThatAnotherNodeTookOverIsForgottenAfterHalfAMinute}. The life of every kind of key to
 * the millisecond: {@code RedisSessionStoreIT.keysLiveAsLongAsPromised}. Every test with a real Redis here ends with a
 * look for keys without a life time, not only one of them.
 */
class PeersExpiryAndListenersIT {
    @RegisterExtension
    static final PeersSite site = new PeersSite(
            RedisProcess.start(
                    "--rename-command", "CONFIG", "nobody-may", "--appendonly", "yes", "--appendfsync", "always"),
            Map.of("holdfast.classes.allow", "dev.holdfast.tomcat.*"),
            PeersExpiryAndListenersIT::listen);

    private static final EmbeddedNode n1 = site.n1;
    private static final EmbeddedNode n2 = site.n2;

    private final Visitor visitor = site.visitor();

    // ---- the application's listeners

    private record Event(String sessionId, String text) {}

    /** What one node's listeners were told. */
    private static final class Told
            implements HttpSessionListener, HttpSessionAttributeListener, HttpSessionIdListener {
        final List<Event> events = new CopyOnWriteArrayList<>();

        static Told of(HttpSession session) {
            return (Told) session.getServletContext().getAttribute("told");
        }

        void add(HttpSession session, String text) {
            events.add(new Event(session.getId(), text));
        }

        @Override
        public void sessionCreated(HttpSessionEvent event) {
            add(event.getSession(), "created");
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            add(event.getSession(), "destroyed, name=" + event.getSession().getAttribute("name"));
        }

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String old) {
            add(event.getSession(), "id changed");
        }

        @Override
        public void attributeAdded(HttpSessionBindingEvent event) {
            add(event.getSession(), "added " + event.getName());
        }

        @Override
        public void attributeReplaced(HttpSessionBindingEvent event) {
            add(event.getSession(), "replaced " + event.getName() + "=" + event.getValue());
        }

        @Override
        public void attributeRemoved(HttpSessionBindingEvent event) {
            add(event.getSession(), "removed " + event.getName() + "=" + event.getValue());
        }
    }

    /** A value that wants to know when it comes and goes. */
    @SuppressWarnings("serial")
    static final class Lease implements Serializable, HttpSessionBindingListener {
        @Override
        public void valueBound(HttpSessionBindingEvent event) {
            Told.of(event.getSession()).add(event.getSession(), "bound");
        }

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            Told.of(event.getSession()).add(event.getSession(), "unbound");
        }

        @Override
        public String toString() {
            return "lease";
        }
    }

    private static void listen(String node, Context context) {
        context.addServletContainerInitializer(
                (classes, servletContext) -> {
                    Told told = new Told();
                    servletContext.setAttribute("told", told);
                    servletContext.addListener(told);
                },
                Set.of());
    }

    private static List<String> told(EmbeddedNode node, String id) {
        Told told = (Told) node.context().getServletContext().getAttribute("told");
        return told.events.stream()
                .filter(event -> event.sessionId().equals(id))
                .map(Event::text)
                .toList();
    }

    private static List<String> destroyed(String id, EmbeddedNode... nodes) {
        return Stream.of(nodes)
                .flatMap(node -> told(node, id).stream())
                .filter(text -> text.startsWith("destroyed"))
                .toList();
    }

    /** What Tomcat does every ten seconds. */
    private static void background(EmbeddedNode... nodes) {
        Stream.of(nodes).forEach(node -> node.manager().backgroundProcess());
    }

    private void visit(EmbeddedNode node, int maxInactiveSeconds) {
        visitor.change(node, session -> {
            session.setMaxInactiveInterval(maxInactiveSeconds);
            session.setAttribute("name", "ada");
        });
    }

    private static String name(HttpSession session) {
        return String.valueOf(session.getAttribute("name"));
    }

    // ---- who is told that a session has ended

    /**
     * redisson/redisson#2104, #5408, jetty/jetty.project#1432, ran-jit/tomcat-cluster-redis-session-manager#42: nobody
     * is told, or every node is.
     */
    @Test
    void endIsToldOnceWhereTheUserLogsOut() {
        visit(n1, 60);
        String id = visitor.id();
        Visitor before = visitor.copy();

        visitor.change(n2, HttpSession::invalidate);
        assertThat(before.withSessionIdOnly().read(n1, PeersExpiryAndListenersIT::name))
                .isEqualTo("no session");
        background(n1, n2);

        assertThat(destroyed(id, n2)).containsExactly("destroyed, name=ada");
        assertThat(destroyed(id, n1)).isEmpty();
    }

    /**
     * The same threads, and hazelcast/hazelcast-tomcat-sessionmanager#89: the node that held the session is gone when
     * it runs out.
     */
    @Test
    void endIsToldOnceByAnotherNodeWhenTheOneThatHeldTheSessionIsGone() {
        try (EmbeddedNode n3 = site.node("n3", site.redis.uri())) {
            visit(n3, 1);
        }
        String id = visitor.id();

        await().untilAsserted(() -> {
            background(n1, n2);
            assertThat(destroyed(id, n1, n2)).containsExactly("destroyed, name=ada");
        });
        background(n1, n2);

        assertThat(destroyed(id, n1, n2)).hasSize(1);
        assertThat(site.fields(id)).containsExactly(".t");
        List<String> index = site.redis.ask(jedis -> jedis.zrange(PeersSite.shard(id) + ":x", 0, -1));
        assertThat(index).doesNotContain(id);
    }

    /**
     * spring-projects/spring-session#1030, #2175, #1103, #2166, #1715, #3183: keyspace events come from one random
     * node of a cluster, or while nobody listens; the end is never told, the index grows.
     */
    @Test
    void endIsToldThoughRedisWasAwayWhenTheSessionRanOut() {
        try (EmbeddedNode n3 = site.node("n3", site.redis.uri())) {
            visit(n3, 1);
        }
        String id = visitor.id();

        site.redis.kill();
        // No key is looked at, no event is sent, while the time of the session runs out.
        await().pollDelay(Duration.ofMillis(1_500)).until(() -> true);
        site.redis.restart();

        await().untilAsserted(() -> {
            background(n1, n2);
            assertThat(destroyed(id, n1, n2)).containsExactly("destroyed, name=ada");
        });
    }

    /** spring-projects/spring-session#124, #1606: CONFIG is refused, the application does not start. */
    @Test
    void neitherConfigurationNorEventsNorScansOfRedisAreUsed() {
        List<String> commands = MonitoredCommand.of(site.redis.monitor(() -> {
                    visit(n1, 1);
                    visitor.read(n2, PeersExpiryAndListenersIT::name);
                    await().untilAsserted(() -> {
                        background(n1, n2);
                        assertThat(destroyed(visitor.id(), n1, n2)).hasSize(1);
                    });
                }))
                .stream()
                .map(MonitoredCommand::name)
                .toList();

        assertThat(commands)
                .contains("create.lua", "load.lua")
                .noneMatch(name -> name.contains("subscribe"))
                .doesNotContain("config", "keys", "scan");
    }

    // ---- who must not end it

    /**
     * redisson/redisson#3058, #1311, #1771, #2431, #2502, magro/memcached-session-manager#283, dotCMS/core#34545: a
     * copy that was left on one node runs out there and takes the session of a user with it who is active on another.
     */
    @Test
    void copyThatIsIdleOnOneNodeDoesNotEndTheSessionOfAnActiveUser() {
        visit(n2, 2);
        String id = visitor.id();
        visitor.read(n1, PeersExpiryAndListenersIT::name);

        await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(8)).untilAsserted(() -> {
            background(n1, n2);
            assertThat(visitor.read(n1, PeersExpiryAndListenersIT::name)).isEqualTo("ada");
        });

        assertThat(visitor.id()).isEqualTo(id);
        assertThat(destroyed(id, n1, n2)).isEmpty();
        assertThat(visitor.read(n2, PeersExpiryAndListenersIT::name)).isEqualTo("ada");
    }

    // ---- what stays

    /**
     * redisson/redisson#2132, #2023, #3059, #6022, spring-projects/spring-session#1843, #2016, #3471,
     * pivotalsoftware/session-managers#21: keys without a life time fill Redis. jetty/jetty.project#12705: the largest
     * timeout there is.
     */
    @Test
    void everyKeyHasALifeTimeWhateverBecameOfItsSession() {
        for (int seconds : new int[] {0, -1, Integer.MAX_VALUE, 60}) {
            Visitor one = site.visitor();
            one.change(n1, session -> session.setMaxInactiveInterval(seconds));
            one.change(n2, session -> session.setAttribute("name", "x"));
            one.send(n1, (request, response) -> {
                request.getSession();
                request.changeSessionId();
            });
            one.read(n1, session -> session.getAttribute("name"));
            if (seconds == 60) {
                one.change(n1, HttpSession::invalidate);
            }
        }
        site.visitor().change(n1, session -> {}); // never seen again, and empty

        List<String> immortal = site.redis.ask(jedis -> RedisAudit.keys(jedis).stream()
                .filter(key -> jedis.pttl(key) < 0)
                .toList());
        assertThat(immortal).isEmpty();
    }

    /** jetty/jetty.project#2428, #12705, #13470: sessions that ended stay in the memory of a node for ever. */
    @Test
    void sessionThatEndedElsewhereStaysInNoMemory() {
        visit(n1, 60);
        String shown = ShownSession.nameOf(SessionId.parse(visitor.id()));
        assertThat(n1.manager().listSessionIds()).contains(shown);
        visitor.read(n2, PeersExpiryAndListenersIT::name);

        visitor.change(n2, HttpSession::invalidate);

        await().untilAsserted(() -> {
            assertThat(n1.manager().listSessionIds()).doesNotContain(shown);
            assertThat(n2.manager().listSessionIds()).doesNotContain(shown);
        });
    }

    /** redisson/redisson#4963, #5835, #6173: a stack in the log for a session that simply ran out. */
    @Test
    void sessionThatRunsOutLeavesNothingInTheLog() {
        visit(n1, 1);
        String id = visitor.id();
        try (LogCapture log = new LogCapture("")) {
            await().untilAsserted(() -> {
                background(n1, n2);
                assertThat(destroyed(id, n1, n2)).hasSize(1);
            });
            assertThat(visitor.read(n1, PeersExpiryAndListenersIT::name)).isEqualTo("no session");
            assertThat(visitor.read(n2, PeersExpiryAndListenersIT::name)).isEqualTo("no session");

            assertThat(log.lines()).noneMatch(line -> line.startsWith("WARNING") || line.startsWith("SEVERE"));
            assertThat(log.thrown()).isEmpty();
        }
    }

    // ---- timeouts

    /**
     * redisson/redisson#3174, ran-jit/tomcat-cluster-redis-session-manager#11: the session's own timeout is ignored, or
     * is minutes.
     */
    @Test
    void timeoutIsTheSessionsOwnAndInSecondsOnEveryNode() {
        Visitor other = site.visitor();
        other.change(n1, session -> session.setAttribute("name", "grace"));
        visit(n1, 1);
        String id = visitor.id();

        assertThat(visitor.read(n2, HttpSession::getMaxInactiveInterval)).isEqualTo("1");
        assertThat(other.read(n2, HttpSession::getMaxInactiveInterval)).isEqualTo("1800");
        await().atMost(Duration.ofSeconds(8)).untilAsserted(() -> {
            background(n1, n2);
            assertThat(destroyed(id, n1, n2)).hasSize(1);
        });
        assertThat(other.read(n1, PeersExpiryAndListenersIT::name)).isEqualTo("grace");
    }

    /** The same threads: zero and less mean that the session does not run out, and can be taken back. */
    @Test
    void sessionWithoutTimeoutDoesNotRunOutUntilItGetsOne() {
        visit(n1, 1);
        visitor.change(n2, session -> session.setMaxInactiveInterval(0));
        Visitor other = site.visitor();
        other.change(n1, session -> session.setMaxInactiveInterval(-1));
        String id = visitor.id();

        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(8)).untilAsserted(() -> {
            background(n1, n2);
            assertThat(destroyed(id, n1, n2)).isEmpty();
            assertThat(destroyed(other.id(), n1, n2)).isEmpty();
        });

        assertThat(visitor.read(n1, PeersExpiryAndListenersIT::name)).isEqualTo("ada");
        assertThat(other.read(n2, HttpSession::getMaxInactiveInterval)).isEqualTo("-1");
        visitor.change(n1, session -> session.setMaxInactiveInterval(1));
        await().untilAsserted(() -> {
            background(n1, n2);
            assertThat(destroyed(id, n1, n2)).hasSize(1);
        });
    }

    // ---- the other listeners

    /** spring-projects/spring-session#5 (open since 2014), #1026: the listeners of web.xml are never called. */
    @Test
    void listenersAreToldOnTheNodeThatWorks() {
        visitor.change(n1, session -> {
            session.setAttribute("name", "ada");
            session.setAttribute("lease", new Lease());
        });
        String first = visitor.id();
        visitor.change(n2, session -> {
            session.setAttribute("name", "grace");
            session.setAttribute("extra", "x");
            session.removeAttribute("extra");
        });
        visitor.send(n2, (request, response) -> {
            request.getSession();
            request.changeSessionId();
        });
        String second = visitor.id();
        visitor.change(n2, HttpSession::invalidate);

        assertThat(told(n1, first)).containsExactly("created", "added name", "bound", "added lease");
        assertThat(told(n2, first)).containsExactly("replaced name=ada", "added extra", "removed extra=x");
        assertThat(told(n2, second))
                .startsWith("id changed", "destroyed, name=grace")
                .containsExactlyInAnyOrder(
                        "id changed", "destroyed, name=grace", "removed name=grace", "unbound", "removed lease=lease");
        assertThat(told(n1, second)).isEmpty();
    }
}
