package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.Httpd;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A Tomcat (n1) and a Jetty (n2) with {@code affinity=suffix} behind the httpd of docs/affinity.md, which finds the
 * route in the session id.
 */
@ExtendWith(LogScan.class)
class SuffixAffinityIT {
    private static final String ID = "[0-9a-f]{34}";

    private static RedisProcess redis;
    private static ContainerProcess tomcat;
    private static ContainerProcess jetty;
    private static Httpd httpd;
    private static HttpNode site;
    private static int values;

    private final Browser browser = new Browser();

    @BeforeAll
    static void start() {
        Httpd.requireInstalled();
        redis = RedisProcess.start();
        tomcat = TomcatProcess.node(TomcatDistribution.TOMCAT_11, "n1")
                .library(CommitWays.jarOf("tomcat-valve"))
                .application(CommitWays.APP, CommitWays.application())
                .property("holdfast.node", "n1")
                .property("holdfast.affinity", "suffix")
                .property("holdfast.redis", redis.uri().toString())
                .property("holdfast.timeout", "5s")
                .withoutAccessLog()
                .prepare();
        jetty = JettyProcess.node("n2")
                .application(CommitWays.APP, CommitWays.application(), "ee10")
                .property("holdfast.node", "n2")
                .property("holdfast.affinity", "suffix")
                .property("holdfast.redis", redis.uri().toString())
                .property("holdfast.timeout", "5s")
                .prepare();
        tomcat.launch();
        jetty.launch();
        tomcat.awaitAnswer();
        jetty.awaitAnswer();
        httpd = Httpd.bySessionId(tomcat.address().getPort(), jetty.address().getPort());
        site = HttpNode.at("httpd", httpd.port());
    }

    @AfterAll
    static void stop() throws Exception {
        // None of them is there where httpd is not installed.
        for (AutoCloseable each : Arrays.asList(httpd, jetty, tomcat, redis)) {
            if (each != null) {
                each.close();
            }
        }
    }

    @BeforeEach
    void bothLive() {
        for (ContainerProcess node : List.of(tomcat, jetty)) {
            if (!node.isAlive()) {
                node.restart();
            }
        }
    }

