package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The table of docs/frameworks.md has the applications that are run: each of the examples, each with a test that the
 * one command for all of them takes, and each on the servers that its test takes.
 */
class ApplicationsTableTest {
    private static final Path APPLICATIONS = DocsSnippet.ROOT.resolve("examples/applications");
    private static final Pattern COMMAND = Pattern.compile("<it\\.test>([^<]*SpringSecurityIT[^<]*)</it\\.test>");
    private static final Pattern LINK = Pattern.compile("]\\(\\.\\./examples/applications/([a-z0-9-]+)\\)");
    private static final String ON = "✓";
    private static final String OFF = "–";

    /** A row: {@code servers} are Tomcat 10.1, Tomcat 11, Jetty and Spring Boot. */
    private record Row(String application, String test, List<String> servers, String lines, List<String> seen) {
        boolean runsOn(int server) {
            return servers.get(server).startsWith(ON);
        }
    }

    private static List<Row> rows;
    private static Map<String, String> tests;

    @BeforeAll
    static void read() throws IOException {
        String text = Files.readString(DocsSnippet.ROOT.resolve("docs/frameworks.md"));
        String begin = "## Applications that were run\n";
        String section = text.substring(text.indexOf(begin) + begin.length());
        rows = section.substring(0, section.indexOf("\n## "))
                .lines()
                .filter(line -> line.startsWith("|"))
                .skip(2) // what the columns are
                .map(line -> List.of(line.substring(2, line.length() - 2).split(" \\| ")))
                .map(cell -> new Row(
                        cell.get(0),
                        cell.get(1).replace("`", ""),
                        cell.subList(2, 6),
                        cell.get(6),
                        cell.subList(7, 11)))
                .toList();
        tests = new TreeMap<>();
        for (String module : List.of("examples/applications/tests", "tomcat-valve")) {
            try (Stream<Path> files = Files.walk(DocsSnippet.ROOT.resolve(module), 12)) {
                for (Path file : files.filter(each -> each.toString().matches(".*/src/test/java/.*IT\\.java"))
                        .toList()) {
                    tests.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
    }

    @Test
    void everyExampleHasARowAndEveryRowOfAnExampleIsOne() throws IOException {
        Set<String> modules;
        try (Stream<Path> directories = Files.list(APPLICATIONS)) {
            modules = directories
                    .filter(directory -> Files.exists(directory.resolve("pom.xml")))
                    .map(directory -> directory.getFileName().toString())
                    .filter(name -> !name.equals("tests"))
                    .collect(Collectors.toSet());
        }

        assertThat(rows).hasSizeGreaterThanOrEqualTo(14);
        assertThat(rows.stream()
                        .flatMap(row -> LINK.matcher(row.application).results())
                        .map(link -> link.group(1))
                        .collect(Collectors.toSet()))
                .isEqualTo(modules);
    }

    @Test
    void everyRowHasATestThatTheOneCommandRunsAndTheOtherWayRound() throws IOException {
        Matcher command = COMMAND.matcher(Files.readString(DocsSnippet.ROOT.resolve("pom.xml")));
        assertThat(command.find()).isTrue();
        List<String> run = List.of(command.group(1).split(","));

        assertThat(tests).containsKeys(run.toArray(String[]::new));
        assertThat(rows.stream().map(Row::test).distinct()).containsExactlyInAnyOrderElementsOf(run);
    }

    /** A test that takes all servers is on all of them; one that takes none of them is with Spring Boot. */
    @Test
    void everyRowIsOnTheServersThatItsTestTakes() {
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.servers).allMatch(cell -> cell.startsWith(ON) || cell.equals(OFF));
            String test = tests.get(row.test);
            if (test.contains("@MethodSource(\"dev.holdfast.testing.ApplicationServer#tested\")")) {
                assertThat(row.servers).as(row.application).containsExactly(ON, ON, ON, OFF);
            }
            assertThat(row.runsOn(3)).as(row.application).isEqualTo(test.contains("SpringBoot"));
        });
    }

    /** What is not ours to configure is a link to what has to be said. */
    @Test
    void everyLineOfConfigurationIsShown() {
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.lines).as(row.application).matches("0|\\[1.*]\\(#[a-z-]+\\)");
            assertThat(row.seen.get(0))
                    .as("the first page of " + row.application)
                    .isEqualTo(ON);
        });
    }
}
