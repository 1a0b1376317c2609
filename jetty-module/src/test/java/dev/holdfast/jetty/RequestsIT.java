package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.request.RequestScope;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CartServlet;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpSessionActivationListener;
import jakarta.servlet.http.HttpSessionAttributeListener;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionIdListener;
import jakarta.servlet.http.HttpSessionListener;
import java.io.Serializable;
import java.net.URI;
import java.security.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.security.auth.Subject;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.ee10.servlet.security.ConstraintSecurityHandler;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.security.DefaultIdentityService;
import org.eclipse.jetty.security.UserIdentity;
import org.eclipse.jetty.security.UserPrincipal;
import org.eclipse.jetty.security.authentication.FormAuthenticator;
import org.eclipse.jetty.security.authentication.SessionAuthentication;
import org.eclipse.jetty.util.thread.AutoLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How requests to embedded Jettys are refused, and what listeners hear. */
class RequestsIT {
    private static final String LOGIN = SessionAuthentication.AUTHENTICATED_ATTRIBUTE;
    private static final List<String> EVENTS = new CopyOnWriteArrayList<>();

    @RegisterExtension
    static final TwoNodes<EmbeddedJetty> nodes = TwoNodes.start(RequestsIT::node);

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedJetty n1 = nodes.n1();
    private static final EmbeddedJetty n2 = nodes.n2();

    private final Browser browser = new Browser();