    /** A balancer that has met a dead node leaves it alone for a while. */
    private static void awaitBalanced() {
        for (String route : List.of("n1", "n2")) {
            Browser probe = new Browser();
            probe.cookies().put("JSESSIONID", "0".repeat(34) + "." + route);
            Awaitility.await("httpd sends to " + route)
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> probe.get(site, "/ways/ways/who").body().startsWith(route + " none "));
        }
    }

    private static ContainerProcess node(String route) {
        return route.equals("n1") ? tomcat : jetty;
    }

    private static String other(String route) {
        return route.equals("n1") ? "n2" : "n1";
    }

    // ---- by cookie

    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void balancerFollowsTheSessionCookieAndTheOtherContainerTakesOver(String route) {
        awaitBalanced();
        String value = change(node(route), browser);
        String id = id(browser);
        assertThat(browser.cookies()).containsEntry("JSESSIONID", id + "." + route);
        assertThat(browser.cookies()).containsOnlyKeys("JSESSIONID", "HFEPOCH");
        for (int i = 0; i < 6; i++) {
            Answer again = browser.get(site, "/ways/ways/who");
            assertThat(again.body()).isEqualTo(route + " " + id + " " + value);
            assertThat(again.all("set-cookie")).isEmpty();
        }

        node(route).kill();

        Answer taken = browser.get(site, "/ways/ways/who");
        assertThat(taken.body()).isEqualTo(other(route) + " " + id + " " + value);
        assertThat(browser.cookies()).containsEntry("JSESSIONID", id + "." + other(route));
        assertThat(taken.all("set-cookie"))
                .filteredOn(cookie -> cookie.startsWith("JSESSIONID="))
                .singleElement()
                .asString()
                .contains("Path=/ways")
                .doesNotContain(".holdfast");
        node(route).restart();
        for (int i = 0; i < 6; i++) {
            assertThat(browser.get(site, "/ways/ways/who").body()).isEqualTo(other(route) + " " + id + " " + value);
        }
    }

    /** The second read at the new node brings the new epoch back, and from then on its copy is trusted. */
    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void readsOfASessionThatWasTakenOverAreServedFromMemory(String route) {
        change(node(other(route)), browser);
        browser.get(node(route), "/ways/ways/who");
        browser.get(node(route), "/ways/ways/who");

        List<String> commands = redis.monitor(() -> {
            for (int i = 0; i < 5; i++) {
                browser.get(node(route), "/ways/ways/who");
            }
        });

        assertThat(commands)
                .filteredOn(line -> !line.contains(":nodes}")) // a node says every ten seconds that it is there
                .noneMatch(line -> line.contains("HGETALL"));
    }

    @ParameterizedTest
    @CsvSource({"n1, ''", "n2, ''", "n1, .n3", "n2, .n3", "n1, .a.b~c", "n2, .a.b~c"})
    void anyFormOfTheCookieFindsTheSession(String route, String suffix) {
        String value = change(node(route), browser);
        String id = id(browser);
        browser.cookies().put("JSESSIONID", id + suffix);

        Answer answer = browser.get(node(route), "/ways/ways/who");

        assertThat(answer.body()).isEqualTo(route + " " + id + " " + value);
        assertThat(browser.cookies()).containsEntry("JSESSIONID", id + "." + route);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void idThatAClientChoseIsNotTaken(String route) {
        String chosen = "0a" + "0123456789abcdef".repeat(2);
        browser.cookies().put("JSESSIONID", chosen + "." + route);

        change(node(route), browser);

        assertThat(browser.cookies().get("JSESSIONID"))
                .matches(ID + "\\." + route)
                .doesNotContain(chosen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void changedIdHasTheRouteInTheCookieAndNotInTheSession(String route) {
        change(node(route), browser);
        String before = id(browser);

        browser.request(node(route), "GET", "/ways/ways/change-id")
                .header("X-Value", nextValue())
                .send();

        assertThat(browser.cookies().get("JSESSIONID"))
                .matches(ID + "\\." + route)
                .doesNotContain(before);
        assertThat(browser.get(node(route), "/ways/ways/who").body()).startsWith(route + " " + id(browser) + " ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void endOfTheSessionTakesTheRouteOutOfTheBrowser(String route) {
        change(node(route), browser);

        Answer ended = browser.get(node(route), "/ways/ways/invalidate");

        assertThat(browser.cookies()).isEmpty();
        assertThat(ended.all("set-cookie"))
                .filteredOn(cookie -> cookie.startsWith("JSESSIONID="))
                .singleElement()
                .asString()
                .startsWith("JSESSIONID=;")
                .contains("Path=/ways");
    }

    /** Tomcat compares the id of the session with what the request came with, and ends the session if they differ. */
    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void loginThatIsHalfWayGoesOnAtTheOtherContainer(String route) {
        browser.request(node(route), "POST", "/ways/ways/private")
                .header("X-Value", nextValue())
                .form("item=tea")
                .send();
        browser.get(node(route), "/ways/ways/who");

        Answer login = logIn(node(other(route)));

        assertThat(login.status()).isIn(302, 303);
        assertThat(privatePage(node(other(route)))).contains(" by ada with ");
        assertThat(privatePage(node(route))).contains(" by ada with ");
        assertThat(browser.cookies().get("JSESSIONID")).matches(ID + "\\." + route);
    }

    // ---- by URL

    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void balancerFollowsTheUrlOfABrowserWithoutCookies(String route) {
        awaitBalanced();
        Browser without = Browser.withoutCookies();
        String value = nextValue();
        String link = without.request(node(route), "GET", "/ways/ways/link")
                .header("X-Value", value)
                .send()
                .body();
        assertThat(link).matches("/ways/ways/who;jsessionid=" + ID + "\\." + route);
        String id = link.replaceFirst(".*=", "").replaceFirst("\\..*", "");
        for (int i = 0; i < 6; i++) {
            assertThat(without.get(site, link).body()).isEqualTo(route + " " + id + " " + value);
        }

        node(route).kill();

        assertThat(without.get(site, link).body()).isEqualTo(other(route) + " " + id + " " + value);
        String next = without.request(site, "GET", "/ways/ways/link;jsessionid=" + id + "." + route + "?again")
                .header("X-Value", value)
                .send()
                .body();
        assertThat(next).isEqualTo("/ways/ways/who;jsessionid=" + id + "." + other(route));
        node(route).restart();
        for (int i = 0; i < 6; i++) {
            assertThat(without.get(site, next).body()).isEqualTo(other(route) + " " + id + " " + value);
        }
    }

    /** Tomcat's login page gets a response that no wrapper of an application's is around. */
    @ParameterizedTest
    @ValueSource(strings = {"n1", "n2"})
    void loginWithoutCookiesHasTheRouteAllTheWay(String route) {
        Browser without = Browser.withoutCookies();
        String suffixed = ";jsessionid=" + ID + "\\." + route;
        Answer page = without.request(node(route), "POST", "/ways/ways/private")
                .header("X-Value", nextValue())
                .form("item=tea")
                .send();
        if (page.status() != 200) {
            assertThat(page.header("location")).matches(".*/ways/ways/login-page" + suffixed);
            page = without.get(node(route), pathOf(page));
        }
        String action = page.body().replaceFirst("log in at ", "");
        assertThat(action).matches("/ways/ways/j_security_check" + suffixed);

        Answer login = without.request(node(route), "POST", action)
                .form("j_username=ada&j_password=engine")
                .send();

        assertThat(login.status()).isIn(302, 303);
        assertThat(login.header("location")).matches(".*/ways/ways/private" + suffixed);
        assertThat(without.request(node(route), "GET", pathOf(login))
                        .header("X-Value", nextValue())
                        .send()
                        .body())
                // Not the form: Jetty goes on with what it has saved only for the same URI, of which the session id is
                // a part.
                .contains(" by ada with ");
    }

    private static String pathOf(Answer redirect) {
        return redirect.header("location").replaceFirst("^https?://[^/]*", "");
    }

    // ---- what an operator reads

    @Test
    void logsSayWhatIsOn() {
        assertThat(tomcat.log()).contains("holdfast.affinity = suffix (system property)");
        assertThat(jetty.log()).contains("holdfast.affinity = suffix (system property)");
    }

    private static String id(Browser browser) {
        return browser.sessionId().replaceFirst("\\..*", "");
    }

    private static String change(HttpNode node, Browser browser) {
        String value = nextValue();
        browser.request(node, "GET", "/ways/ways/small")
                .header("X-Value", value)
                .send();
        return value;
    }

    private Answer logIn(HttpNode node) {
        return browser.request(node, "POST", "/ways/ways/j_security_check")
                .form("j_username=ada&j_password=engine")
                .send();
    }

    private String privatePage(HttpNode node) {
        return browser.request(node, "GET", "/ways/ways/private")
                .header("X-Value", nextValue())
                .send()
                .body();
    }

    private static synchronized String nextValue() {
        values++;
        return LogScan.SECRET + String.format(Locale.ROOT, "%03d", values);
    }
}
