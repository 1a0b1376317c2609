package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.LogCapture;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.tomcat.Visitor.Held;
import dev.holdfast.tomcat.Visitor.Sent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What users of other session stores suffered from: lost updates, sessions that come back, stale reads. Each test names
 * the threads that it replays, as {@code owner/repository#number} on GitHub.
 *
 * <p>Told by other tests: the redirect after a login and every other way of committing, with the node killed at once
 * (expressjs/session#309, jetty/jetty.project#3936): {@link CommitMatrixIT}. A lock that stays behind a killed node
 * (magro/memcached-session-manager#171): there are none, and {@link CommitMatrixIT} kills nodes inside requests. A
 * replica's answer does not count below the container either: {@code RedisServerIT}.
 *
 * <p>Cannot be replayed: an attribute that is set while a PersistentManager swaps its session out (Tomcat's bug 43343):
 * copies are not swapped out, a copy with a request inside is neither ended nor forgotten. A hash with only a last
 * access in it cannot come to be; if somebody else writes one,
 * {@code RedisSessionStoreIT.unreadableMetadataIsNotALogout} tells what happens.
 */
class PeersLostUpdatesIT {
    @RegisterExtension
    static final PeersSite site = new PeersSite();

    private static final EmbeddedNode n1 = site.n1;
    private static final EmbeddedNode n2 = site.n2;

    private final Visitor visitor = site.visitor();

    private static void add(HttpSession session, String item) {
        @SuppressWarnings("unchecked") // nothing else is ever set
        List<String> cart = (List<String>) session.getAttribute("cart");
        if (cart == null) {
            cart = new ArrayList<>();
            session.setAttribute("cart", cart);
        }
        cart.add(item);
    }

    private static String cart(HttpSession session) {
        return String.valueOf(session.getAttribute("cart"));
    }

    private static @Nullable Object counter(HttpSession session) {
        return session.getAttribute("counter");
    }

    private static void count(HttpSession session) {
        session.setAttribute("counter", (Integer) Objects.requireNonNull(counter(session)) + 1);
    }

    // ---- what one request writes over another's change

    /** redisson/redisson#2675: "a request that changed nothing writes its old copy back". */
    @Test
    void requestThatChangedNothingWritesNothingBack() {
        visitor.change(n1, session -> {
            add(session, "tea");
            session.setAttribute("address", "Paris");
        });
        Held unchanged =
                visitor.hold(n1, session -> {}, session -> cart(session) + " " + session.getAttribute("address"));

        visitor.change(n2, session -> {
            add(session, "milk");
            session.setAttribute("address", "Rome");
        });
        Answer answer = unchanged.letGo();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(visitor.read(n1, session -> cart(session) + " " + session.getAttribute("address")))
                .isEqualTo("[tea, milk] Rome");
        assertThat(visitor.read(n2, session -> cart(session) + " " + session.getAttribute("address")))
                .isEqualTo("[tea, milk] Rome");
    }

    /**
     * redisson/redisson#3040, #4170, #2230: the second node reads its own old copy, and writes it back after the
     * request.
     */
    @Test
    void nodeThatHeldTheSessionBeforeNeitherServesNorSavesItsOldCopy() {
        visitor.change(n1, session -> session.setAttribute("name", "old"));
        visitor.change(n2, session -> session.setAttribute("name", "new"));

        assertThat(visitor.read(n1, session -> session.getAttribute("name"))).isEqualTo("new");
        visitor.change(n1, session -> session.setAttribute("other", "x"));

        assertThat(visitor.read(n2, session -> session.getAttribute("name") + " " + session.getAttribute("other")))
                .isEqualTo("new x");
    }

    /**
     * redisson/redisson#1971: a removal never reached the store; Spring Session leaves an empty field there for ever.
     */
    @Test
    void removedAttributeIsGoneFromTheStoreAndOnTheOtherNode() {
        visitor.change(n1, session -> {
            session.setAttribute("coupon", "ten percent");
            session.setAttribute("cart", "tea");
        });
        assertThat(site.fields(visitor.id())).contains("a:coupon", "a:cart");

        visitor.change(n1, session -> session.removeAttribute("coupon"));

        assertThat(site.fields(visitor.id())).contains("a:cart").doesNotContain("a:coupon");
        assertThat(visitor.read(n2, session -> session.getAttribute("coupon"))).isEqualTo("null");
    }

    /** spring-projects/spring-session#1471, #253: "only key2 survives", there with one node. */
    @Test
    void attributesThatParallelRequestsSetAreBothKept() {
        visitor.change(n1, session -> {});
        Held one = visitor.hold(n1, session -> session.setAttribute("key1", "1"), session -> "saved");
        Held two = visitor.hold(n1, session -> session.setAttribute("key2", "2"), session -> "saved");

        assertThat(two.letGo().body()).isEqualTo("saved");
        assertThat(one.letGo().body()).isEqualTo("saved");

        assertThat(visitor.read(n2, session -> session.getAttribute("key1") + " " + session.getAttribute("key2")))
                .isEqualTo("1 2");
    }

    /** The same threads with two nodes, where the maintainers saw no solution. */
    @Test
    void attributesThatTwoNodesSetAtTheSameTimeAreBothKept() {
        visitor.change(n1, session -> {});
        Held one = visitor.hold(n1, session -> session.setAttribute("key1", "1"), session -> "saved");
        Held two = visitor.hold(n2, session -> session.setAttribute("key2", "2"), session -> "saved");

        assertThat(one.letGo().body()).isEqualTo("saved");
        assertThat(two.letGo().body()).isEqualTo("saved");

        for (EmbeddedNode node : List.of(n1, n2)) {
            assertThat(visitor.read(node, session -> session.getAttribute("key1") + " " + session.getAttribute("key2")))
                    .isEqualTo("1 2");
        }
    }

    /**
     * The same threads, and what no store can merge: the second of two nodes that counted from the same number is
     * refused.
     */
    @Test
    void countersThatTwoNodesIncreaseAtTheSameTimeLoseNoAcknowledgedStep() {
        visitor.change(n1, session -> session.setAttribute("counter", 0));
        Held one = visitor.hold(n1, PeersLostUpdatesIT::count, PeersLostUpdatesIT::counter);

        visitor.change(n2, PeersLostUpdatesIT::count);
        Answer refused = one.letGo();

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        visitor.change(n1, PeersLostUpdatesIT::count); // the client tries again
        assertThat(visitor.read(n2, PeersLostUpdatesIT::counter)).isEqualTo("2");
    }

    /** wildfly/wildfly#12327 (WFLY-12139): what the request does to a value after setAttribute was lost. */
    @Test
    void changeOfAValueAfterItWasSetInTheSameRequestIsKept() {
        visitor.change(n1, session -> {
            List<String> cart = new ArrayList<>();
            session.setAttribute("cart", cart);
            cart.add("tea");
        });
        visitor.change(n1, session -> {
            List<String> cart = new ArrayList<>(List.of("milk"));
            session.setAttribute("cart", cart);
            cart.add("bread");
        });

        assertThat(visitor.read(n2, PeersLostUpdatesIT::cart)).isEqualTo("[milk, bread]");
    }

    // ---- failover and back

    /**
     * magro/memcached-session-manager#153, cloudfoundry/gorouter#76: node 2 serves what it had before node 1 went on.
     */
    @Test
    void failoverFailbackAndFailoverAgainShowEveryChange() {
        visitor.change(n1, session -> add(session, "n1"));
        visitor.change(n2, session -> add(session, "n2"));
        Visitor late = visitor.copy();
        visitor.change(n1, session -> add(session, "n1 again"));

        assertThat(visitor.read(n2, PeersLostUpdatesIT::cart)).isEqualTo("[n1, n2, n1 again]");

        // A request that was under way all the time, with the cookies of then, reaches node 2 as the last one.
        Answer answer = late.send(n2, (request, response) -> add(request.getSession(), "late"));
        boolean kept = answer.status() == 200;
        assertThat(answer.status()).isIn(200, 503);
        assertThat(visitor.read(n1, PeersLostUpdatesIT::cart))
                .isEqualTo(kept ? "[n1, n2, n1 again, late]" : "[n1, n2, n1 again]");
    }

    // ---- what comes back, or stays, after its end

    /** tj/connect-redis#328: "always been a limitation"; a slow request saves after the logout. */
    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void sessionDoesNotComeBackWhenASlowRequestSavesAfterTheLogout(String whereTheUserLogsOut) {
        visitor.change(n1, session -> add(session, "tea"));
        Visitor before = visitor.copy();
        Held slow = visitor.hold(n1, session -> add(session, "milk"), session -> {
            try {
                session.setAttribute("late", "x");
                return "set";
            } catch (IllegalStateException ended) {
                return "ended";
            }
        });

        visitor.change(whereTheUserLogsOut.equals("n1") ? n1 : n2, HttpSession::invalidate);
        Answer answer = slow.letGo();

        assertThat(answer.body()).as("what the slow request is told").isNotEqualTo("set");
        assertThat(before.read(n1, PeersLostUpdatesIT::cart)).isEqualTo("no session");
        assertThat(before.read(n2, PeersLostUpdatesIT::cart)).isEqualTo("no session");
        assertThat(site.fields(before.id())).containsExactly(".t");
    }

    /**
     * jetty/jetty.project#3277 ("exactly as expected: each copy is independent"), #2907, #4646, #4895,
     * redisson/redisson#1432: a session that was ended on one node lived on in the memory of another.
     */
    @Test
    void logoutOnOneNodeReachesTheCopyOfAnotherNode() {
        visitor.change(n1, session -> add(session, "tea"));
        Visitor other = visitor.copy(); // whatever it sends, node 1 trusts its copy

        visitor.change(n2, HttpSession::invalidate);

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() ->
                        assertThat(other.read(n1, PeersLostUpdatesIT::cart)).isEqualTo("no session"));
        assertThat(other.withSessionIdOnly().read(n1, PeersLostUpdatesIT::cart)).isEqualTo("no session");
    }

    /**
     * spring-projects/spring-session#2021, #1111, #1114: a last access that was written late left half a session
     * behind, which was an error for ever after.
     */
    @Test
    void lateUseOfASessionThatIsGoneLeavesNoHalfSession() {
        visitor.change(n1, session -> add(session, "tea"));
        String id = visitor.id();
        long touches = touches();
        Held slow = visitor.hold(n1, session -> {}, session -> "read");
        site.redis.ask(jedis -> jedis.del(site.key(id)));
        site.redis.ask(jedis -> jedis.zrem(PeersSite.shard(id) + ":x", id));

        slow.letGo();
        visitor.read(n1, PeersLostUpdatesIT::cart);
        await().until(() -> touches() > touches
                || visitor.read(n1, PeersLostUpdatesIT::cart).equals("no session"));

        assertThat(site.fields(id)).isEmpty();
        assertThat(visitor.withSessionIdOnly().read(n1, PeersLostUpdatesIT::cart))
                .isEqualTo("no session");
        visitor.change(n2, session -> add(session, "anew"));
        assertThat(visitor.id()).isNotEqualTo(id);
    }

    private static long touches() {
        return n1.manager().coordinator().counters().all().get("touches");
    }

    private static final int TOLD_THAT_THE_SESSION_ENDED = 409;

    /** spring-projects/spring-session#1327, #1270: two requests change the id, "ERR no such key", 500. */
    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void twoRequestsThatChangeTheIdAtTheSameTimeAreNoError(String nodeOfTheSecond) {
        visitor.change(n1, session -> add(session, "tea"));
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        Sent one = beginChangeOfId(n1, first);
        Sent two = beginChangeOfId(nodeOfTheSecond.equals("n1") ? n1 : n2, second);

        first.countDown();
        assertThat(one.answer().status()).isEqualTo(200);
        String changedOnce = visitor.id();
        second.countDown();
        Answer answer = two.answer();

        if (nodeOfTheSecond.equals("n1")) {
            // One object, two changes: as with Tomcat's own sessions the last one counts.
            assertThat(answer.status()).isEqualTo(200);
            assertThat(visitor.id()).isNotEqualTo(changedOnce);
        } else {
            // Refused when it is to be saved; or its node has heard by then that the id is no more.
            assertThat(answer.status()).isIn(503, TOLD_THAT_THE_SESSION_ENDED);
            assertThat(visitor.id()).isEqualTo(changedOnce);
        }
        assertThat(visitor.read(n1, PeersLostUpdatesIT::cart)).isEqualTo("[tea]");
        assertThat(visitor.read(n2, PeersLostUpdatesIT::cart)).isEqualTo("[tea]");
    }

    private Sent beginChangeOfId(EmbeddedNode node, CountDownLatch go) {
        CountDownLatch inside = new CountDownLatch(1);
        Sent sent = visitor.begin(node, (request, response) -> {
            request.getSession();
            inside.countDown();
            Visitor.await(go);
            try {
                request.changeSessionId();
            } catch (IllegalStateException ended) {
                response.setStatus(TOLD_THAT_THE_SESSION_ENDED);
            }
        });
        Visitor.await(inside);
        return sent;
    }

    // ---- when the answer leaves

    /**
     * jetty/jetty.project#3936, #12339, expressjs/session#309, #360, spring-projects/spring-session#604: the redirect
     * arrives before the login is saved. Tomcat's own cluster answers before it has replicated, unless it is told
     * otherwise.
     */
    @Test
    void redirectAfterALoginWaitsForRedis() {
        visitor.change(n1, session -> add(session, "tea"));
        Sent login;
        site.redis.pause();
        try {
            CountDownLatch done = new CountDownLatch(1);
            login = visitor.begin(n1, (request, response) -> {
                request.getSession().setAttribute("user", "ada");
                response.sendRedirect("/home");
                done.countDown();
            });
            // The answer would be here within a millisecond or two.
            await().during(Duration.ofMillis(300)).atMost(Duration.ofSeconds(5)).until(() -> !login.isAnswered());
        } finally {
            site.redis.resume();
        }

        assertThat(login.answer().status()).isEqualTo(302);
        assertThat(visitor.read(n2, session -> session.getAttribute("user"))).isEqualTo("ada");
    }

    /**
     * magro/memcached-session-manager#357, #171, #237, #263, wildfly/wildfly#9581, #7506: locks of a request that hangs
     * make the others wait, run into time-outs, or stay.
     */
    @Test
    void requestThatHangsKeepsNobodyWaiting() {
        visitor.change(n1, session -> add(session, "tea"));
        Held hanging = visitor.hold(n1, PeersLostUpdatesIT::cart, session -> "done");

        visitor.change(n1, session -> add(session, "milk"));
        assertThat(visitor.read(n2, PeersLostUpdatesIT::cart)).isEqualTo("[tea, milk]");
        visitor.change(n2, session -> session.setAttribute("name", "x"));
        assertThat(visitor.read(n1, session -> session.getAttribute("name"))).isEqualTo("x");

        assertThat(hanging.letGo().body()).isEqualTo("done");
    }

    // ---- what the operator sees, and where reads go

    /** OpenLiberty/open-liberty#29615: writes fail, data is missing later, and nobody can say why. */
    @Test
    void changeThatIsNotKeptIsCountedAndNamedInTheLog() {
        try (EmbeddedNode n3 = site.node("n3", site.redis.uri());
                LogCapture log = new LogCapture("dev.holdfast")) {
            visitor.change(n3, session -> session.setAttribute("counter", 0));
            Held refused = visitor.hold(n3, PeersLostUpdatesIT::count, PeersLostUpdatesIT::counter);
            visitor.change(n2, PeersLostUpdatesIT::count);

            assertThat(refused.letGo().status()).isEqualTo(503);

            assertThat(n3.manager().coordinator().counters().all())
                    .containsEntry("refused", 1L)
                    .containsEntry("mismatches", 1L);
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("WARNING HF-202"))
                    .singleElement()
                    .asString()
                    .contains(
                            "Session " + visitor.id().substring(0, 4) + "…",
                            "\"counter\"",
                            "node n2",
                            "node n3",
                            "not kept")
                    .doesNotContain(visitor.id());
        }
    }

    /**
     * redisson/redisson#5617, #5618: a read from a replica that lags behind, "session not there" right after the login.
     */
    @Test
    void nodeThatAsksAReplicaRefusesAndLogsNobodyOut() {
        visitor.change(n1, session -> session.setAttribute("user", "ada"));
        String id = visitor.id();
        try (RedisProcess replica = RedisProcess.start(
                        "--replicaof", "127.0.0.1", Integer.toString(Ports.free())); // it never catches up
                EmbeddedNode n3 = site.node("n3", replica.uri())) {
            Answer answer = visitor.send(n3, PeersLostUpdatesIT::user);
            Answer created =
                    visitor.send(n3, (request, response) -> request.getSession().setAttribute("user", "nobody"));

            assertThat(Stream.of(answer, created).map(Answer::status)).containsExactly(503, 503);
            assertThat(Stream.of(answer, created)
                            .map(each -> each.all("Set-Cookie"))
                            .flatMap(List::stream)
                            .collect(Collectors.toList()))
                    .isEmpty();
        }
        assertThat(visitor.id()).isEqualTo(id);
        assertThat(visitor.read(n1, session -> session.getAttribute("user"))).isEqualTo("ada");
    }

    private static void user(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        response.getWriter().print(session == null ? "no session" : session.getAttribute("user"));
    }
}
