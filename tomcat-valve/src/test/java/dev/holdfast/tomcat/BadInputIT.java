package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.redis.MonitoredCommand;
import dev.holdfast.session.request.SessionCoordinator;
import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.catalina.Context;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Cookies that anybody can make up: a normal answer, at most two commands for each session id, no key. */
class BadInputIT {
    private static final String UNKNOWN = "1f00112233445566778899aabbccddeeff";
    private static final String UNKNOWN_EPOCH = "abcdefghijklmnopqrstuv";

    private static RedisProcess redis;
    private static EmbeddedNode node;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        node = new EmbeddedNode("n1", redis.uri(), Map.of(), BadInputIT::application);
        // Redis then knows the script, and the node has a connection.
        assertThat(ask("JSESSIONID=" + UNKNOWN, "/peek").body()).isEqualTo("none");
    }

    @AfterAll
    static void stop() {
        node.close();
        redis.close();
    }

    @AfterEach
    void endSessions() {
        SessionCoordinator coordinator = node.manager().coordinator();
        coordinator.copies().forEach(copy -> coordinator.end(copy.access()));
    }

    private static void application(Context context) {
        Page.addFiles(context);
        Page.add(context, "/set", (request, response) -> request.getSession().setAttribute("value", "kept"));
        Page.add(context, "/peek", BadInputIT::peek);
    }

    private static void peek(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        response.getWriter().print(session == null ? "none" : session.getAttribute("value"));
    }

    private static Answer ask(String cookies, String path) {
        return new Browser()
                .request(node.uri(path), "GET")
                .header("Cookie", cookies)
                .send();
    }

    /** All but the generations, settlements and registry that nodes keep whatever is asked. */
    private static Set<String> keys() {
        return redis.ask(jedis -> jedis.keys("*")).stream()
                .filter(key -> !key.endsWith(":g") && !key.endsWith(":w") && !key.endsWith(":nodes}"))
                .collect(Collectors.toSet());
    }

    static Stream<Arguments> sessionCookies() {
        String large = "0".repeat(8_192);
        return Stream.of(
                Arguments.of("unknown", "JSESSIONID=" + UNKNOWN, 2),
                Arguments.of(
                        "unknown, with route and epoch",
                        "JSESSIONID=" + UNKNOWN + "; HFROUTE=n1; HFEPOCH=" + UNKNOWN_EPOCH + ".n1",
                        2),
                Arguments.of("empty", "JSESSIONID=", 0),
                Arguments.of("too short", "JSESSIONID=" + UNKNOWN.substring(1), 0),
                Arguments.of("too long", "JSESSIONID=" + UNKNOWN + "0", 0),
                Arguments.of("other alphabet", "JSESSIONID=" + UNKNOWN.toUpperCase(Locale.ROOT), 0),
                Arguments.of("Tomcat's own", "JSESSIONID=6C0D1B5A3F2E4D5C6B7A8990A1B2C3D4", 0),
                Arguments.of("with a route", "JSESSIONID=" + UNKNOWN + ".n1", 2),
                Arguments.of("shard that is none", "JSESSIONID=7f" + UNKNOWN.substring(2), 0),
                Arguments.of("shard in letters", "JSESSIONID=ff" + UNKNOWN.substring(2), 0),
                Arguments.of("a key's braces", "JSESSIONID={hf:shop:1f}:g", 0),
                Arguments.of("a path", "JSESSIONID=../../../../../etc/passwd", 0),
                Arguments.of("a pattern", "JSESSIONID=1f********************************", 0),
                Arguments.of("quoted", "JSESSIONID=\"" + UNKNOWN + "\"", 2),
                Arguments.of("8 kB", "JSESSIONID=" + large, 0),
                Arguments.of(
                        "8 kB route and epoch",
                        "JSESSIONID=" + UNKNOWN + "; HFROUTE=" + large + "; HFEPOCH=" + large,
                        2),
                Arguments.of(
                        "odd route", "JSESSIONID=" + UNKNOWN + "; HFROUTE=../n1; HFROUTE=; HFROUTE=.n1; HFROUTE=n2", 2),
                Arguments.of(
                        "odd epoch", "JSESSIONID=" + UNKNOWN + "; HFEPOCH=.n1; HFEPOCH=; HFEPOCH=" + UNKNOWN_EPOCH, 2),
                Arguments.of("route and epoch alone", "HFROUTE=n1; HFEPOCH=" + UNKNOWN_EPOCH + ".n1", 0));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sessionCookies")
    void forgedCookieGetsANormalAnswerWithoutASession(String name, String cookies, int commands) {
        Set<String> before = keys();

        List<MonitoredCommand> sent = MonitoredCommand.of(redis.monitor(() -> {
            Answer answer = ask(cookies, "/peek");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("none");
            assertThat(answer.all("Set-Cookie")).isEmpty();
        }));

        assertThat(ofRequests(sent)).hasSizeLessThanOrEqualTo(commands);
        assertThat(keys()).isEqualTo(before);
        assertThat(node.manager().coordinator().copies()).isEmpty();
    }

    /** A node has questions of its own, each second. */
    private static List<String> ofRequests(List<MonitoredCommand> commands) {
        return commands.stream()
                .filter(MonitoredCommand::isOfRequest)
                .map(MonitoredCommand::name)
                .toList();
    }

    @Test
    void manySessionCookiesCostFewCommands() {
        Set<String> before = keys();
        List<String> cookies = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            cookies.add("JSESSIONID=" + UNKNOWN.substring(0, 30) + String.format(Locale.ROOT, "%04x", i));
        }

        List<MonitoredCommand> sent = MonitoredCommand.of(redis.monitor(() -> {
            Answer answer = ask(String.join("; ", cookies), "/peek");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("none");
        }));

        assertThat(ofRequests(sent)).hasSizeLessThanOrEqualTo(10);
        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void manySessionCookiesWaitOnceForARedisThatDoesNotAnswer() {
        List<String> cookies = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            cookies.add("JSESSIONID=" + UNKNOWN.substring(0, 30) + String.format(Locale.ROOT, "%04x", i));
        }
        try (EmbeddedNode impatient =
                new EmbeddedNode("n2", redis.uri(), Map.of("holdfast.timeout", "250ms"), BadInputIT::application)) {
            redis.pause();
            long start = System.nanoTime();
            Answer answer = new Browser()
                    .request(impatient.uri("/peek"), "GET")
                    .header("Cookie", String.join("; ", cookies))
                    .send();

            assertThat(answer.status()).isEqualTo(503);
            // A hundred waits would take 25 s.
            assertThat(System.nanoTime() - start).isLessThan(3_000_000_000L);
        } finally {
            redis.resume();
        }
    }

    @Test
    void realSessionIsFoundAmongForgedCookies() {
        Browser browser = new Browser();
        browser.get(node.uri("/set"));
        String id = browser.cookies().get("JSESSIONID");

        assertThat(ask("JSESSIONID=" + UNKNOWN + "; JSESSIONID=" + id, "/peek").body())
                .isEqualTo("kept");
        assertThat(ask("JSESSIONID=" + id + "; JSESSIONID=" + UNKNOWN, "/peek").body())
                .isEqualTo("kept");
        assertThat(ask("HFROUTE=" + "x".repeat(8_000) + "; HFEPOCH=<>; JSESSIONID=" + id, "/peek")
                        .body())
                .isEqualTo("kept");
    }

    @Test
    void sessionOfAnotherApplicationIsNoneAndStaysAsItIs() {
        try (EmbeddedNode other =
                new EmbeddedNode("n1", redis.uri(), Map.of("holdfast.app", "other"), BadInputIT::application)) {
            Browser browser = new Browser();
            browser.get(other.uri("/set"));
            Set<String> before = keys();

            Answer answer = browser.get(node.uri("/peek"));

            assertThat(answer.body()).isEqualTo("none");
            assertThat(keys()).isEqualTo(before);
            assertThat(browser.get(other.uri("/peek")).body()).isEqualTo("kept");
        }
    }

    @Test
    void createdSessionNeverHasTheIdThatTheClientChose() {
        Answer answer = ask("JSESSIONID=" + UNKNOWN, "/set");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.all("Set-Cookie"))
                .anyMatch(cookie -> cookie.startsWith("JSESSIONID="))
                .noneMatch(cookie -> cookie.contains(UNKNOWN));
    }
}