    /** Says what happens to it. */
    public static final class Told implements HttpSessionBindingListener, HttpSessionActivationListener, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public void valueBound(HttpSessionBindingEvent event) {
            EVENTS.add("bound " + event.getName());
        }

        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            EVENTS.add("unbound " + event.getName());
        }

        @Override
        public void sessionDidActivate(HttpSessionEvent event) {
            EVENTS.add("activated " + event.getSession().getId().length());
        }
    }

    private static final class Listener
            implements HttpSessionListener, HttpSessionIdListener, HttpSessionAttributeListener {
        private final String node;

        private Listener(String node) {
            this.node = node;
        }

        @Override
        public void sessionCreated(HttpSessionEvent event) {
            EVENTS.add(node + " created");
        }

        @Override
        public void sessionDestroyed(HttpSessionEvent event) {
            EVENTS.add(node + " destroyed with " + event.getSession().getAttribute("a"));
        }

        @Override
        public void attributeRemoved(HttpSessionBindingEvent event) {
            event.getSession().getAttribute(event.getName()); // as listeners do that log what there is now
        }

        @Override
        public void sessionIdChanged(HttpSessionEvent event, String oldId) {
            EVENTS.add(node + " changed " + oldId.equals(event.getSession().getId()));
            if (event.getSession().getAttribute("boom") != null) {
                throw new IllegalStateException("thrown by the listener");
            }
        }
    }

    private static EmbeddedJetty node(String name, URI redis) {
        return new EmbeddedJetty(
                name,
                redis,
                Map.of("holdfast.timeout", "2s", "holdfast.classes.allow", "dev.holdfast.jetty.*"),
                context -> shop(context, name));
    }

    private static void shop(ServletContextHandler context, String node) {
        context.addEventListener(new Listener(node));
        EmbeddedJetty.addServlet(context, "/cart", new CartServlet());
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
        Page.add(context, "/told", (request, response) -> request.getSession().setAttribute("a", new Told()));
        Page.add(
                context,
                "/half-way",
                (request, response) -> request.getSession()
                        .setAttribute(FormAuthenticator.__J_URI, HttpURI.from("http://localhost/shop/private")));
        ((ConstraintSecurityHandler) context.getSecurityHandler()).addKnownRole("user");
        Page.add(
                context,
                "/log-in-by-name",
                (request, response) -> request.getSession()
                        .setAttribute(LOGIN, new SessionAuthentication("OPENID", ofRolesByName(), null)));
        Page.add(context, "/roles", (request, response) -> {
            UserIdentity user = ((SessionAuthentication) request.getSession().getAttribute(LOGIN)).getUserIdentity();
            response.getWriter()
                    .print(user.getUserPrincipal().getName() + " " + user.isUserInRole("user") + " "
                            + user.isUserInRole("admin"));
        });
        Page.add(context, "/log-in", (request, response) -> request.getSession().setAttribute(LOGIN, ada()));
        Page.add(context, "/log-out", (request, response) -> {
            request.getSession().removeAttribute(LOGIN);
            response.getWriter().print(request.getSession().getAttribute(LOGIN) == null);
        });
        Page.add(context, "/short", (request, response) -> {
            request.getSession().setAttribute("a", "kept");
            // The grace is half of it, ten seconds: in each ten a node looks for what is idle, so its own is the first.
            request.getSession().setMaxInactiveInterval(20);
        });
        Page.add(
                context,
                "/read",
                (request, response) -> response.getWriter()
                        .print(String.valueOf(request.getSession().getAttribute("a") != null)));
        Page.add(context, "/ends-between-two-looks", (request, response) -> {
            HoldfastSession session = (HoldfastSession)
                    ServletContextRequest.getServletContextRequest(request).getSession(false);
            session.invalidate();
            AutoLock lock = session.lock();
            try {
                for (Runnable look : List.<Runnable>of(session::checkValidForRead, session::checkValidForWrite)) {
                    response.getWriter().println(catchThrowable(look::run).getMessage());
                }
            } finally {
                lock.close();
            }
        });
        Page.add(context, "/async-then-session", (request, response) -> {
            request.startAsync().setTimeout(0);
            request.getSession().getAttribute("a");
        });
        Page.add(context, "/late", (request, response) -> {
            request.getSession().getAttribute("a");
            response.getWriter().print("begun");
            response.flushBuffer();
            giveRights(
                    "-evalsha", "-eval"); // Redis says no: it is not away, and nothing may be acknowledged without it
            request.getSession().setAttribute("a", "late");
        });
        Page.add(context, "/session-on-own-thread", (request, response) -> {
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            new Thread(
                            () -> {
                                request.getSession().getAttribute("a");
                                async.complete();
                            },
                            "application-thread")
                    .start();
        });
    }

    /** As one of OpenID: another identity has the roles, and says so if it is asked. */
    private static UserIdentity ofRolesByName() {
        UserPrincipal eve = new UserPrincipal("eve", null);
        Subject subject = new Subject();
        subject.getPrincipals().add(eve);
        return new UserIdentity() {
            @Override
            public Subject getSubject() {
                return subject;
            }

            @Override
            public Principal getUserPrincipal() {
                return eve;
            }

            @Override
            public boolean isUserInRole(String role) {
                return role.equals("user");
            }
        };
    }

    private static SessionAuthentication ada() {
        UserPrincipal ada = new UserPrincipal("ada", null);
        Subject subject = new Subject();
        subject.getPrincipals().add(ada);
        UserIdentity identity = new DefaultIdentityService().newUserIdentity(subject, ada, new String[0]);
        return new SessionAuthentication("FORM", identity, null);
    }

    private static void awaitOpen(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- cookies

    /** Jetty's own default for the session cookie is without it. */
    @Test
    void scriptsSeeNeitherRouteNorEpochWhereTheyMaySeeTheSession() {
        Answer created = browser.get(n1, "/shop/cart?do=set&name=a&value=1");
        Answer ended = browser.get(n1, "/shop/cart?do=invalidate");

        assertThat(created.all("set-cookie"))
                .filteredOn(cookie -> !cookie.contains("HttpOnly"))
                .singleElement()
                .asString()
                .startsWith("JSESSIONID=");
        assertThat(ended.all("set-cookie"))
                .filteredOn(cookie -> cookie.startsWith("HF"))
                .hasSize(2)
                .allMatch(cookie -> cookie.contains("HttpOnly"));
    }

    // ---- refusals

    /**
     * A servlet failed on the refusal after startAsync: Jetty waited for the asynchronous request, and the browser with
     * it.
     */
    @Test
    void refusalAfterStartAsyncIsAnsweredAtOnce() {
        assertRefused("/shop/async-then-session");
    }

    @Test
    void refusalOnAThreadOfTheApplicationsOwnIsAnsweredAtOnce() {
        assertRefused("/shop/session-on-own-thread");
    }

    private void assertRefused(String path) {
        browser.get(n1, "/shop/cart?do=add&item=a");
        String id = browser.sessionId();

        redis.pause();
        Answer refused;
        try {
            refused = browser.get(n2, path); // gives up after half a minute
        } finally {
            redis.resume();
        }

        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(refused.all("Set-Cookie")).isEmpty();
        assertThat(browser.sessionId()).isEqualTo(id);
        // The node has taken Redis for away, and looks for it twice a second.
        await().atMost(Duration.ofSeconds(20))
                .until(() -> browser.get(n2, "/shop/cart?do=peek").status() == 200);
        assertThat(browser.get(n2, "/shop/cart?do=peek").body()).isEqualTo("old items=[a]");
    }

    private static void giveRights(String... rights) {
        redis.ask(jedis -> {
            jedis.aclSetUser("default", rights);
            return jedis.aclSetUser(MinimalUser.documented().name(), rights);
        });
    }

    /**
     * Jetty ended the answer with the connection, as the client had asked: it looked whole, and the change was not in
     * it.
     */
    @Test
    void answerWhoseLateChangeIsRefusedDoesNotLookWhole() {
        browser.get(n1, "/shop/cart?do=set&name=a&value=1");

        Answer refused;
        try {
            refused = browser.get(n1, "/shop/late"); // it asks to close the connection
        } finally {
            giveRights("+evalsha", "+eval");
        }

        assertThat(refused.status()).isEqualTo(200);
        assertThat(refused.body()).isEqualTo("begun");
        assertThat(refused.complete()).isFalse();
    }

    @Test
    void staleSessionCookieBesideTheGoodOneIsNoError() {
        browser.get(n1, "/shop/cart?do=add&item=a");
        String good = browser.sessionId();
        Browser other = new Browser();
        other.get(n1, "/shop/cart?do=add&item=b");

        Answer answer = new Browser()
                .request(n2, "GET", "/shop/cart?do=peek")
                .header("Cookie", "JSESSIONID=00" + "0".repeat(32) + "; JSESSIONID=" + good)
                .send();

        assertThat(answer.body()).isEqualTo("old items=[a]");
        Answer first = new Browser()
                .request(n2, "GET", "/shop/cart?do=peek")
                .header("Cookie", "JSESSIONID=" + good + "; JSESSIONID=" + other.sessionId())
                .send();
        assertThat(first.body()).isEqualTo("old items=[a]");
    }

    /** Jetty's own messages have it, and whoever does not expect them lets the container log them. */
    @Test
    void noMessageHasTheWholeIdOfASessionThatHasEnded() {
        browser.get(n1, "/shop/cart?do=add&item=a");
        String id = browser.sessionId();

        assertThat(browser.get(n1, "/shop/ends-between-two-looks").body().lines())
                .hasSize(2)
                .allMatch(line -> line.matches(
                        "(read|write): Session " + id.substring(0, 4) + "(…|\\?) has already been invalidated"));
    }

    // ---- listeners

    private List<String> heard(HttpNode node, String path) {
        EVENTS.clear();
        browser.get(node, path);
        return new ArrayList<>(EVENTS);
    }

    @Test
    void listenersHearWhatHappensWhereItHappens() {
        assertThat(heard(n1, "/shop/told")).containsExactly("n1 created", "bound a");
        assertThat(heard(n1, "/shop/read")).isEmpty();
        assertThat(heard(n2, "/shop/plain")).isEmpty();
        assertThat(heard(n2, "/shop/read")).containsExactly("activated 34");
        assertThat(heard(n2, "/shop/read")).isEmpty();
        assertThat(heard(n2, "/shop/cart?do=rotate")).containsExactly("n2 changed false");
        assertThat(heard(n1, "/shop/cart?do=invalidate"))
                .hasSize(3)
                .startsWith("activated 34")
                .element(1, InstanceOfAssertFactories.STRING)
                .startsWith("n1 destroyed with ");
    }

    /**
     * What Jetty took out of the session came back when a listener looked at it, and the end of the session never
     * ended.
     */
    @Test
    void sessionWithALoginHalfWayEndsUnderListenersThatLookAtIt() {
        browser.get(n1, "/shop/half-way");

        assertThat(browser.get(n1, "/shop/cart?do=invalidate").body()).isEqualTo("ended");

        assertThat(browser.get(n1, "/shop/half-way").status()).isEqualTo(200);
        assertThat(browser.get(n2, "/shop/cart?do=invalidate").body()).isEqualTo("ended");
    }

    /** A listener that looked at the user who was being logged out logged him in again. */
    @Test
    void logoutIsOneUnderListenersThatLookAtTheUser() {
        browser.get(n1, "/shop/log-in");

        assertThat(browser.get(n1, "/shop/log-out").body()).isEqualTo("true");
        assertThat(browser.get(n2, "/shop/log-out").body()).isEqualTo("true");

        browser.get(n2, "/shop/log-in");
        assertThat(browser.get(n1, "/shop/log-out").body()).isEqualTo("true");
    }

    /** The user was known at the next node, and had no role there. */
    @Test
    void rolesThatCanOnlyBeAskedForGoAlong() {
        browser.get(n1, "/shop/log-in-by-name");

        assertThat(browser.get(n2, "/shop/roles").body()).isEqualTo("eve true false");
    }

    /** The browser never heard of the new id, and had no session any more. */
    @Test
    void changedIdReachesTheBrowserThoughAListenerThrows() {
        browser.get(n1, "/shop/cart?do=set&name=boom&value=1");
        String old = browser.sessionId();

        assertThat(browser.get(n1, "/shop/cart?do=rotate").status()).isEqualTo(200);

        assertThat(browser.sessionId()).isNotEqualTo(old);
        assertThat(browser.get(n2, "/shop/cart?do=peek").body()).isEqualTo("old boom=1");
    }

    /** Its answer was lost with the connection. */
    @Test
    void requestThatIsInsideWhenItsApplicationStopsIsAnswered() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (EmbeddedJetty leaving = new EmbeddedJetty(
                "n3",
                redis.uri(),
                Map.of("holdfast.timeout", "2s", "holdfast.classes.allow", "dev.holdfast.jetty.*"),
                context -> Page.add(context, "/inside", (request, response) -> {
                    inside.countDown();
                    awaitOpen(stopped);
                    response.getWriter().print("done");
                }))) {
            CompletableFuture<Answer> answer =
                    CompletableFuture.supplyAsync(() -> browser.get(leaving, "/shop/inside"));
            inside.await();

            leaving.shop().stop();
            stopped.countDown();

            assertThat(answer.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
        }
    }

    /** Its scope, and with it the class loader, stayed on the thread for ever: each later request put it back. */
    @Test
    void nothingOfAnApplicationThatHasStoppedStaysOnAThread() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        CompletableFuture<Thread> worker = new CompletableFuture<>();
        try (EmbeddedJetty leaving = new EmbeddedJetty(
                "n3",
                redis.uri(),
                Map.of("holdfast.timeout", "2s", "holdfast.classes.allow", "dev.holdfast.jetty.*"),
                context -> Page.add(context, "/inside", (request, response) -> {
                    worker.complete(Thread.currentThread());
                    inside.countDown();
                    awaitOpen(stopped);
                }))) {
            CompletableFuture<Answer> answer =
                    CompletableFuture.supplyAsync(() -> browser.get(leaving, "/shop/inside"));
            inside.await();
            leaving.shop().stop();
            stopped.countDown();
            answer.get(20, TimeUnit.SECONDS);

            // Whatever else it does: it is the same thread that looks.
            CompletableFuture<Boolean> left = new CompletableFuture<>();
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                leaving.shop().getServer().getThreadPool().execute(() -> {
                    if (Thread.currentThread() == worker.join()) {
                        left.complete(RequestScope.current() == null);
                    }
                });
                return left.isDone();
            });
            assertThat(left.join()).as("nothing is left").isTrue();
        }
    }

    @Test
    void idleSessionEndsOnceWithItsAttributesReadable() {
        EVENTS.clear();
        assertThat(browser.get(n1, "/shop/short").status()).isEqualTo(200);

        await().atMost(Duration.ofSeconds(90))
                .untilAsserted(() -> assertThat(EVENTS).contains("n1 destroyed with kept"));

        assertThat(EVENTS).containsExactly("n1 created", "n1 destroyed with kept");
        assertThat(browser.get(n2, "/shop/cart?do=peek").body()).isEqualTo("none");
        assertThat(browser.get(n1, "/shop/cart?do=peek").body()).isEqualTo("none");
        assertThat(EVENTS).hasSize(2);
    }
}
