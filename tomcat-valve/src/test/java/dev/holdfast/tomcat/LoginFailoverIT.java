package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.ForgedLogins;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TwoNodes;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.Principal;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.apache.catalina.authenticator.AuthenticatorBase;
import org.apache.catalina.authenticator.BasicAuthenticator;
import org.apache.catalina.authenticator.FormAuthenticator;
import org.apache.tomcat.util.descriptor.web.LoginConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who is logged in stays logged in, also half-way, when another node goes on; and is never logged out because Redis is
 * away.
 */
class LoginFailoverIT {
    @RegisterExtension
    static final TwoNodes<EmbeddedNode> nodes = TwoNodes.start(
            RedisProcess.start("--appendonly", "yes", "--appendfsync", "always"),
            (name, redis) -> node(name, redis, "FORM"));

    private static final RedisProcess redis = nodes.redis();
    private static final EmbeddedNode n1 = nodes.n1();
    private static final EmbeddedNode n2 = nodes.n2();

    private static EmbeddedNode node(String name, URI redis, String method) throws IOException {
        return node(name, redis, method, "5s");
    }

    private static EmbeddedNode node(String name, URI redis, String method, String timeout) throws IOException {
        EmbeddedNode node = new EmbeddedNode(
                name,
                redis,
                Map.of("holdfast.app", "shop-" + method, "holdfast.timeout", timeout),
                context -> shop(context, method));
        Files.writeString(node.docBase().resolve("style.css"), "body {}");
        return node;
    }

    // ---- the application

    private static void shop(Context context, String method) {
        AuthenticatorBase authenticator = method.equals("FORM") ? new FormAuthenticator() : new BasicAuthenticator();
        LoginConfig login = new LoginConfig(method, "shop", "/login", "/login-failed");
        new OneUser("ada", "buyer").guard(context, "/guarded/*", login, authenticator);
        context.addWelcomeFile("index.html");

        Page.addFiles(context);
        Page.add(context, "/login", (request, response) -> response.getWriter().print("please log in"));
        Page.add(
                context,
                "/login-failed",
                (request, response) -> response.getWriter().print("wrong password"));
        Page.add(context, "/guarded/order", LoginFailoverIT::order);
        Page.add(context, "/plain", (request, response) -> response.getWriter().print("plain"));
        Page.add(context, "/who", (request, response) -> response.getWriter().print(who(request)));
        Page.add(context, "/session-then-who", (request, response) -> {
            HttpSession session = request.getSession(false);
            response.getWriter().print(session.getAttribute("cart") + " of " + who(request));
        });
        Page.add(context, "/cart", (request, response) -> cart(request, response));
        Page.show(context, "/peek", session -> "cart=" + session.getAttribute("cart"));
        Page.add(context, "/enter", (request, response) -> {
            request.login("ada", "secret");
            response.getWriter().print(who(request));
        });
        Page.add(context, "/leave", (request, response) -> {
            request.logout();
            response.getWriter().print(who(request));
        });
    }

    private static void order(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String item = request.getParameter("item");
        response.getWriter().print(request.getMethod() + " order of " + request.getRemoteUser() + ": " + item);
    }

    private static void cart(HttpServletRequest request, HttpServletResponse response) throws IOException {
        request.getSession().setAttribute("cart", request.getParameter("item"));
        response.getWriter().print("cart=" + request.getParameter("item"));
    }

    private static String who(HttpServletRequest request) {
        Principal principal = request.getUserPrincipal();
        return request.getRemoteUser() + ", principal " + (principal == null ? null : principal.getName())
                + ", buyer " + request.isUserInRole("buyer") + ", seller " + request.isUserInRole("seller") + ", by "
                + request.getAuthType();
    }

    private static final String ADA_BY_FORM = "ada, principal ada, buyer true, seller false, by FORM";
    private static final String NOBODY = "null, principal null, buyer false, seller false, by null";

    // ---- the browser

    private static Answer post(Browser browser, URI uri, String form) {
        return browser.request(uri, "POST").form(form).send();
    }

