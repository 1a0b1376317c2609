package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shop with Spring Boot, as an executable JAR with an embedded container, that has Holdfast as a dependency and no
 * line of code for it.
 *
 * <p>Killed where most is half-way; with {@code -Dapplications.whole=true} after each answer.
 */
public abstract class SpringBootContract {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    private static Path shop;
    private static RedisProcess redis;
    private static SpringBootProcess n1;
    private static SpringBootProcess n2;

    /** For {@code @BeforeAll}: starts the nodes of an executable JAR. */
    protected static void start(Path archive) {
        shop = archive;
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

    protected static RedisProcess redis() {
        return redis;
    }

    protected static SpringBootProcess.Builder node(String name) {
        return SpringBootProcess.node(shop, name)
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

    /**
     * Whether tests are run that ask what Spring Boot makes of Holdfast, whatever the container.
     *
     * @return true, where not said otherwise
     */
    protected boolean asksOfSpringBoot() {
        return true;
    }

    /** {@code SpringBootIT} asks that of Spring Boot 3.5 in each build. */
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @EnabledIf(value = "asksOfSpringBoot", disabledReason = "of Spring Boot 4 with -Papplications only")
    private @interface OfSpringBoot {}

    /** After which answers of {@link ShopVisit} a node is killed, counted from 1. */
    protected abstract Set<Integer> halfWay();

    /** The container's own session cookie. */
    protected abstract String ownSessionCookie();

    @Test
    void nextStepGoesOnWhenTheProcessOfTheLastOneIsKilled() {
        List<SpringBootProcess> nodes = List.of(n1, n2);

        String control = ShopVisit.of(nodes, "", answer -> false);
        String killed = ShopVisit.of(nodes, "", answer -> WHOLE || halfWay().contains(answer));
        nodes.forEach(ContainerProcess::launchIfKilled); // for the other tests

        assertThat(control).isEqualTo(ShopVisit.expected(""));
        assertThat(killed).isEqualTo(control);
        assertThat(n1.log() + n2.log())
                .contains("keeps the sessions of / as node", "holdfast.app = shop (default: spring.application.name)")
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
    @OfSpringBoot
    void refusedSettingsAreShownWithTheirPlacesAndWhatToDo() {
        try (SpringBootProcess wrong = node("wrong")
                .setting("holdfast.outage", "sometimes")
                .setting("holdfast.nodes", "n1")
                .prepare()) {
            wrong.launch();
            await().atMost(Duration.ofSeconds(90)).until(() -> !wrong.isAlive());

            assertThat(wrong.log())
                    .contains("APPLICATION FAILED TO START", "Holdfast does not start: 2 settings are wrong:")
                    .contains("holdfast.outage is \"sometimes\" (from \"holdfast.outage\" from property source"
                            + " \"commandLineArgs\"): must be serve or refuse.")
                    .contains("holdfast.nodes (from \"holdfast.nodes\" from property source \"commandLineArgs\") is no"
                            + " setting of this version: the nearest name is holdfast.node.")
                    .contains("Action:", "Change what is named above");
        }
    }

    /** The container itself logs it, and Tomcat would start without the application. */
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

    /** With the class in a JAR within the executable one. */
    @Test
    @OfSpringBoot
    void learnSaysInLogAndFileWhatToAddToTheSettings(@TempDir Path directory) {
        String line = "holdfast.classes.allow=org.springframework.http.MediaType";
        try (SpringBootProcess learning = node("learning")
                .setting("holdfast.classes", "learn")
                .setting("holdfast.classes.directory", directory.toString())
                .start()) {
            Visit visit = new Visit(List.of(learning), "", answer -> false)
                    .open("cart")
                    .submit("form", Map.of("username", "ada", "password", "engine"))
                    .open("receipts?as=text/csv");

            assertThat(visit.text("body")).isEqualTo("Your receipts are sent as text/csv.");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(directory.resolve("holdfast-classes-shop-learning.txt"))
                        .content()
                        .contains(line);
                assertThat(learning.log())
                        .contains(
                                "HF-308: holdfast.classes=learn has found 1 class that",
                                " in shop. To allow all",
                                line);
            });
            assertThat(learning.log()).doesNotContain("HF-306");
        }
    }

    /** An exception of the class policy stands for a framework that it does not know. */
    @Test
    @OfSpringBoot
    void reportNamesWhatCouldNotTravel() {
        String request = "org.springframework.security.web.savedrequest.DefaultSavedRequest";
        try (SpringBootProcess reporting = node("reporting")
                .setting("holdfast.classes", "report")
                .setting("holdfast.classes.allow", "!" + request)
                .start()) {
            assertThat(new Browser().get(reporting, "/cart").status()).isEqualTo(401);

            assertThat(reporting.log())
                    .containsPattern("HF-309: GET /cart, session [0-9a-f]{4}…: SPRING_SECURITY_SAVED_REQUEST → "
                            + request + ", which the class policy does not allow");
        }
    }

    @Test
    void switchedOffItLeavesTheContainersOwnSessions() {
        try (SpringBootProcess off =
                node("off").setting("holdfast.enabled", "false").start()) {
            List<String> cookies = new Browser().get(off, "/cart").all("set-cookie");

            assertThat(cookies).hasSize(1).allMatch(cookie -> cookie.matches(ownSessionCookie()));
            assertThat(off.log()).doesNotContain("Holdfast");
        }
    }
}
