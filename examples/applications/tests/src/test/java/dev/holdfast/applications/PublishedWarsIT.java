package dev.holdfast.applications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.ApplicationServer;
import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.ExplodedApplication;
import dev.holdfast.testing.Failover;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.Visit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * WARs as their projects published them, on two Tomcats. They are for {@code javax.servlet}, and Tomcat's own tool
 * makes them ones for {@code jakarta.servlet}; nothing else is changed.
 *
 * <p>With {@code -Dapplications.whole=true} alone.
 */
@EnabledIfSystemProperty(
        named = "applications.whole",
        matches = "true",
        disabledReason = "what they need is loaded with -Dapplications.whole=true alone")
class PublishedWarsIT {
    @TempDir
    private static Path migrated;

    @TempDir
    private Path pages;

    private static Map<String, Path> application(String name, String war) throws Exception {
        Path target = migrated.resolve(war);
        if (!Files.exists(target)) {
            migrate(Path.of("target", "wars", war), target);
        }
        return Map.of(name, ExplodedApplication.ofWar(target).path());
    }

    private static void migrate(Path war, Path target) throws Exception {
        Path tool;
        try (Stream<Path> libraries =
                Files.list(TomcatDistribution.TOMCAT_11.library("catalina.jar").getParent())) {
            tool = libraries
                    .filter(jar -> jar.getFileName().toString().startsWith("jakartaee-migration-"))
                    .findFirst()
                    .orElseThrow();
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        tool.toString(),
                        war.toString(),
                        target.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    /** A login, and a list in the user that is changed in place. Wicket keeps pages on their node's disk. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "JETTY")
    void libraryOfWicketsExamplesGoesOn(ApplicationServer server) throws Exception {
        Failover.shows(
                """
                [Effective Java, The Illiad, Why Stock Markets Crash, The Netherlands]
                [The Illiad, Why Stock Markets Crash, The Netherlands, Windows, Windows, Windows!]
                [The Illiad, Why Stock Markets Crash, Windows, Windows, Windows!, This is a test]
                """,
                server,
                application("wicket", "wicket-examples.war"),
                Map.of(),
                Set.of(),
                PublishedWarsIT::library);
    }

    private static String library(List<ContainerProcess> nodes, IntPredicate kills) {
        AtomicBoolean clicking = new AtomicBoolean();
        Visit reader = new Visit(nodes, "/wicket", answer -> !clicking.get() && kills.test(answer));
        StringBuilder seen = new StringBuilder(books(reader.open("library/")
                .submit("form[action*=signInForm]", Map.of("username", "wicket", "password", "wicket"))));
        for (String book : List.of("Effective Java", "The Netherlands")) {
            clicking.set(true); // else the page would begin anew, and nothing be removed
            reader.open("/wicket/library/");
            clicking.set(false);
            seen.append(books(reader.click("tr:contains(" + book + ") a:contains(Remove)")));
        }
        return seen.toString();
    }

    private static String books(Visit reader) {
        return reader.page().select("tr td:first-child span").eachText().stream()
                        .map(book -> book.replaceFirst(" \\(.*", ""))
                        .toList()
                + "\n";
    }

    /** Pages that are edited, and the way that somebody came. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "JETTY")
    void editorOfJspWikiGoesOn(ApplicationServer server) throws Exception {
        Failover.shows(
                """
                Tea is from Varna.
                Cups is from Varna.
                Milk is from Varna.
                [Cups]
                """,
                server,
                application("wiki", "jspwiki-war.war"),
                Map.of(
                        "holdfast.classes.allow", Docs.parameter("frameworks.md", "Published applications"),
                        "jspwiki.fileSystemProvider.pageDir", pages.toString()),
                Set.of(),
                PublishedWarsIT::edit);
    }

    private static String edit(List<ContainerProcess> nodes, IntPredicate kills) {
        Visit writer = new Visit(nodes, "/wiki", kills);
        StringBuilder seen = new StringBuilder();
        // The pages are there from the first time on: what they say has to be of this one.
        String port = UUID.randomUUID().toString();
        for (String page : List.of("Tea", "Cups", "Milk")) {
            writer.open("/wiki/Edit.jsp?page=" + page)
                    .submit("#editform", Map.of("_editedtext", page + " is from " + port + ".", "ok", "Save"));
            seen.append(writer.text(".page-content").replace(port, "Varna")).append('\n');
        }
        return seen.append(writer.page().select("#trail li").eachText())
                .append('\n')
                .toString();
    }
}
