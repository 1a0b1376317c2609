package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.config.Source;
import dev.holdfast.session.testing.ManualTicker;
import dev.holdfast.testing.LogCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code holdfast.classes=learn} has found, as an operator gets it. */
class ClassFindingsTest {
    private static final Duration QUIET = Duration.ofNanos(ClassFindings.QUIET);

    @TempDir
    private Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private UnaryOperator<String> form = ClassPolicy::contextParam;
    private final LogCapture log = new LogCapture("dev.holdfast.Holdfast");

    @AfterEach
    void close() {
        log.close();
    }

    private ClassFindings learning(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("holdfast.classes", "learn");
        HoldfastConfig config =
                HoldfastConfig.read(List.of(Source.contextParams("web.xml", settings)), AppPlace.at("/shop"));
        return ClassFindings.of(config, "n1", form, ticker);
    }

    @Test
    void blockHasWhatWasAllowedBeforeAndAllThatWasFound() {
        ClassFindings findings = learning(Map.of("holdfast.classes.allow", "com.shop.**; !com.shop.Key"));
        assertThat(findings.text()).isEmpty();

        findings.add("org.lib.B");
        findings.add("org.lib.A$Inner");
        findings.add("org.lib.B");
        findings.add("no class<of><the>language");

        assertThat(findings.text()).isEqualTo("""
                <!-- holdfast.classes=learn has found 2 classes that holdfast.classes=app does not store.
                     All of holdfast.classes.allow: -->
                <context-param><param-name>holdfast.classes.allow</param-name><param-value>com.shop.**,
                  !com.shop.Key,
                  org.lib.A$Inner,
                  org.lib.B</param-value></context-param>
                """);
    }

    @Test
    void whatIsLeftOutOfThePresetsOnPurposeIsSaidBeforeItIsPasted() {
        ClassFindings findings = learning(Map.of());
        findings.add("org.lib.A");
        findings.add("org.apache.wicket.pageStore.SerializedPage");
        findings.add("org.apache.wicket.pageStore.InSessionPageStore$1");
        findings.add("com.vaadin.flow.component.UI");

        assertThat(findings.text()).startsWith("""
                <!-- holdfast.classes=learn has found 4 classes that holdfast.classes=app does not store.
                     Before you allow these, read what that opens up: docs/frameworks.md#vaadin-flow,\
                 docs/frameworks.md#wicket.
                     All of holdfast.classes.allow: -->
                <context-param>""");
        findings.close();
        assertThat(log.lines())
                .singleElement()
                .asString()
                .contains(" in shop. Before you allow these, read what that opens up: docs/frameworks.md#vaadin-flow,"
                        + " docs/frameworks.md#wicket. To allow all of it: <context-param>");
    }

    @Test
    void flawsFollowTheBlockEachOnce() throws IOException {
        ClassFindings findings = learning(Map.of("holdfast.classes.directory", directory.toString()));
        findings.addFlaws(List.of("cart → com.shop.Cart, which is odd.", "user → com.shop.User, which is odd."));
        findings.tell();
        findings.addFlaws(List.of("cart → com.shop.Cart, which is odd."));
        assertThat(findings.isDue()).isFalse();
        assertThat(findings.text()).isEqualTo("""
                What would not be the same on another node, in the order in which it was found:
                cart → com.shop.Cart, which is odd.
                user → com.shop.User, which is odd.
                """);

        findings.add("org.lib.A");
        findings.addFlaws(List.of("form → com.shop.Form, which is odd."));
        findings.tell();

        assertThat(Files.readString(directory.resolve("holdfast-classes-shop-n1.txt")))
                .isEqualTo(findings.text())
                .startsWith("<!-- holdfast.classes=learn has found 1 class ")
                .endsWith("</context-param>\n\nWhat would not be the same on another node, in the order in which it was"
                        + " found:\ncart → com.shop.Cart, which is odd.\nuser → com.shop.User, which is odd.\nform →"
                        + " com.shop.Form, which is odd.\n");
    }

    @Test
    void flawsAreBounded() {
        ClassFindings findings = learning(Map.of());
        for (int i = 0; i < ClassFindings.MOST_FLAWS + 10; i++) {
            findings.addFlaws(List.of("attribute" + i));
        }

        assertThat(findings.text().lines()).hasSize(1 + ClassFindings.MOST_FLAWS);
        assertThat(log.lines()).as("requests log them").isEmpty();
    }

