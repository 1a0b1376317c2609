package dev.holdfast.testing;

import static dev.holdfast.testing.MoneyApplication.CHART;
import static dev.holdfast.testing.MoneyApplication.CURRENCY;
import static dev.holdfast.testing.MoneyApplication.LEDGER;
import static dev.holdfast.testing.MoneyApplication.MONEY;
import static dev.holdfast.testing.MoneyApplication.WALLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code holdfast.classes=learn} and {@code report} find in an application with a JAR in its WEB-INF/lib, and
 * where an operator gets it. The nodes run in the JVM of the test. The same for all containers.
 */
public abstract class ClassReportContract {
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
        return start(name, redis.uri(), MoneyApplication.create(settings));
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

    private static List<String> findings(LogCapture log) {
        return log.lines().stream().filter(line -> line.contains("HF-3")).toList();
    }

    /** What stands before the findings of a request of this browser. */
    private String prefix() {
        return "WARNING HF-309: GET /shop/library, session "
                + browser.cookies().get("JSESSIONID").substring(0, 4) + "…: ";
    }

    @Test
    void reportKeepsHereWhatCannotBeStoredAndNamesItWithItsPlaceInTheValue() throws Exception {
        try (LogCapture log = new LogCapture("dev.holdfast.session")) {
            HttpNode n1 = node(
                    "report1",
                    Map.of(
                            "holdfast.classes", "report",
                            "holdfast.affinity", "none",
                            "holdfast.classes.directory", directory.toString()));
            assertThat(library(n1, ";x=secret?put=" + WALLET)).isEqualTo("wallet");
            assertThat(library(n1, "")).isEqualTo("wallet");

            String finding = MoneyApplication.PURSE_IN_WALLET;
            assertThat(findings(log)).containsExactly(prefix() + finding);
            assertThat(report("report1")).contains(CURRENCY, MONEY, WALLET).endsWith("found:\n" + finding + "\n");
            Path file = directory.resolve("holdfast-classes-shop-report1.txt");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(file).content().isEqualTo(report("report1")));
        }
    }

    @Test
    void reportNamesAllThatOnlyLacksPermissionAtOnceAndTheBlockHasIt() throws Exception {
        try (LogCapture log = new LogCapture("dev.holdfast.session")) {
            HttpNode n1 = node("report2", Map.of("holdfast.classes", "report"));
            assertThat(library(n1, "?put=" + CHART)).isEqualTo("chart");

            assertThat(findings(log))
                    .containsExactly(prefix() + "value.at → java.awt.Point, which the class policy does not allow. |"
                            + " value.size → java.awt.Dimension, which the class policy does not allow.");
            String found = report("report2");
            String value = found.substring(
                    found.indexOf("<param-value>") + "<param-value>".length(), found.indexOf("</param-value>"));
            HttpNode n2 = node("report3", Map.of("holdfast.classes.allow", value));
            HttpNode n3 = node("report4", Map.of("holdfast.classes.allow", value));
            assertThat(library(n2, "?put=" + CHART)).isEqualTo("chart");
            assertThat(library(n3, "")).isEqualTo("chart");
        }
    }

    @Test
    void reportNamesWhatIsStoredAndIsAnotherThingElsewhere() throws Exception {
        try (LogCapture log = new LogCapture("dev.holdfast.session")) {
            HttpNode n1 = node("report5", Map.of("holdfast.classes", "report"));
            HttpNode n2 = node("report6", Map.of("holdfast.classes", "report"));
            assertThat(library(n1, "?put=" + LEDGER)).isEqualTo("ledger of ada");
            String finding = prefix() + "value.owner → java.lang.String is null when it is read back";
            assertThat(library(n1, "?touch=a")).isEqualTo("ledger of ada");

            assertThat(findings(log)).containsExactly(finding);
            assertThat(library(n2, "")).as("as it was said").isEqualTo("ledger of null");
            assertThat(library(n2, "?put=" + MONEY)).isEqualTo("5 EUR");
            assertThat(findings(log)).as("nothing is wrong with this one").hasSize(1);
        }
    }
}
