package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.Browser;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.ShopVisit;
import dev.holdfast.testing.SpringBootProcess;
import dev.holdfast.testing.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A shop with Spring Boot, as an executable JAR with its embedded Tomcat, that has Holdfast as a dependency and no line
 * of code for it.
 *
 * <p>Killed where most is half-way; with {@code -Dapplications.whole=true} after each answer.
 */
class SpringBootIT {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    /** After the login page, the login, and what was put into the cart before its message is shown. */
    private static final Set<Integer> HALF_WAY = Set.of(2, 3, 5);

    private static final Path SHOP = Path.of("target", "shop.jar");

    private static RedisProcess redis;
    private static SpringBootProcess n1;
    private static SpringBootProcess n2;

    @TempDir
    private Path directory;

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

    /** Tomcat itself logs it, and would start without the application. */
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
    void documentedInstallationIsEnough() throws IOException {
        String yaml = Docs.block("spring-boot.md", "Install", "yaml")
                .replace("redis.internal:6379", "127.0.0.1:" + redis.port());

        try (SpringBootProcess node = configuredBy(yaml)
                .setting("server.servlet.session.cookie.path", "/cart")
                .setting("holdfast.classes", "strict")
                .start()) {
            assertThat(node.log()).contains(settings(yaml)).contains("holdfast.app = shop (default");
            assertThat(new Browser().get(node, "/cart").all("set-cookie"))
                    .anyMatch(cookie -> cookie.matches("JSESSIONID=[0-3][0-9a-f]{33}; Path=/cart; HttpOnly"))
                    .anyMatch(cookie -> cookie.matches("HFROUTE=n-[0-9a-f]{8}; Path=/cart; HttpOnly"));
            assertThat(node.log())
                    .as("what to paste where an application of Spring Boot has its settings")
                    .containsPattern("HF-306 .* Add it: holdfast\\.classes\\.allow=org\\.springframework\\.");
        }
    }

    @Test
    void settingsStandInYamlAsTheDocumentationShowsThem() throws IOException {
        String yaml = Docs.block("spring-boot.md", "Settings", "yaml")
                .replace("redis.internal:6380", "127.0.0.1:" + Ports.free())
                .replace(
                        "/etc/holdfast/ca.pem",
                        new TestAuthority("shop").certificate(directory).toString());

        try (SpringBootProcess node = configuredBy(yaml).start()) {
            assertThat(node.log()).contains(settings(yaml));
        }
    }

    private SpringBootProcess.Builder configuredBy(String yaml) throws IOException {
        Path file = Files.writeString(directory.resolve("shop.yaml"), yaml);
        return SpringBootProcess.node(SHOP, "yaml")
                .setting("spring.config.location", file.toUri().toString());
    }

    /** As the log has them at the start: a list in one line. */
    private static List<String> settings(String yaml) {
        String holdfast = yaml.substring(yaml.indexOf("holdfast:\n") + "holdfast:\n".length());
        return Stream.of(holdfast.replaceAll(":\n +- ", ": ")
                        .replaceAll("\n +- ", "; ")
                        .split("\n"))
                .map(line -> "holdfast." + line.strip().replaceFirst(": ", " = ") + " (")
                .toList();
    }

    @Test
    void dependencyIsTheOneOfTheDocumentation() throws IOException {
        List<String> pom = Files.readAllLines(Path.of("pom.xml")).stream()
                .map(String::strip)
                .toList();
        List<String> shown = Docs.block("spring-boot.md", "Install", "xml")
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("<(groupId|artifactId|scope)>.*"))
                .toList();

        assertThat(shown).hasSize(3);
        assertThat(Collections.indexOfSubList(pom, shown)).isNotNegative();
    }

    @Test
    void switchedOffItLeavesTomcatsOwnSessions() {
        try (SpringBootProcess off =
                node("off").setting("holdfast.enabled", "false").start()) {
            List<String> cookies = new Browser().get(off, "/cart").all("set-cookie");

            assertThat(cookies).hasSize(1).allMatch(cookie -> cookie.matches("JSESSIONID=[0-9A-F]{32}; .*"));
            assertThat(off.log()).doesNotContain("Holdfast");
        }
    }
}
