package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.HttpNode;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A session that was made on one container goes on at the other, logged in or half-way, and back: one application, one
 * Redis.
 */
@ExtendWith(LogScan.class)
class CrossContainerIT {
    private static RedisProcess redis;
    private static TomcatProcess tomcat10;
    private static TomcatProcess tomcat11;
    private static EmbeddedWebapp jetty;
    private static int values;

    private final Browser browser = new Browser();

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        tomcat10 = tomcat(TomcatDistribution.TOMCAT_10_1, "t10");
        tomcat11 = tomcat(TomcatDistribution.TOMCAT_11, "t11");
        jetty = new EmbeddedWebapp(
                "j", redis.uri(), "/" + CommitWays.APP, CommitWays.application(), Map.of("holdfast.timeout", "5s"));
    }

    private static TomcatProcess tomcat(TomcatDistribution distribution, String name) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jarOf("tomcat-valve"))
                .application(CommitWays.APP, CommitWays.application())
                .property("holdfast.node", name)
                .property("holdfast.redis", redis.uri().toString())
                .property("holdfast.timeout", "5s")
                .start();
    }

    @AfterAll
    static void stop() {
        jetty.close();
        tomcat11.close();
        tomcat10.close();
        redis.close();
    }

    /** From one, to the other. */
    static Stream<Arguments> pairs() {
        return Stream.of(
                pair(() -> tomcat10, "Tomcat 10.1", () -> jetty, "Jetty"),
                pair(() -> tomcat11, "Tomcat 11", () -> jetty, "Jetty"),
                pair(() -> jetty, "Jetty", () -> tomcat10, "Tomcat 10.1"),
                pair(() -> jetty, "Jetty", () -> tomcat11, "Tomcat 11"));
    }

    private static Arguments pair(Supplier<HttpNode> from, String fromName, Supplier<HttpNode> to, String toName) {
        return Arguments.of(Named.of(fromName, from), Named.of(toName, to));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void attributesGoOverAndBack(Supplier<HttpNode> from, Supplier<HttpNode> to) {
        String first = change(from);
        String id = browser.sessionId();
        String second = change(to);
        String third = change(from);

        assertThat(read(to))
                .isEqualTo("set=" + third + " list=[" + first + ", " + second + ", " + third + "] basket=" + third
                        + " late=null user=null");
        assertThat(browser.sessionId()).isEqualTo(id);
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void loginGoesOverAndBack(Supplier<HttpNode> from, Supplier<HttpNode> to) {
        askForPrivatePage(from);
        assertThat(logIn(from).status()).isIn(302, 303);

        assertThat(privatePage(to)).contains(" by ada with ");
        assertThat(read(to)).endsWith(" user=ada");
        assertThat(privatePage(from)).contains(" by ada with ");
        assertThat(read(from)).endsWith(" user=ada");
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void loginThatIsHalfWayGoesOnWithWhatWasAskedFor(Supplier<HttpNode> from, Supplier<HttpNode> to) {
        Answer page = askForPrivatePage(from);
        if (page.status() / 100 == 3) {
            browser.get(from.get(), page.header("location").replaceFirst("^https?://[^/]*", ""));
        }

        Answer login = logIn(to);

        assertThat(login.status()).isIn(302, 303);
        assertThat(login.header("location")).endsWith("/ways/ways/private");
        assertThat(privatePage(to)).endsWith(" by ada with tea");
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void whoIsLoggedInByAProgramIsKnown(Supplier<HttpNode> from, Supplier<HttpNode> to) {
        change(from);
        browser.request(from.get(), "GET", "/ways/ways/login")
                .header("X-Value", nextValue())
                .send();

        assertThat(read(to)).endsWith(" user=ada");
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void endOnOneIsAnEndOnTheOther(Supplier<HttpNode> from, Supplier<HttpNode> to) {
        change(from);
        change(to);
        String id = browser.sessionId();

        browser.get(to.get(), "/ways/ways/invalidate");

        browser.cookies().put(Browser.SESSION_COOKIE, id);
        assertThat(read(from)).isEqualTo("no session");
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void changedIdIsKnownOnTheOther(Supplier<HttpNode> from, Supplier<HttpNode> to) {
        change(from);
        String old = browser.sessionId();
        String value = nextValue();

        browser.request(from.get(), "GET", "/ways/ways/change-id")
                .header("X-Value", value)
                .send();

        assertThat(browser.sessionId()).isNotEqualTo(old);
        assertThat(read(to)).startsWith("set=" + value);
    }

    private String change(Supplier<HttpNode> node) {
        String value = nextValue();
        browser.request(node.get(), "GET", "/ways/ways/small")
                .header("X-Value", value)
                .send();
        return value;
    }

    private String read(Supplier<HttpNode> node) {
        return browser.get(node.get(), "/ways/ways/read").body();
    }

    private Answer askForPrivatePage(Supplier<HttpNode> node) {
        return browser.request(node.get(), "POST", "/ways/ways/private")
                .header("X-Value", nextValue())
                .form("item=tea")
                .send();
    }

    private String privatePage(Supplier<HttpNode> node) {
        return browser.request(node.get(), "GET", "/ways/ways/private")
                .header("X-Value", nextValue())
                .send()
                .body();
    }

    private Answer logIn(Supplier<HttpNode> node) {
        return browser.request(node.get(), "POST", "/ways/ways/j_security_check")
                .form("j_username=ada&j_password=engine")
                .send();
    }

    private static synchronized String nextValue() {
        values++;
        return LogScan.SECRET + String.format(Locale.ROOT, "%03d", values);
    }
}
