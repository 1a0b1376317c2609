package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.RedisAudit;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.tomcat.Visitor.Sent;
import jakarta.servlet.http.HttpSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users of other session stores suffered from with cookies and routes: affinity that is lost for good, two
 * sessions after a failover, ids with a route in them. Each test names the threads that it replays, as
 * {@code owner/repository#number} on GitHub.
 *
 * <p>Told by other tests: that a browser sticks to the node that took over, behind real balancers: {@code BalancersIT}.
 * A balancer with a cookie of its own that changes it only when the application sends its session cookie
 * (kubernetes/ingress-nginx#4048, cloudfoundry/gorouter#76) is told here by what it looks for; its own settings are in
 * {@code docs/affinity.md}. Two requests that change the id at once (jetty/jetty.project#2671): {@link
 * PeersLostUpdatesIT#twoRequestsThatChangeTheIdAtTheSameTimeAreNoError}.
 *
 * <p>Not here: CROSSSLOT on a real cluster (redisson/redisson#6052, #1897); the keys are looked at instead. An
 * application that wants the route (spring-projects/spring-session#1165) finds it in the cookie of the request and in
 * {@code holdfast.node}, never in the id.
 */
class PeersCookieAndRouteIT {
    @RegisterExtension
    static final PeersSite site = new PeersSite();

    private static final EmbeddedNode n1 = site.n1;
    private static final EmbeddedNode n2 = site.n2;

    private final Visitor visitor = site.visitor();

    /** How the first answer of the node that took over leaves. */
    @SuppressWarnings("ImmutableEnumChecker") // its pages have no state
    enum FirstAnswer {
        SMALL((request, response) ->
                response.getWriter().print(request.getSession().getAttribute("name"))),
        FLUSHED((request, response) -> {
            request.getSession().getAttribute("name");
            response.flushBuffer();
        }),
        REDIRECT((request, response) -> {
            request.getSession().getAttribute("name");
            response.sendRedirect("elsewhere");
        }),
        ERROR((request, response) -> {
            request.getSession().getAttribute("name");
            response.sendError(409);
        });

        private final transient Page page;

        FirstAnswer(Page page) {
            this.page = page;
        }
    }

    private static List<String> cookies(Answer response) {
        return response.all("Set-Cookie").stream()
                .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
                .toList();
    }

    // ---- the route after a failover

    /**
     * redisson/redisson#3956 ("Redisson doesn't change the sessionId"), spring-projects/spring-session#441,
     * hazelcast/hazelcast#3890, magro/memcached-session-manager#102: the route is not rewritten.
     * cloudfoundry/gorouter#76, kubernetes/ingress-nginx#4048: balancers that re-bind their own cookie only when they
     * see the application's session cookie.
     */
    @ParameterizedTest
    @EnumSource
    void firstAnswerAfterAFailoverMovesTheBrowserForGood(FirstAnswer first) {
        visitor.change(n1, session -> session.setAttribute("name", "x"));
        String id = visitor.id();

        Answer moved = visitor.send(n2, first.page);

        assertThat(cookies(moved)).contains("HFROUTE=n2", "JSESSIONID=" + id).hasSize(3);
        assertThat(visitor.cookie("HFEPOCH")).contains(".n2_");
        for (int i = 0; i < 3; i++) {
            assertThat(cookies(visitor.send(n2, FirstAnswer.SMALL.page))).isEmpty();
        }
    }

    /**
     * magro/memcached-session-manager#135, #136, hazelcast/hazelcast-tomcat-sessionmanager#96, #108, #18: the first
     * requests after a failover work on two ids; changes are lost, getId() is not the cookie's.
     */
    @Test
    void parallelFirstRequestsAfterAFailoverWorkOnOneSession() {
        int requests = 6;
        visitor.change(n1, session -> session.setAttribute("first", "x"));
        String id = visitor.id();
        CountDownLatch inside = new CountDownLatch(requests);

        List<Sent> all = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            String name = "item" + i;
            all.add(visitor.begin(n2, (request, response) -> {
                HttpSession session = request.getSession();
                inside.countDown();
                Visitor.await(inside); // all have it before any goes on
                session.setAttribute(name, "x");
                response.getWriter().print(session.getId() + " " + session.isNew());
            }));
        }
        List<Answer> answers = all.stream().map(Sent::answer).toList();

        assertThat(answers).extracting(Answer::status).containsOnly(200);
        assertThat(answers).extracting(Answer::body).containsOnly(id + " false");
        assertThat(visitor.id()).isEqualTo(id);
        assertThat(visitor.read(
                        n1,
                        session -> Stream.of("first", "item0", "item1", "item2", "item3", "item4", "item5")
                                .allMatch(name -> session.getAttribute(name) != null)))
                .isEqualTo("true");
    }

    // ---- the id

    /** jcoleman/tomcat-redis-session-manager#67, #64: the route is part of the key, and failover finds nothing. */
    @Test
    void keysInRedisKnowNoRouteAndStayTheSameAfterAFailover() {
        visitor.change(n1, session -> session.setAttribute("name", "x"));
        visitor.change(n2, session -> session.setAttribute("name", "y"));
        visitor.change(n1, session -> session.setAttribute("name", "z"));

        assertThat(site.redis.ask(RedisAudit::keys))
                .filteredOn(key -> key.contains(":s:"))
                .contains(site.key(visitor.id()))
                .allMatch(key -> key.matches("\\{hf:shop:[0-3][0-9a-f]}:s:[0-3][0-9a-f]{33}"));
    }

    /**
     * magro/memcached-session-manager#198: jvmRoute is set, and the balancer is not sticky.
     * spring-projects/spring-session#1165: ids with and without the route.
     */
    @ParameterizedTest
    @ValueSource(strings = {"cookie", "none"})
    void jvmRouteIsTheNodesNameAndNeverInTheId(String affinity) throws LifecycleException {
        try (EmbeddedTomcat t1 = withJvmRoute("t1", affinity);
                EmbeddedTomcat t2 = withJvmRoute("t2", affinity)) {
            Browser browser = new Browser();
            String path = site.path((request, response) -> {
                HttpSession session = request.getSession();
                Object count = session.getAttribute("count");
                session.setAttribute("count", count == null ? 1 : (Integer) count + 1);
                response.getWriter().print(session.getId() + " " + session.getAttribute("count"));
            });
            browser.get(t1.uri("/shop" + path));
            String id = browser.cookies().get("JSESSIONID");

            for (int i = 2; i < 6; i++) {
                EmbeddedTomcat next = i % 2 == 0 ? t2 : t1;
                Answer answer = browser.get(next.uri("/shop" + path));
                assertThat(answer.body()).isEqualTo(id + " " + i);
            }

            assertThat(id).matches("[0-9a-f]{34}");
            assertThat(browser.cookies().get("HFROUTE")).isEqualTo(affinity.equals("none") ? null : "t1");
        }
    }

    private static EmbeddedTomcat withJvmRoute(String route, String affinity) throws LifecycleException {
        EmbeddedTomcat tomcat = new EmbeddedTomcat();
        tomcat.tomcat().getEngine().setJvmRoute(route);
        Context context = tomcat.addContext("/shop");
        Map.of("holdfast.redis", site.redis.uri().toString(), "holdfast.timeout", "5s", "holdfast.affinity", affinity)
                .forEach(context::addParameter);
        site.addPage(context);
        HoldfastTomcat.install(context);
        tomcat.start();
        return tomcat;
    }

    /**
     * redisson/redisson#6052, #1897, #3992, #2565, #5915, #3059, jetty/jetty.project#13662: changeSessionId is no
     * single step: CROSSSLOT on a cluster, a key without a life time, a session under both ids or under none.
     */
    @Test
    void changedIdStaysInItsSlotKeepsItsLifeTimeAndLeavesATombstone() {
        visitor.change(n1, session -> {
            session.setMaxInactiveInterval(600);
            session.setAttribute("name", "x");
        });
        String old = visitor.id();
        long life = site.lifeMillis(old);

        visitor.send(n1, (request, response) -> {
            request.getSession();
            request.changeSessionId();
        });

        String changed = visitor.id();
        assertThat(changed).isNotEqualTo(old);
        assertThat(PeersSite.shard(changed)).isEqualTo(PeersSite.shard(old));
        assertThat(site.lifeMillis(changed)).isBetween(life - 60_000, life + 1_000);
        assertThat(site.fields(changed)).contains("a:name").doesNotContain(".t");
        assertThat(site.fields(old)).containsExactly(".t");
        assertThat(visitor.read(n2, session -> session.getAttribute("name"))).isEqualTo("x");
    }
}
