package dev.holdfast.applications;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.Repository;
import dev.holdfast.testing.SpringBootContract;
import dev.holdfast.testing.SpringBootProcess;
import dev.holdfast.testing.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the embedded Tomcat, and what {@code docs/spring-boot.md} says. */
class SpringBootIT extends SpringBootContract {
    private static final Path SHOP = BuiltApplication.of("spring-boot", "shop.jar");

    @TempDir
    private Path directory;

    @BeforeAll
    static void startNodes() {
        start(SHOP);
    }

    /** What was put into the cart, before its message is shown. */
    @Override
    protected Set<Integer> halfWay() {
        return Set.of(5);
    }

    @Override
    protected String ownSessionCookie() {
        return "JSESSIONID=[0-9A-F]{32}; .*";
    }

    @Test
    void documentedInstallationIsEnough() throws IOException {
        String yaml = Docs.block("spring-boot.md", "Install", "yaml")
                .replace("redis.internal:6379", "127.0.0.1:" + redis().port());

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

    /** Which Prometheus, or whatever the application has, gets as it gets all others. */
    @Test
    void metricsAreMetersOfTheActuatorByThemselves() {
        try (SpringBootProcess node = node("meters")
                .setting("management.endpoints.web.exposure.include", "metrics")
                .setting("holdfast.metrics.path", "/holdfast/metrics")
                .start()) {
            new Browser().get(node, "/cart");

            Answer meter = new Browser()
                    .request(node, "GET", "/actuator/metrics/holdfast.creates")
                    .header(
                            "Authorization",
                            "Basic " + Base64.getEncoder().encodeToString("ada:engine".getBytes(UTF_8)))
                    .send();

            assertThat(meter.status()).isEqualTo(200);
            assertThat(meter.body())
                    .contains(
                            "New sessions, as they were stored",
                            "\"tag\":\"app\",\"values\":[\"shop\"]",
                            "\"tag\":\"node\",\"values\":[\"meters\"]")
                    .containsPattern("\"value\":[1-9]");
            assertThat(new Browser().get(node, "/holdfast/metrics").body())
                    .as("by what is inside of the JAR")
                    .containsPattern("holdfast_creates_total\\{app=\"shop\"} [1-9]");
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
        List<String> pom =
                Files.readAllLines(Repository.root().resolve("examples/applications/spring-boot/pom.xml")).stream()
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
}