    @Test
    void blockIsOfTheFormOfTheApplicationsOwnFiles() {
        form = patterns -> "holdfast.classes.allow=" + patterns;
        ClassFindings findings = learning(Map.of());
        findings.add("org.lib.B");
        findings.add("org.lib.A");

        assertThat(findings.text()).isEqualTo("""
                # holdfast.classes=learn has found 2 classes that holdfast.classes=app does not store.
                # All of holdfast.classes.allow:
                holdfast.classes.allow=org.lib.A,org.lib.B
                """);
        findings.add("scala.None$");
        assertThat(findings.text()).contains(" not store.\n# Before you allow these, read what that opens up: ");
        findings.close();
        assertThat(log.lines())
                .singleElement()
                .asString()
                .endsWith(" To allow all of it: holdfast.classes.allow=org.lib.A,org.lib.B,scala.None$");
    }

    @Test
    void lineIsLoggedWhenNothingNewCameForAWhile() {
        ClassFindings findings = learning(Map.of());
        findings.add("org.lib.B");
        ticker.advance(QUIET.minusMillis(1));
        findings.add("org.lib.A");
        ticker.advance(QUIET.minusMillis(1));
        assertThat(findings.isDue()).isFalse();
        findings.tell();
        assertThat(log.lines()).isEmpty();

        ticker.advance(Duration.ofMillis(1));
        assertThat(findings.isDue()).isTrue();
        findings.tell();

        assertThat(log.lines())
                .containsExactly(
                        "INFO HF-308: holdfast.classes=learn has found 2 classes that holdfast.classes=app does"
                                + " not store in shop. To allow all of it: <context-param><param-name>holdfast.classes.allow"
                                + "</param-name><param-value>org.lib.A,org.lib.B</param-value></context-param>");
        assertThat(findings.isDue()).isFalse();
        findings.add("org.lib.A");
        ticker.advance(QUIET);
        findings.tell();
        findings.close();
        assertThat(log.lines()).as("nothing new").hasSize(1);
    }

    @Test
    void whatWasNotLoggedYetIsWhenTheApplicationStops() {
        ClassFindings findings = learning(Map.of());
        findings.add("org.lib.A");

        findings.close();

        assertThat(log.lines()).singleElement().asString().contains("HF-308", "org.lib.A");
    }

    @Test
    void fileIsWrittenAtOnceAndGrows() throws IOException {
        ClassFindings findings = learning(Map.of("holdfast.classes.directory", directory.toString()));
        Path file = directory.resolve("holdfast-classes-shop-n1.txt");
        findings.tell();
        assertThat(file).doesNotExist();

        findings.add("org.lib.A");
        assertThat(findings.isDue()).isTrue();
        findings.tell();
        assertThat(file).hasContent(findings.text());
        findings.add("org.lib.B");
        findings.tell();

        assertThat(Files.readString(file)).isEqualTo(findings.text()).contains("org.lib.A", "org.lib.B");
        findings.close();
        assertThat(log.lines()).singleElement().asString().endsWith(" (also in " + file + ")");
    }

    /** It would go on to say what was pasted long ago. */
    @Test
    void fileOfAnEarlierStartGoes() throws IOException {
        Path file = Files.writeString(directory.resolve("holdfast-classes-shop-n1.txt"), "of before");
        ClassFindings findings = learning(Map.of("holdfast.classes.directory", directory.toString()));

        assertThat(findings.isDue()).isTrue();
        findings.tell();

        assertThat(file).doesNotExist();
        assertThat(findings.isDue()).isFalse();
    }

    @Test
    void linkToAnotherFileIsNotFollowed() throws IOException {
        Path other = Files.writeString(directory.resolve("other"), "kept");
        Files.createSymbolicLink(directory.resolve("holdfast-classes-shop-n1.txt"), other);
        ClassFindings findings = learning(Map.of("holdfast.classes.directory", directory.toString()));

        findings.add("org.lib.A");
        findings.tell();

        assertThat(other).hasContent("kept");
        assertThat(log.lines()).singleElement().asString().contains("holdfast.classes.directory cannot be written");
    }

    @Test
    void fileThatCannotBeWrittenIsToldOfAndCostsNothingElse() throws IOException {
        ClassFindings findings = learning(Map.of("holdfast.classes.directory", directory.toString()));
        Files.createDirectory(directory.resolve("holdfast-classes-shop-n1.txt"));

        findings.add("org.lib.A");
        findings.tell();

        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARNING The file of holdfast.classes.directory cannot be written: java.")
                .endsWith(". What was found is in the log and in JMX.");
        assertThat(findings.isDue()).as("it is not tried each second").isFalse();
        assertThat(findings.text()).contains("org.lib.A");
    }
}