    private static Browser loggedInBy(EmbeddedNode node) {
        Browser browser = new Browser();
        assertThat(browser.get(node.uri("/cart?item=tea")).body()).isEqualTo("cart=tea");
        assertThat(browser.get(node.uri("/guarded/order?item=a")).body()).isEqualTo("please log in");
        Answer answer = post(browser, node.uri("/j_security_check"), "j_username=ada&j_password=secret");
        assertThat(answer.status()).isIn(302, 303);
        assertThat(browser.get(node.uri("/guarded/order?item=a")).body()).isEqualTo("GET order of ada: a");
        return browser;
    }

    private static List<MonitoredCommand> commands(Browser browser, Runnable requests) {
        String id = browser.cookies().get("JSESSIONID");
        return MonitoredCommand.of(redis.monitor(requests)).stream()
                .filter(command -> command.isOf(id) && command.isOfRequest())
                .toList();
    }

    // ---- failover of a user who is logged in

    @Test
    void publicPageKnowsTheUserOnTheOtherNode() {
        Browser browser = loggedInBy(n1);

        assertThat(browser.get(n2.uri("/who")).body()).isEqualTo(ADA_BY_FORM);
        assertThat(browser.get(n2.uri("/who")).body()).isEqualTo(ADA_BY_FORM);
        assertThat(browser.get(n1.uri("/who")).body()).isEqualTo(ADA_BY_FORM);
        assertThat(browser.get(n1.uri("/peek")).body()).isEqualTo("cart=tea");
    }

