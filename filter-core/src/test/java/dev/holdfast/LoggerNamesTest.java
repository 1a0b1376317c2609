package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The names under which the code of all modules logs. They stand in the {@code logging.properties} of operators, so a
 * class that moves or gets another name goes on under its old one.
 */
class LoggerNamesTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");
    private static final List<String> MODULES = List.of("filter-core", "tomcat-valve", "jetty-module");

    /**
     * Of Tomcat's and of the JDK's, whatever the argument; not the logger of a container's own object, which has none.
     */
    private static final Pattern MADE = Pattern.compile("\\bget(?:Logger|Log)\\(([^)]+(?:\\(\\))?)\\)");

    private static final Pattern LITERAL = Pattern.compile("\"(.+)\"");
    private static final Pattern OWN_NAME = Pattern.compile("(\\w+)\\.class(?:\\.getName\\(\\))?");

    @Test
    void loggersHaveTheNamesThatOperatorsConfigure() throws IOException {
        assertThat(names())
                .containsExactly(
                        "dev.holdfast.Holdfast",
                        "dev.holdfast.SharedServer",
                        "dev.holdfast.affinity.AffinityFilter",
                        "dev.holdfast.affinity.AlternationGuard",
                        "dev.holdfast.affinity.ForwardedProtoWarning",
                        "dev.holdfast.boot",
                        "dev.holdfast.jetty.HoldfastSession",
                        "dev.holdfast.jetty.HoldfastSessionCache",
                        "dev.holdfast.jetty.HoldfastSessionCacheFactory",
                        "dev.holdfast.jmx",
                        "dev.holdfast.metrics",
                        "dev.holdfast.redis.OutageGate",
                        "dev.holdfast.redis.OwnTime",
                        "dev.holdfast.redis.RedisSessionStore",
                        "dev.holdfast.session",
                        "dev.holdfast.tomcat.HoldfastInitializer",
                        "dev.holdfast.tomcat.HoldfastManager");
    }

    @Test
    void everyLoggerIsOneOfThoseInTheDocumentOrBelowOne() throws IOException {
        String line = Files.readAllLines(ROOT.resolve("docs/operations.md")).stream()
                .filter(text -> text.startsWith("Loggers: "))
                .findFirst()
                .orElseThrow();
        List<String> documented = Pattern.compile("`(dev\\.holdfast[\\w.]*)`")
                .matcher(line)
                .results()
                .map(name -> name.group(1))
                .toList();

        Set<String> names = names();
        assertThat(names)
                .allSatisfy(name -> assertThat(documented)
                        .as("loggers in docs/operations.md that rule %s", name)
                        .anyMatch(parent -> (name + ".").startsWith(parent + ".")));
        assertThat(documented)
                .isNotEmpty()
                .allSatisfy(parent -> assertThat(names)
                        .as("loggers of the code that %s rules", parent)
                        .anyMatch(name -> (name + ".").startsWith(parent + ".")));
    }

    private static Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String module : MODULES) {
            Path sources = ROOT.resolve(module).resolve("src/main/java");
            try (Stream<Path> files = Files.walk(sources)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    String home =
                            sources.relativize(file.getParent()).toString().replace('/', '.');
                    MADE.matcher(Files.readString(file))
                            .results()
                            .forEach(made -> names.add(name(made.group(1), home, file)));
                }
            }
        }
        return names;
    }

    /** @param home the package of the file, in which a class that is named is looked for */
    private static String name(String argument, String home, Path file) {
        MatchResult literal = LITERAL.matcher(argument).results().findFirst().orElse(null);
        if (literal != null) {
            return literal.group(1);
        }
        MatchResult own = OWN_NAME.matcher(argument).results().findFirst().orElse(null);
        assertThat(own)
                .as("getLogger(%s) in %s: a literal name, or that of a class", argument, file)
                .isNotNull();
        return home + "." + own.group(1);
    }
}
