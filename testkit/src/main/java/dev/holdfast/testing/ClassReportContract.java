package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code holdfast.classes=learn} finds in an application with a JAR in its WEB-INF/lib, and where an operator gets
 * it. The nodes run in the JVM of the test. The same for all containers.
 */
public abstract class ClassReportContract {
    private static final String MONEY = "com.example.money.Money";
    private static final String CURRENCY = "com.example.money.Currency";

    private static RedisProcess redis;

    @RegisterExtension
    protected final Opened opened = new Opened();

    @TempDir
    private Path directory;

    private final Browser browser = new Browser();

    /** Starts a node whose one application, at {@code /shop}, is that directory; {@link #opened} keeps it. */
    protected abstract HttpNode start(String name, URI redis, Path application) throws Exception;

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    private HttpNode node(String name, Map<String, String> settings) throws Exception {
        StringBuilder params = new StringBuilder();
        settings.forEach((setting, value) -> params.append("<context-param><param-name>")
                .append(setting)
                .append("</param-name><param-value>")
                .append(value)
                .append("</param-value></context-param>\n"));
        return start(
                name,
                redis.uri(),
                ExplodedApplication.create("class-report")
                        .webXml(params + """
                                <distributable/>
                                <servlet><servlet-name>library</servlet-name><servlet-class>%s</servlet-class></servlet>
                                <servlet-mapping>
                                  <servlet-name>library</servlet-name><url-pattern>/library</url-pattern>
                                </servlet-mapping>
                                """.formatted(LibraryServlet.class.getName()))
                        .classes(LibraryServlet.class)
                        .library("money-1.0.jar", Map.of(MONEY, """
                                package com.example.money;
                                public class Money implements java.io.Serializable {
                                    Currency currency = new Currency();
                                    public String toString() { return "5 " + currency; }
                                }
                                """, CURRENCY, """
                                package com.example.money;
                                public class Currency implements java.io.Serializable {
                                    String code = "EUR";
                                    public String toString() { return code; }
                                }
                                """))
                        .path());
    }

    private String library(HttpNode node, String query) {
        return browser.get(node, "/shop/library" + query).body();
    }

    private static String report(String node) throws JMException {
        ObjectName name = new ObjectName("dev.holdfast:type=Application,node=\"" + node + "\",name=\"shop\"");
        return (String) ManagementFactory.getPlatformMBeanServer().getAttribute(name, "ClassReport");
    }

    @Test
    void blockThatLearnGivesLetsTheApplicationRunWithoutIt() throws Exception {
        HttpNode learning =
                node("learn1", Map.of("holdfast.classes", "learn", "holdfast.classes.directory", directory.toString()));
        assertThat(report("learn1")).isEmpty();
        assertThat(library(learning, "?put=" + MONEY)).isEqualTo("5 EUR");

        Path file = directory.resolve("holdfast-classes-shop-learn1.txt");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(file).content().isEqualTo(report("learn1")));

        String found = Files.readString(file);
        String value = found.substring(
                found.indexOf("<param-value>") + "<param-value>".length(), found.indexOf("</param-value>"));
        assertThat(value.split(",\\s*")).containsExactly(CURRENCY, MONEY);
        Map<String, String> pasted = Map.of("holdfast.classes.allow", value);
        HttpNode n1 = node("learn2", pasted);
        HttpNode n2 = node("learn3", pasted);
        assertThat(library(n1, "?put=" + MONEY)).isEqualTo("5 EUR");
        assertThat(library(n2, "")).isEqualTo("5 EUR");
        assertThat(report("learn2")).as("there is nothing to learn").isEmpty();
    }

    @Test
    void blockIsInTheLogWhenTheApplicationHasStopped() throws Exception {
        try (LogCapture log = new LogCapture("dev.holdfast")) {
            HttpNode learning = node("learn4", Map.of("holdfast.classes", "learn"));
            library(learning, "?put=" + MONEY);

            opened.close();

            assertThat(log.lines())
                    .filteredOn(line -> line.contains("HF-308"))
                    .containsExactly("INFO HF-308: holdfast.classes=learn has found 2 classes that holdfast.classes=app"
                            + " does not store in shop. To allow all of it: <context-param><param-name>"
                            + "holdfast.classes.allow</param-name><param-value>" + CURRENCY + "," + MONEY
                            + "</param-value></context-param>");
        }
    }
}
