package dev.holdfast.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ways.Basket;
import dev.holdfast.testing.ways.SessionState;
import dev.holdfast.testing.ways.Ways;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two Jettys from the distribution, on which the JAR was installed with the commands of docs/jetty.md; each serves one
 * application in ee10 and one in ee11.
 */
@ExtendWith(LogScan.class)
class JettyHomeIT {
    private static RedisProcess redis;
    private static JettyProcess n1;
    private static JettyProcess n2;
    private static int values;

    private final Browser browser = new Browser();

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        Path application = CommitWays.application();
        Path alone = ExplodedApplication.create("alone")
                .classes(Ways.class, SessionState.class, Basket.class)
                .webXml("<listener><listener-class>" + Ways.class.getName() + "</listener-class></listener>")
                .path();
        n1 = node("n1", application, alone);
        n2 = node("n2", application, alone);
        Stream.of(n1, n2).forEach(JettyProcess::launch);
        Stream.of(n1, n2).forEach(JettyProcess::awaitAnswer);
    }

    private static JettyProcess node(String name, Path application, Path alone) {
        return JettyProcess.node(name)
                .application("ten", application, "ee10")
                .application("eleven", application, "ee11")
                .application("alone", alone, "ee10")
                .property("holdfast.node", name)
                .property("holdfast.redis", redis.uri().toString())
                .property("holdfast.timeout", "5s")
                .property("holdfast.health.path", "/holdfast/health")
                .prepare();
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    @Test
    void logSaysWhoTakesPart() {
        assertThat(n1.log())
                .contains("keeps the sessions of /ten as node \"n1\"")
                .contains("keeps the sessions of /eleven as node \"n1\"")
                .doesNotContain("keeps the sessions of /alone");
        // The doctor finds that the test's Redis keeps nothing on its disk, or that its user may not ask.
        assertThat(n1.log().replaceAll("HF-5[01]6", "")).doesNotContain("HF-");
    }

    @Test
    void nodeTellsItsHealth() {
        Answer health = browser.get(n1, "/holdfast/health");

        assertThat(health.status()).isEqualTo(200);
        assertThat(health.body()).isEqualTo("ready\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ten", "eleven"})
    void sessionAndLoginGoOnAtTheOtherNode(String app) {
        String first = change(n1, app);
        String id = browser.sessionId();
        browser.request(n1, "POST", "/" + app + "/ways/private")
                .header("X-Value", nextValue())
                .send();
        Answer login = browser.request(n1, "POST", "/" + app + "/ways/j_security_check")
                .form("j_username=ada&j_password=engine")
                .send();
        assertThat(login.status()).isIn(302, 303);
        assertThat(browser.sessionId()).isNotEqualTo(id);

        String second = change(n2, app);

        assertThat(browser.get(n2, "/" + app + "/ways/read").body())
                .isEqualTo("set=" + second + " list=[" + first + ", " + second + "] basket=" + second
                        + " late=null user=ada");
        assertThat(browser.cookies()).containsEntry("HFROUTE", "n2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ten", "eleven"})
    void killedNodeLosesNothing(String app) {
        String value = change(n1, app);

        n1.kill();

        assertThat(browser.get(n2, "/" + app + "/ways/read").body()).startsWith("set=" + value + " ");
        n1.restart();
        assertThat(browser.get(n1, "/" + app + "/ways/read").body()).startsWith("set=" + value + " ");
    }

    @Test
    void applicationThatDoesNotTakePartKeepsJettysOwnSessions() {
        String value = change(n1, "alone");

        assertThat(browser.cookies()).doesNotContainKeys("HFROUTE", "HFEPOCH");
        assertThat(browser.get(n1, "/alone/ways/read").body()).startsWith("set=" + value + " ");
        assertThat(browser.get(n2, "/alone/ways/read").body()).isEqualTo("no session");
    }

    @ParameterizedTest
    @CsvSource({"ten, 65536", "eleven, 65536", "alone, 32768"})
    void answerOfARequestWithASessionWaitsInALargerBuffer(String app, String size) {
        assertThat(browser.get(n2, "/" + app + "/ways/buffer?use").body()).isEqualTo("32768 " + size + " refused");
    }

    private String change(JettyProcess node, String app) {
        String value = nextValue();
        browser.request(node, "GET", "/" + app + "/ways/small")
                .header("X-Value", value)
                .send();
        return value;
    }

    private static synchronized String nextValue() {
        values++;
        return LogScan.SECRET + String.format(Locale.ROOT, "%03d", values);
    }
}
