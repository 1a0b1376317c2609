package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.AppPlace;
import dev.holdfast.HoldfastConfig;
import dev.holdfast.SettingsSource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * Each configuration, program and command in the documentation names a test that runs it; this one runs what needs no
 * server.
 */
class DocsSnippetsTest {
    private static final Set<String> KINDS = Set.of("commands", "settings", "haproxy");
    private static final Set<String> KINDS_WITH_SERVERS = Set.of("web.xml", "context.xml", "java", "redis");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]*))?\\)");
    private static final Pattern VARIABLE = Pattern.compile("(?m)^export HOLDFAST_([A-Z_]+)=(\\S+)$");

    @Test
    void everySnippetNamesTheTestThatRunsIt() throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(DocsSnippet.ROOT, 10)) {
            tests = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith("Test.java") || name.endsWith("IT.java"))
                    .map(name -> name.substring(0, name.length() - ".java".length()))
                    .collect(Collectors.toSet());
        }

        assertThat(DocsSnippet.all())
                .as("snippets with <!-- tested: CLASS KIND --> in the line above")
                .isNotEmpty()
                .allSatisfy(snippet -> {
                    assertThat(tests).contains(snippet.testedBy());
                    switch (snippet.testedBy()) {
                        case "DocsSnippetsTest" -> assertThat(KINDS).contains(snippet.kind());
                        case "DocsSnippetsIT" -> assertThat(KINDS_WITH_SERVERS).contains(snippet.kind());
                        default -> assertThat(snippet.kind()).isEmpty();
                    }
                });
    }

    static List<Path> documents() {
        return DocsSnippet.documents();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void linksLeadToFilesAndHeadings(Path document) {
        Matcher link = LINK.matcher(String.join("\n", DocsSnippet.read(document)));
        List<String> broken = new ArrayList<>();
        while (link.find()) {
            Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
            if (!Files.exists(target)
                    || (link.group(2) != null && !headings(target).contains(link.group(2)))) {
                broken.add(link.group());
            }
        }

        assertThat(broken).isEmpty();
    }

    /** Headings as links name them. */
    private static Set<String> headings(Path document) {
        return DocsSnippet.read(document).stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }

    static List<DocsSnippet> webXml() {
        return DocsSnippet.of("DocsSnippetsIT", "web.xml");
    }

    @ParameterizedTest
    @MethodSource("webXml")
    void contextParamsAreSettingsWithValidValues(DocsSnippet snippet) throws Exception {
        Map<String, String> params = contextParams(snippet);

        HoldfastConfig config = HoldfastConfig.read(new SettingsSource(snippet.where(), params), AppPlace.at("/shop"));

        assertThat(config.describe()).hasSizeGreaterThanOrEqualTo(params.size());
        assertThat(config.warnings())
                .filteredOn(DocsSnippetsTest::isOfTheSnippet)
                .isEmpty();
    }

    /** The environment of the build may have names of its own. */
    private static boolean isOfTheSnippet(String warning) {
        return !warning.startsWith("The environment ");
    }

    private static Map<String, String> contextParams(DocsSnippet snippet) throws Exception {
        Element webApp = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader("<web-app>" + snippet.text() + "</web-app>")))
                .getDocumentElement();
        Map<String, String> params = new HashMap<>();
        NodeList elements = webApp.getElementsByTagName("context-param");
        for (int i = 0; i < elements.getLength(); i++) {
            Element param = (Element) elements.item(i);
            params.put(text(param, "param-name"), text(param, "param-value"));
        }
        return params;
    }

    private static String text(Element param, String name) {
        return param.getElementsByTagName(name).item(0).getTextContent();
    }

    static List<DocsSnippet> settings() {
        return DocsSnippet.of("DocsSnippetsTest", "settings");
    }

    @ParameterizedTest
    @MethodSource("settings")
    void variablesAreSettingsWithValidValues(DocsSnippet snippet) {
        Map<String, String> settings = new HashMap<>();
        Matcher variable = VARIABLE.matcher(snippet.text());
        while (variable.find()) {
            settings.put(
                    "holdfast." + variable.group(1).toLowerCase(Locale.ROOT).replace('_', '.'), variable.group(2));
        }

        HoldfastConfig config =
                HoldfastConfig.read(new SettingsSource(snippet.where(), settings), AppPlace.at("/shop"));

        assertThat(settings).hasSameSizeAs(snippet.lines());
        assertThat(config.warnings())
                .filteredOn(DocsSnippetsTest::isOfTheSnippet)
                .isEmpty();
    }

    static List<DocsSnippet> haproxy() {
        return DocsSnippet.of("DocsSnippetsTest", "haproxy");
    }

    @ParameterizedTest
    @MethodSource("haproxy")
    void balancerIsPartOfTheOneThatBalancersItRuns(DocsSnippet snippet) {
        DocsSnippet whole = DocsSnippet.of("BalancersIT", "").stream()
                .filter(candidate -> candidate.language().equals("haproxy"))
                .findFirst()
                .orElseThrow();

        assertThat(Collections.indexOfSubList(whole.lines(), snippet.lines()))
                .as("%s is a part of %s", snippet, whole)
                .isNotNegative();
    }

    static List<DocsSnippet> commands() {
        return DocsSnippet.of("DocsSnippetsTest", "commands");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void commandsOfTheRepositoryExist(DocsSnippet snippet) {
        Set<String> machine = Set.of("mvn", "cp", "cat", "curl", "sudo", "sha256sum", "HOLDFAST_REAL=required");

        assertThat(snippet.lines()).isNotEmpty().allSatisfy(line -> {
            String command = line.split(" ", 2)[0];
            assertThat(machine.contains(command) || Files.isExecutable(DocsSnippet.ROOT.resolve(command)))
                    .as("%s is a program of the machine or the repository", command)
                    .isTrue();
        });
    }

    static List<DocsSnippet> java() {
        return DocsSnippet.of("DocsSnippetsIT", "java");
    }

    @ParameterizedTest
    @MethodSource("java")
    void programIsTheCodeOfATest(DocsSnippet snippet) {
        Path source =
                Path.of(System.getProperty("basedir", "."), "src/test/java/dev/holdfast/tomcat/DocsSnippetsIT.java");
        List<String> code = DocsSnippet.read(source).stream().map(String::strip).toList();

        assertThat(Collections.indexOfSubList(
                        code, snippet.lines().stream().map(String::strip).toList()))
                .as("%s stands in DocsSnippetsIT", snippet)
                .isNotNegative();
    }
}
