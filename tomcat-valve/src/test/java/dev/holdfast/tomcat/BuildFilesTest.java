package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * What the build says of itself in several places is the same: pom.xml, docs/testing.md, .ci/run and what a forge runs.
 */
class BuildFilesTest {
    private static final Pattern VALUE = Pattern.compile("-D([a-z.]+)=\\$\\{([a-z.]+)}");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z]+)` \\| (.+) \\| .+ \\| `-D([a-z.]+)=(\\w+)`.* \\|");
    private static final Pattern QUOTED = Pattern.compile("`([\\w*]+)`");
    private static final Pattern PROFILE = Pattern.compile("\\bmvn .*-P([a-z]+)");
    private static final Pattern JDKS = Pattern.compile("jdk: \\[(.+)]");
    private static final Pattern INSTALLS =
            Pattern.compile("apt-get install -y (?:--no-install-recommends )?(redis-.+)");
    private static final Pattern LEFT_OUT = Pattern.compile("left_out=\\(([^)]+)\\)");
    private static final Pattern ASKS = Pattern.compile(
            "RealParts|requireRedis7|startValkey|\\b(?:Nginx|HaProxy|Httpd|Caddy|Chromium|BrowserVisit)\\b");
    private static final Pattern ALONE = Pattern.compile("^ *@Alone\\b", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("[\\w*]+");
    private static final Pattern MISSING = Pattern.compile("missing\\+=\\(([a-z0-9-]+)\\)");

    private static Element pom;
    private static Map<String, Map<String, String>> profiles;
    private static List<Path> tests;

    @BeforeAll
    static void read() throws Exception {
        pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(DocsSnippet.ROOT.resolve("pom.xml").toFile())
                .getDocumentElement();
        profiles = new LinkedHashMap<>();
        for (Element profile : children(child(pom, "profiles"))) {
            Map<String, String> properties = new LinkedHashMap<>();
            children(profile).stream()
                    .filter(element -> element.getTagName().equals("properties"))
                    .flatMap(element -> children(element).stream())
                    .forEach(property -> properties.put(property.getTagName(), property.getTextContent()));
            profiles.put(child(profile, "id").getTextContent(), properties);
        }
        try (Stream<Path> files = Files.walk(DocsSnippet.ROOT, 12)) {
            tests = files.filter(file -> file.toString().matches(".*/(testkit/src/main|src/test)/java/.*\\.java"))
                    .toList();
        }
    }

    private static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }

    private static Element child(Element parent, String name) {
        return children(parent).stream()
                .filter(element -> element.getTagName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(parent.getTagName() + " has no " + name));
    }

    private static String text(String file) {
        return String.join("\n", DocsSnippet.read(DocsSnippet.ROOT.resolve(file)));
    }

    /** A profile that gives tests a longer run. */
    private record LongRun(String id, List<String> tests, String property, String value) {
        @Override
        public String toString() {
            return id;
        }
    }

    static List<LongRun> longRuns() throws Exception {
        read();
        return profiles.entrySet().stream()
                .filter(profile -> profile.getValue().containsKey("argLine"))
                .map(profile -> {
                    Map<String, String> properties = profile.getValue();
                    MatchResult value = VALUE.matcher(properties.get("argLine"))
                            .results()
                            .findFirst()
                            .orElseThrow();
                    assertThat(value.group(1)).isEqualTo(value.group(2));
                    List<String> names = new ArrayList<>();
                    Stream.of("test", "it.test")
                            .filter(properties::containsKey)
                            .forEach(key ->
                                    names.addAll(List.of(properties.get(key).split(","))));
                    return new LongRun(profile.getKey(), names, value.group(1), properties.get(value.group(1)));
                })
                .toList();
    }

    /** Since a name that no class has is no failure of the build. */
    @ParameterizedTest
    @MethodSource("longRuns")
    void everyTestOfALongRunExistsAndReadsItsValue(LongRun run) throws IOException {
        assertThat(run.tests)
                .isNotEmpty()
                .allSatisfy(name -> assertThat(tests)
                        .anyMatch(file -> file.getFileName().toString().matches(name.replace("*", ".*") + "\\.java")));
        List<String> readers = new ArrayList<>();
        for (Path test : tests) {
            if (Files.readString(test).contains("(\"" + run.property + "\"")) {
                readers.add(test.getFileName().toString());
            }
        }
        assertThat(readers).as("who reads %s", run.property).isNotEmpty();
    }

    /** Else one that was renamed would run twice, and nobody would notice. */
    @Test
    void everyTestThatRunsOnceExists() {
        List<String> names = LEFT_OUT.matcher(text(".ci/run"))
                .results()
                .flatMap(found -> NAME.matcher(found.group(1)).results())
                .map(MatchResult::group)
                .toList();

        assertThat(names)
                .hasSizeGreaterThan(10)
                .allSatisfy(name -> assertThat(tests.stream()
                                .filter(file ->
                                        file.getFileName().toString().matches(name.replace("*", ".*") + "\\.java")))
                        .isNotEmpty()
                        .allSatisfy(file -> assertThat(Files.readString(file)).doesNotContainPattern(ASKS)));
    }

    @Test
    void everyTestIsRunByOnePlugin() {
        Element plugins = child(child(pom, "build"), "plugins");
        List<Predicate<Path>> runners = Stream.of("maven-surefire-plugin", "maven-failsafe-plugin")
                .map(name -> taking(plugins, name))
                .toList();

        assertThat(tests.stream().filter(file -> file.toString().matches(".*(Test|IT)\\.java")))
                .hasSizeGreaterThan(100)
                .allSatisfy(file -> {
                    assertThat(file.toString()).as("where tests are looked for").contains("/src/test/java/");
                    assertThat(runners.stream().filter(runner -> runner.test(file)))
                            .hasSize(1);
                });
    }

    /** Each is in a module of which neither its pom nor its parent's says that there are none, but for a profile. */
    @Test
    void testsThatWantTheMachineForThemselvesAreRun() throws IOException {
        String contracts = among(tests, file -> file.startsWith(DocsSnippet.ROOT.resolve("testkit")), ALONE).stream()
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .collect(Collectors.joining("|"));
        Pattern alone = Pattern.compile(ALONE + "|extends (?:" + contracts + ")\\b", Pattern.MULTILINE);
        Map<Path, Boolean> modules = new HashMap<>();
        try (Stream<Path> files = Files.find(DocsSnippet.ROOT, 4, (file, type) -> file.endsWith("pom.xml"))) {
            for (Path file : files.toList()) {
                String text = Files.readString(file);
                if (text.contains("<it.alone.phase>")) {
                    modules.put(
                            file.toAbsolutePath().normalize().getParent(),
                            text.contains("<it.alone.phase>integration-test<"));
                }
            }
        }

        assertThat(contracts).contains("|");
        assertThat(among(tests, file -> true, alone)).hasSizeGreaterThan(contracts.split("\\|").length);
        assertThat(modules).containsValues(true, false).hasSizeGreaterThan(4);
        assertThat(among(tests, file -> !hasSome(modules, file), alone)).isEmpty();
    }

    private static boolean hasSome(Map<Path, Boolean> modules, Path test) {
        Path directory = test.toAbsolutePath().normalize();
        while (!modules.containsKey(directory)) {
            directory = directory.getParent();
        }
        return modules.get(directory);
    }

    private static List<Path> among(List<Path> files, Predicate<Path> which, Pattern pattern) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path file : files) {
            if (which.test(file) && pattern.matcher(Files.readString(file)).find()) {
                found.add(file);
            }
        }
        return found;
    }

    /** With {@code -Dfast} as without it, but for what it is about. */
    @Test
    void fastTestsAreTheSame() {
        Element fast = children(child(pom, "profiles")).stream()
                .filter(profile -> child(profile, "id").getTextContent().equals("fast"))
                .findFirst()
                .orElseThrow();
        List<String> left = patterns(child(child(fast, "build"), "plugins"), "maven-surefire-plugin", "excludes");

        assertThat(left).contains("**/*ArchitectureTest.java");
        assertThat(left)
                .filteredOn(pattern -> !pattern.equals("**/*ArchitectureTest.java"))
                .isEqualTo(patterns(child(child(pom, "build"), "plugins"), "maven-surefire-plugin", "excludes"));
    }

    private static Predicate<Path> taking(Element plugins, String plugin) {
        return any(patterns(plugins, plugin, "includes"))
                .and(any(patterns(plugins, plugin, "excludes")).negate());
    }

    private static Predicate<Path> any(List<String> patterns) {
        return file -> patterns.stream()
                .anyMatch(pattern ->
                        file.getFileSystem().getPathMatcher("glob:" + pattern).matches(file));
    }

    private static List<String> patterns(Element plugins, String plugin, String kind) {
        return children(plugins).stream()
                .filter(element -> child(element, "artifactId").getTextContent().equals(plugin))
                .flatMap(element -> children(child(element, "configuration")).stream())
                .filter(element -> element.getTagName().equals(kind))
                .flatMap(element -> children(element).stream())
                .map(Element::getTextContent)
                .toList();
    }

    @Test
    void everyLongRunIsInTheTableAndEveryRowIsALongRun() throws Exception {
        List<LongRun> rows = new ArrayList<>();
        ROW.matcher(text("docs/testing.md"))
                .results()
                .forEach(row -> rows.add(new LongRun(
                        row.group(1),
                        QUOTED.matcher(row.group(2))
                                .results()
                                .map(test -> test.group(1))
                                .toList(),
                        row.group(3),
                        row.group(4))));
        List<LongRun> runs = longRuns();

        assertThat(rows)
                .hasSameSizeAs(runs)
                .allSatisfy(row -> assertThat(runs)
                        .anyMatch(run -> run.id.equals(row.id)
                                && run.tests.containsAll(row.tests)
                                && run.property.equals(row.property)
                                && run.value.equals(row.value)));
    }

    @Test
    void everyProfileThatIsNamedExists() {
        List<String> named = new ArrayList<>();
        for (Path document : DocsSnippet.documents()) {
            String text = String.join("\n", DocsSnippet.read(document));
            PROFILE.matcher(text).results().forEach(found -> named.add(found.group(1)));
        }
        PROFILE.matcher(text(".github/workflows/ci.yml")).results().forEach(found -> named.add(found.group(1)));

        assertThat(named).contains("history", "dist", "release").allMatch(profiles::containsKey);
    }

    @Test
    void aForgeBuildsOnTheOldestJdkThatWeSupportAndOnNewerOnes() {
        List<String> jdks = JDKS.matcher(text(".github/workflows/ci.yml"))
                .results()
                .flatMap(found -> Stream.of(found.group(1).split(", ")))
                .toList();
        String oldest =
                child(child(pom, "properties"), "maven.compiler.release").getTextContent();

        assertThat(jdks).hasSizeGreaterThan(1).isSorted().startsWith(oldest);
        assertThat(text("pom.xml")).contains("<version>[" + oldest + ",)</version>");
        assertThat(text("docs/testing.md"))
                .contains("on JDK " + String.join(", ", jdks.subList(0, jdks.size() - 1)) + " and "
                        + jdks.get(jdks.size() - 1));
        assertThat(text("CONTRIBUTING.md")).contains("JDK " + oldest + " or newer");
    }

    @Test
    void readmeNamesTheContainersThatTestsRun() {
        Element properties = child(pom, "properties");

        assertThat(text("README.md"))
                .contains(
                        "tests run " + child(properties, "tomcat.version").getTextContent() + " and "
                                + child(properties, "tomcat11.version").getTextContent(),
                        "tests run " + child(properties, "jetty.version").getTextContent(),
                        "tests run " + child(properties, "spring-boot.version").getTextContent() + " and "
                                + child(properties, "spring-boot4.version").getTextContent());
    }

    @Test
    void allInstallTheSamePrograms() {
        List<String> programs = MISSING.matcher(text(".ci/run"))
                .results()
                .map(found -> found.group(1))
                .toList();
        List<String> lines = Stream.of(".github/workflows/ci.yml", "docs/testing.md")
                .flatMap(file -> INSTALLS.matcher(text(file)).results())
                .map(found -> found.group(1))
                .toList();

        assertThat(lines)
                .hasSize(3)
                .allSatisfy(line -> assertThat(line.split(" ")).containsExactlyInAnyOrderElementsOf(programs));
    }
}
