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
import java.util.regex.MatchResult;
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
 * server. What only other systems could run, it reads: the documents say so beside it.
 */
class DocsSnippetsTest {
    /** The lines of files and commands that give values to settings: … is a variable, -D… a property. */
    private static final Map<String, Set<String>> FORMS = Map.of(
            "settings", Set.of("export …"),
            "systemd", Set.of("[Service]", "Environment=…", "EnvironmentFile=/etc/holdfast/redis"),
            "environment", Set.of("…"),
            "setenv.bat", Set.of("set \"…\""),
            "service", Set.of("tomcat10 //US//Tomcat10 ++JvmOptions=-D…", "tomcat10 //US//Tomcat10 ++Environment=…"),
            "dockerfile",
                    Set.of(
                            "FROM tomcat:10.1",
                            "COPY holdfast-tomcat-*.jar /usr/local/tomcat/lib/",
                            "COPY shop.war /usr/local/tomcat/webapps/",
                            "ENV …"));

    private static final Set<String> KINDS = Set.of("commands", "haproxy");
    private static final Set<String> KINDS_WITH_SERVERS = Set.of("web.xml", "context.xml", "java", "redis");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]*))?\\)");
    private static final Pattern ASSIGNMENT =
            Pattern.compile("(?:\\bHOLDFAST_([A-Z_]+)|-Dholdfast\\.([a-z.]+))=([^\\s\"%;#']+)");
    private static final Pattern VERSION =
            Pattern.compile("<artifactId>holdfast-parent</artifactId>\\s*<version>(.+)</version>");
    private static final Pattern BUILT = Pattern.compile("\\btarget/holdfast-[^\\s)]+");

    @Test
    void everySnippetNamesTheTestThatRunsIt() throws IOException {
        Set<String> tests;
        try (Stream<Path> files = Files.walk(DocsSnippet.ROOT, 12)) {
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
                        case "DocsSnippetsTest" ->
                            assertThat(KINDS.contains(snippet.kind()) || FORMS.containsKey(snippet.kind()))
                                    .as("a test for %s", snippet.kind())
                                    .isTrue();
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
        return DocsSnippet.all().stream()
                .filter(snippet -> snippet.testedBy().equals("DocsSnippetsTest") && FORMS.containsKey(snippet.kind()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void variablesAreSettingsWithValidValues(DocsSnippet snippet) {
        Map<String, String> settings = new HashMap<>();
        List<String> forms = new ArrayList<>();
        for (String line : snippet.lines()) {
            Matcher assignment = ASSIGNMENT.matcher(line);
            if (!assignment.find()) {
                forms.add(line);
                continue;
            }
            boolean variable = assignment.group(1) != null;
            String name =
                    variable ? assignment.group(1).toLowerCase(Locale.ROOT).replace('_', '.') : assignment.group(2);
            assertThat(settings.put("holdfast." + name, assignment.group(3)))
                    .as("%s is set twice", name)
                    .isNull();
            forms.add(line.replace(assignment.group(), variable ? "…" : "-D…"));
        }
        assertThat(settings).isNotEmpty();
        assertThat(FORMS.get(snippet.kind())).containsAll(forms);
        // It is the server's, and refused where an application says it.
        assertThat(settings.getOrDefault("holdfast.apps", "shop")).isEqualTo("shop");
        settings.remove("holdfast.apps");

        HoldfastConfig config =
                HoldfastConfig.read(new SettingsSource(snippet.where(), settings), AppPlace.at("/shop"));

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
        Set<String> machine =
                Set.of("mvn", "unzip", "cp", "cat", "curl", "java", "sudo", "sha256sum", "HOLDFAST_REAL=required");

        assertThat(snippet.lines()).isNotEmpty().allSatisfy(line -> {
            String command = line.split(" ", 2)[0];
            assertThat(machine.contains(command) || Files.isExecutable(DocsSnippet.ROOT.resolve(command)))
                    .as("%s is a program of the machine or the repository", command)
                    .isTrue();
        });
    }

    /** With a pattern, sources and Javadoc of a release build would be taken for the product. */
    @Test
    void commandsTakeTheJarOfThisVersionAndNoOther() {
        Matcher version = VERSION.matcher(String.join("\n", DocsSnippet.read(DocsSnippet.ROOT.resolve("pom.xml"))));
        assertThat(version.find()).isTrue();

        List<String> taken = DocsSnippet.all().stream()
                .flatMap(snippet -> snippet.lines().stream())
                .filter(line -> !line.contains("| grep -v -e -sources -e -javadoc)"))
                .flatMap(line -> BUILT.matcher(line).results())
                .map(MatchResult::group)
                .toList();

        assertThat(taken)
                .isNotEmpty()
                .allSatisfy(file -> assertThat(file)
                        .matches("target/holdfast-(?:tomcat-)?" + Pattern.quote(version.group(1)) + "\\.(?:jar|zip)"));
    }

    static List<DocsSnippet> jetty() {
        return DocsSnippet.of("JettyHomeIT", "");
    }

    /** That test runs those of jetty.md; the others begin in the directory of the zip. */
    @ParameterizedTest
    @MethodSource("jetty")
    void commandsForJettyAreThoseThatItsTestRuns(DocsSnippet snippet) {
        List<String> run = jetty().stream()
                .filter(candidate -> candidate.where().startsWith("jetty.md:"))
                .findFirst()
                .orElseThrow()
                .lines();

        assertThat(Collections.indexOfSubList(
                        run,
                        snippet.lines().stream()
                                .map(line -> line.replace("&& cp holdfast-jetty-*.jar ", "&& cp \"$JAR\" "))
                                .toList()))
                .as("%s is a part of jetty.md's", snippet)
                .isNotNegative();
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
