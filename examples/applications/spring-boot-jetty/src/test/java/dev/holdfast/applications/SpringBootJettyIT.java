package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ShopVisit;
import dev.holdfast.testing.SpringBootProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The shop of {@code SpringBootIT} with Spring Boot 4, as an executable JAR with its embedded Jetty.
 *
 * <p>Killed where most is half-way; with {@code -Dapplications.whole=true} after each answer.
 */
class SpringBootJettyIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After the login, and what was put into the cart before its message is shown. */
    private static final Set<Integer> HALF_WAY = Set.of(3, 5);

    private static final Path SHOP = Path.of("target", "shop.jar");

    private static RedisProcess redis;
    private static SpringBootProcess n1;
    private static SpringBootProcess n2;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        n1 = inStrictCookies("n1");
        n2 = inStrictCookies("n2");
        n1.launch();
        n2.launch();
    }

    @AfterAll
    static void stop() {
        n1.close();
        n2.close();
        redis.close();
    }

    private static SpringBootProcess.Builder node(String name) {
        return SpringBootProcess.node(SHOP, name)
                .setting("holdfast.redis", redis.uri().toString())
                .setting("holdfast.node", name);
    }

    private static SpringBootProcess inStrictCookies(String name) {
        return node(name)
                .setting("server.servlet.session.cookie.name", "SHOP")
                .setting("server.servlet.session.cookie.same-site", "strict")
                .setting("server.servlet.session.cookie.http-only", "true")
                .prepare();
    }

    @Test
    void nextStepGoesOnWhenTheProcessOfTheLastOneIsKilled() {
        List<SpringBootProcess> nodes = List.of(n1, n2);

        String control = ShopVisit.of(nodes, "", answer -> false);
        String killed = ShopVisit.of(nodes, "", answer -> WHOLE || HALF_WAY.contains(answer));

        assertThat(control).isEqualTo(ShopVisit.expected(""));
        assertThat(killed).isEqualTo(control);
        assertThat(n1.log() + n2.log())
                .contains("keeps the sessions of /", "holdfast.app = shop (default: spring.application.name)")
                .doesNotContain("HF-2");
    }

    /** Spring Boot's own settings of the session cookie are those of Holdfast's cookies, too. */
    @Test
    void settingsOfTheSessionCookieGoOnWorking() {
        n1.awaitAnswer();

        assertThat(new Browser().get(n1, "/cart").all("set-cookie"))
                .anyMatch(cookie -> cookie.matches("SHOP=[0-3][0-9a-f]{33}; Path=/; HttpOnly; SameSite=Strict"))
                .anyMatch(cookie -> cookie.matches("HFROUTE=n1; Path=/; HttpOnly; SameSite=Strict"));
    }

    @Test
    void refusedSettingsAreShownWithTheirPlacesAndWhatToDo() {
        try (SpringBootProcess wrong =
                node("wrong").setting("holdfast.outage", "sometimes").prepare()) {
            wrong.launch();
            await().atMost(Duration.ofSeconds(90)).until(() -> !wrong.isAlive());

            assertThat(wrong.log())
                    .contains("APPLICATION FAILED TO START", "Holdfast does not start: 1 setting is wrong:")
                    .contains("holdfast.outage is \"sometimes\" (from ", "): must be serve or refuse.", "Action:");
        }
    }

    @Test
    void secondNodeOfOneNameDoesNotStartAndSaysWhy() {
        n1.awaitAnswer();
        try (SpringBootProcess other = node("n1").prepare()) {
            other.launch();
            await().atMost(Duration.ofSeconds(90)).until(() -> !other.isAlive());

            assertThat(other.log()).contains("Application run failed").containsPattern("Caused by: .*HF-122");
            assertThat(n1.isAlive()).isTrue();
        }
    }

    @Test
    void switchedOffItLeavesJettysOwnSessions() {
        try (SpringBootProcess off =
                node("off").setting("holdfast.enabled", "false").start()) {
            List<String> cookies = new Browser().get(off, "/cart").all("set-cookie");

            assertThat(cookies).hasSize(1).allMatch(cookie -> cookie.startsWith("JSESSIONID=node"));
            assertThat(off.log()).doesNotContain("Holdfast");
        }
    }
}
