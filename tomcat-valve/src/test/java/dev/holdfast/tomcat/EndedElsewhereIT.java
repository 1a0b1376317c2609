package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Serializable;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.core.StandardContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A session that is ended on one node while a request on another is inside: invalid there, too, and its end is told
 * once.
 */
class EndedElsewhereIT {
    private static final List<String> TOLD = new CopyOnWriteArrayList<>();

    private static volatile CountDownLatch inside = new CountDownLatch(0);
    private static volatile CountDownLatch ended = new CountDownLatch(0);

    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(EndedElsewhereIT::node);

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    @BeforeEach
    void forget() {
        TOLD.clear();
        inside = new CountDownLatch(1);
        ended = new CountDownLatch(1);
    }

    private static EmbeddedNode node(String name, URI redis) {
        Map<String, String> settings = Map.of("holdfast.classes.allow", EndedElsewhereIT.class.getPackageName() + ".*");
        return new EmbeddedNode(name, redis, settings, context -> application(name, context));
    }

    /** Tells that it was unbound. */
    static final class Bound implements HttpSessionBindingListener, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            TOLD.add("unbound");
        }
    }

    private static void application(String node, Context context) {
        ((StandardContext) context).addApplicationLifecycleListener(new HttpSessionListener() {
            @Override
            public void sessionDestroyed(HttpSessionEvent event) {
                TOLD.add(node + " destroyed");
            }
        });
        Page.add(context, "/begin", (request, response) -> request.getSession().setAttribute("a", new Bound()));
        Page.add(context, "/end", (request, response) -> request.getSession().invalidate());
        Page.add(
                context,
                "/peek",
                (request, response) ->
                        response.getWriter().print(request.getSession(false) == null ? "none" : "session"));
        Page.add(context, "/wait", EndedElsewhereIT::waitInside);
    }

    /**
     * Reads, and with {@code write} changes, waits until the session has ended elsewhere, and tries everything then.
     */
    private static void waitInside(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        String id = session.getId();
        session.getAttribute("a");
        if (request.getParameter("write") != null) {
            session.setAttribute("b", "written");
        }
        inside.countDown();
        await(ended);
        // No call to Redis tells this request: its node has to hear of the end.
        org.awaitility.Awaitility.await()
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> isInvalid(() -> session.getAttribute("a")));
        PrintWriter out = response.getWriter();
        out.print(isInvalid(() -> session.setAttribute("a", "x")));
        out.print(isInvalid(() -> session.removeAttribute("a")));
        out.print(isInvalid(session::getAttributeNames));
        out.print(isInvalid(session::getCreationTime));
        out.print(isInvalid(session::getLastAccessedTime));
        out.print(isInvalid(session::isNew));
        out.print(isInvalid(session::invalidate));
        out.print(" " + session.getId().equals(id) + " " + request.isRequestedSessionIdValid() + " "
                + request.getSession(false));
        if (request.getParameter("new") != null) {
            HttpSession other = request.getSession();
            out.print(" " + other.isNew() + " " + other.getId().equals(id));
        }
    }

    private static boolean isInvalid(Runnable use) {
        try {
            use.run();
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What the request on node 1 got, during which the session was ended on node 2. */
    private static Answer answerOfTheRequestInside(Browser browser, String query) {
        browser.get(n1.uri("/begin"));
        Browser other = new Browser();
        other.cookies().putAll(browser.cookies());
        CompletableFuture<Answer> request = CompletableFuture.supplyAsync(() -> browser.get(n1.uri("/wait" + query)));
        await(inside);
        other.get(n2.uri("/end"));
        ended.countDown();
        return request.join();
    }

    private static final String ALL_INVALID = "truetruetruetruetruetruetrue true false null";

    @Test
    void requestThatOnlyReadFindsTheSessionInvalidAndItsEndIsToldOnce() {
        Browser browser = new Browser();

        Answer answer = answerOfTheRequestInside(browser, "");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(ALL_INVALID);
        assertThat(TOLD).containsExactly("n2 destroyed", "unbound");
        assertThat(browser.get(n1.uri("/peek")).body()).isEqualTo("none");
        assertThat(browser.get(n2.uri("/peek")).body()).isEqualTo("none");
        // No cookie keeps the browser at a node that is to be emptied.
        assertThat(browser.cookies()).containsOnlyKeys("JSESSIONID");
    }

    @Test
    void requestThatHadChangedItIsRefused() {
        Browser browser = new Browser();

        Answer answer = answerOfTheRequestInside(browser, "?write=x");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.body()).isEmpty();
        assertThat(TOLD).containsExactly("n2 destroyed", "unbound");
        assertThat(browser.get(n1.uri("/peek")).body()).isEqualTo("none");
    }

    @Test
    void requestMayBeginANewSessionInItsPlace() {
        Browser browser = new Browser();

        Answer answer = answerOfTheRequestInside(browser, "?new=x");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(ALL_INVALID + " true false");
        assertThat(browser.get(n2.uri("/peek")).body()).isEqualTo("session");
        assertThat(browser.get(n1.uri("/peek")).body()).isEqualTo("session");
    }

    /** Its node has refused it, and is the only one that can tell of the end. */
    @Test
    void logoutThatRedisHearsTooLateIsRefusedAndItsEndIsToldOnce() {
        Browser browser = new Browser();
        browser.get(n1.uri("/begin"));

        redis.pause();
        Answer answer;
        try {
            answer = browser.get(n1.uri("/end"));
        } finally {
            redis.resume();
        }

        assertThat(answer.status()).isEqualTo(503);
        // Its listeners are told one after the other.
        org.awaitility.Awaitility.await()
                .atMost(40, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(TOLD).containsExactly("n1 destroyed", "unbound"));
        assertThat(browser.get(n1.uri("/peek")).body()).isEqualTo("none");
        assertThat(browser.get(n2.uri("/peek")).body()).isEqualTo("none");
    }
}