    @Test
    void guardedPageIsNoLoginPageOnTheOtherNode() {
        Browser browser = loggedInBy(n1);

        Answer answer = browser.get(n2.uri("/guarded/order?item=b"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("GET order of ada: b");
    }

    @Test
    void staticFileOnTheOtherNodeNeedsNoCommand() {
        Browser browser = loggedInBy(n1);

        List<MonitoredCommand> commands = commands(
                browser,
                () -> assertThat(browser.get(n2.uri("/style.css")).body()).isEqualTo("body {}"));

        assertThat(commands).isEmpty();
    }

    @Test
    void sessionIdChangesAtLoginAndTheOldOneIsDeadOnBothNodes() {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?item=tea"));
        browser.get(n2.uri("/peek")); // both have it
        String before = browser.cookies().get("JSESSIONID");
        browser.get(n1.uri("/guarded/order?item=a"));
        String atLoginPage = browser.cookies().get("JSESSIONID");
        post(browser, n1.uri("/j_security_check"), "j_username=ada&j_password=secret");
        browser.get(n1.uri("/guarded/order?item=a"));

        String after = browser.cookies().get("JSESSIONID");
        assertThat(after).isNotEqualTo(before).isNotEqualTo(atLoginPage);
        for (String old : List.of(before, atLoginPage)) {
            Browser thief = new Browser();
            thief.cookies().put("JSESSIONID", old);
            assertThat(thief.get(n1.uri("/peek")).body()).isEqualTo("none");
            assertThat(thief.get(n2.uri("/peek")).body()).isEqualTo("none");
        }
        assertThat(browser.get(n2.uri("/peek")).body()).isEqualTo("cart=tea");
    }

    // ---- failover in the middle of a login

    @Test
    void loginBegunOnOneNodeEndsOnTheOtherAndTheSavedPostIsDone() {
        Browser browser = new Browser();
        Answer page = post(browser, n1.uri("/guarded/order"), "item=book&amount=2");
        assertThat(page.body()).isEqualTo("please log in");

        Answer check = post(browser, n2.uri("/j_security_check"), "j_username=ada&j_password=secret");
        assertThat(check.status()).isIn(302, 303);
        assertThat(check.header("Location")).endsWith("/shop/guarded/order");
        Answer answer = browser.get(n1.uri("/guarded/order"));

        assertThat(answer.body()).isEqualTo("POST order of ada: book");
        assertThat(browser.get(n2.uri("/who")).body()).isEqualTo(ADA_BY_FORM);
    }

    @Test
    void wrongPasswordOnTheOtherNodeLogsNobodyInAndTheRightOneThenDoes() {
        Browser browser = new Browser();
        post(browser, n1.uri("/guarded/order"), "item=book");

        assertThat(post(browser, n2.uri("/j_security_check"), "j_username=ada&j_password=guess")
                        .body())
                .isEqualTo("wrong password");
        assertThat(browser.get(n1.uri("/who")).body()).isEqualTo(NOBODY);
        assertThat(post(browser, n1.uri("/j_security_check"), "j_username=ada&j_password=secret")
                        .status())
                .isIn(302, 303);

        assertThat(browser.get(n2.uri("/guarded/order")).body()).isEqualTo("POST order of ada: book");
    }

    // ---- logins that Tomcat's own classes do not take

    static Stream<Object> forged() {
        return ForgedLogins.values().stream();
    }

    /** Was a 500 at each request that came near the login. */
    @ParameterizedTest
    @MethodSource("forged")
    void savedRequestThatTomcatDoesNotTakeIsNoneAndTheLoginGoesOn(Object forged) throws Exception {
        Browser browser = new Browser();
        post(browser, n1.uri("/guarded/order"), "item=book");
        ForgedLogins.put(redis, "shop-FORM", browser.cookies().get("JSESSIONID"), "savedRequest", stored(forged));

        Answer check = post(browser, n2.uri("/j_security_check"), "j_username=ada&j_password=secret");

        // Tomcat's own answer where it does not know where to go on.
        assertThat(check.status()).isEqualTo(400);
        assertThat(browser.get(n2.uri("/who")).body()).isEqualTo(ADA_BY_FORM);
        assertThat(browser.get(n1.uri("/guarded/order")).body()).isEqualTo("GET order of ada: null");
    }

    static Stream<Arguments> forgedFields() {
        return Stream.of("principal", "authType", "expectedId", "savedRequest")
                .flatMap(field -> ForgedLogins.values().stream()
                        .filter(value -> !(value instanceof List) || !field.equals("principal"))
                        .filter(value -> !(value instanceof String) || !field.matches("authType|expectedId"))
                        .map(value -> Arguments.of(field, value)));
    }

    @ParameterizedTest
    @MethodSource("forgedFields")
    void whatIsNoLoginIsNoReasonToRefuseAPageAndIsKept(String field, Object forged) throws Exception {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?item=tea"));
        String id = browser.cookies().get("JSESSIONID");
        ForgedLogins.put(redis, "shop-FORM", id, field, stored(forged));

        assertThat(browser.get(n2.uri("/who")).body()).isEqualTo(NOBODY);
        assertThat(browser.get(n2.uri("/cart?item=coffee")).body()).isEqualTo("cart=coffee");
        assertThat(ForgedLogins.isStill(redis, "shop-FORM", id, field, stored(forged)))
                .isTrue();
        assertThat(browser.get(n2.uri("/guarded/order")).body()).isEqualTo("please log in");
        assertThat(browser.get(n1.uri("/peek")).body()).isEqualTo("cart=coffee");
    }

    /** As the product stores it. */
    private static byte[] stored(Object value) throws UnencodableAttributeException {
        ClassPolicy nothingButTheJdk = ClassPolicy.strict(ClassPatterns.NONE, name -> false);
        return new KryoCodec(LoginFailoverIT.class.getClassLoader(), nothingButTheJdk, line -> {})
                .encode("forged", value);
    }

    // ---- other ways to log in

    @Test
    void programmaticLoginIsKnownOnTheOtherNodeAndSoIsTheLogout() {
        Browser browser = new Browser();
        browser.get(n1.uri("/cart?item=tea"));
        String before = browser.cookies().get("JSESSIONID");

        assertThat(browser.get(n1.uri("/enter")).body()).startsWith("ada, principal ada, buyer true");
        assertThat(browser.cookies().get("JSESSIONID")).isNotEqualTo(before);
        assertThat(browser.get(n2.uri("/who")).body()).startsWith("ada, principal ada, buyer true");
        assertThat(browser.get(n2.uri("/leave")).body()).isEqualTo(NOBODY);

        assertThat(browser.get(n1.uri("/who")).body()).isEqualTo(NOBODY);
        assertThat(browser.get(n1.uri("/guarded/order?item=a")).body()).isEqualTo("please log in");
        assertThat(browser.get(n2.uri("/peek")).body()).isEqualTo("cart=tea");
    }

    @Test
    void basicLoginStaysWithTheSession() throws IOException {
        try (EmbeddedNode b1 = node("n1", redis.uri(), "BASIC");
                EmbeddedNode b2 = node("n2", redis.uri(), "BASIC")) {
            Browser browser = new Browser();
            browser.get(b1.uri("/cart?item=tea"));
            assertThat(browser.get(b1.uri("/guarded/order?item=a")).status()).isEqualTo(401);
            String credentials = Base64.getEncoder().encodeToString("ada:secret".getBytes(StandardCharsets.UTF_8));
            assertThat(browser.request(b1.uri("/guarded/order?item=a"), "GET")
                            .header("Authorization", "Basic " + credentials)
                            .send()
                            .body())
                    .isEqualTo("GET order of ada: a");

            assertThat(browser.get(b2.uri("/who")).body())
                    .isEqualTo("ada, principal ada, buyer true, seller false, by BASIC");
            assertThat(browser.get(b2.uri("/guarded/order?item=b")).body()).isEqualTo("GET order of ada: b");
            assertThat(browser.get(b1.uri("/peek")).body()).isEqualTo("cart=tea");
        }
    }

    /** Whoever asked for the session first was told that nobody is logged in. */
    @Test
    void pageThatAsksForTheSessionFirstKnowsTheUserOnTheOtherNode() throws IOException {
        try (EmbeddedNode b1 = node("n1", redis.uri(), "BASIC");
                EmbeddedNode b2 = node("n2", redis.uri(), "BASIC")) {
            Browser browser = new Browser();
            browser.get(b1.uri("/cart?item=tea"));
            browser.get(b1.uri("/enter"));

            String answer = browser.get(b2.uri("/session-then-who")).body();

            assertThat(answer).startsWith("tea of ada, principal ada, buyer true");
        }
    }

    // ---- Redis is away

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutRedisNobodyIsLoggedOutAndWhatNeedsNoSessionGoesOn(boolean killed) throws IOException {
        try (EmbeddedNode n3 = node("n3", redis.uri(), "FORM", "250ms")) {
            withoutRedis(n3, killed);
        }
    }

    private static void withoutRedis(EmbeddedNode node, boolean killed) {
        Browser browser = loggedInBy(n1);
        assertThat(new Browser().get(node.uri("/cart?item=warm")).status()).isIn(200, 503);
        String id = browser.cookies().get("JSESSIONID");
        if (killed) {
            redis.kill();
        } else {
            redis.pause();
        }
        try {
            refused(browser.get(node.uri("/guarded/order?item=b")));
            refused(browser.get(node.uri("/peek")));
            refused(browser.get(node.uri("/cart?item=coffee")));
            refused(browser.get(node.uri("/who")));
            assertThat(browser.get(node.uri("/plain")).body()).isEqualTo("plain");
            assertThat(browser.get(node.uri("/style.css")).body()).isEqualTo("body {}");
            assertThat(new Browser().get(node.uri("/peek")).body()).isEqualTo("none");
            assertThat(new Browser().get(node.uri("/who")).body()).isEqualTo(NOBODY);

            long start = System.nanoTime();
            refused(browser.get(node.uri("/peek")));
            // The deadline is 250 ms; the rest is what a busy machine may take.
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(1_500));
        } finally {
            if (killed) {
                redis.restart();
            } else {
                redis.resume();
            }
        }

        assertThat(browser.cookies().get("JSESSIONID")).isEqualTo(id);
        await().untilAsserted(() -> assertThat(
                        browser.get(node.uri("/guarded/order?item=b")).body())
                .isEqualTo("GET order of ada: b"));
        assertThat(browser.get(n2.uri("/peek")).body()).isEqualTo("cart=tea");
        assertThat(browser.get(n2.uri("/who")).body()).isEqualTo(ADA_BY_FORM);
    }

    private static void refused(Answer response) {
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("Retry-After")).isEqualTo("1");
        assertThat(response.body()).isEmpty();
        assertThat(response.all("Set-Cookie")).isEmpty();
    }
}
