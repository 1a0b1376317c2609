package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.holdfast.config.Setting;
import dev.holdfast.config.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documents say of the product what is so: each sentence that was once untrue, and what can be compared with the
 * code.
 */
class DocsTruthTest {
    private static final Pattern SETTING = Pattern.compile("(?<!dev\\.)\\bholdfast\\.([a-z]+(?:\\.[a-z]+)*)");
    private static final Pattern MISSING = Pattern.compile("(?m)^\\| .* \\| `([a-z.]+)` \\|$");
    private static final Pattern CODE = Pattern.compile("HF-4[0-9]{2}");
    private static final Pattern PASSWORD_IN_A_COMMAND = Pattern.compile("-Dholdfast\\.redis=\\S*@");

    /**
     * Names that begin like settings and are none: file names, what a message shows as a mistake, and what the
     * auto-configuration of Spring Boot alone reads.
     */
    private static final Set<String> NO_SETTINGS = Set.of("enabled", "ini", "redsi");

    static List<Path> documents() {
        return DocsSnippet.documents();
    }

    private static String read(Path file) {
        return String.join("\n", DocsSnippet.read(file));
    }

    private static String read(String file) {
        return read(DocsSnippet.ROOT.resolve(file));
    }

    /**
     * What the documents once said of parts that had been built since, of settings, and against each other; and what
     * they say now.
     */
    static List<Arguments> corrections() {
        return List.of(
                arguments(
                        "README.md",
                        "also if they changed different attributes",
                        "changes of different attributes are merged"),
                arguments(
                        "README.md",
                        "A Redis that starts empty has no sessions",
                        "the sessions come back that living nodes hold"),
                arguments("README.md", "Two nodes with the same name are not detected", "Each node has its own name"),
                arguments("README.md", "merging of changes to different attributes", "Planned, not available yet"),
                arguments("README.md", "repair after Redis lost data", "The nodes send again what they hold"),
                arguments("README.md", "1 a second for each node and application", "docs/operations.md#redis"),
                arguments("README.md", "or a `holdfast.*` context-param.", "`<Parameter>` of its `context.xml`"),
                arguments(
                        "README.md",
                        "`none` for a balancer with a cookie of its own",
                        "sticky by a cookie of its own or by IP hash the default is right"),
                arguments("README.md", "steps 2 to 4 are the same", "steps 2 and 4 are the same"),
                arguments(
                        "README.md",
                        "of its own classes or the JDK's.",
                        "of the application's own classes, or values of the JDK"),
                arguments("README.md", "for a first try.", "A value that cannot be stored stays on its node"),
                arguments(
                        "README.md",
                        "**An outage of Redis is neither an outage of the site nor a logout.**",
                        "as long as requests are sticky and `holdfast.outage` is `serve`"),
                arguments("README.md", "replace the JAR", "remove the old JAR"),
                arguments("README.md", "the first two changes of a node", "A request that needs it waits for up to"),
                arguments(
                        "docs/affinity.md",
                        "set `holdfast.affinity=none` and let them",
                        "is for balancers that are *not* sticky"),
                arguments(
                        "docs/affinity.md",
                        "With Holdfast's Tomcat module the",
                        "Holdfast's module for Tomcat or Jetty"),
                arguments(
                        "docs/configuration.md",
                        "if the balancer keeps affinity with a cookie of its own",
                        "sticky by a cookie of its own or by IP hash"),
                arguments("docs/peers.md", "There are no modes for", "have to be chosen"),
                arguments("docs/peers.md", "never in the id.", "with `suffix` behind the id"),
                arguments("docs/peers.md", "away | 503, and nobody", "their node serves them from memory"),
                arguments(
                        "docs/peers.md",
                        "counted, and named in the log",
                        "`holdfast.affinity=suffix` leaves it as it is"),
                arguments("docs/consistency.md", "mean: one Tomcat;", "mean: one Tomcat or Jetty;"),
                arguments("docs/consistency.md", "brings the mark", "brings the epoch of this very copy"),
                arguments("docs/consistency.md", "stands a mark that outlives", "stands a tombstone that outlives"),
                arguments("docs/attribute-format.md", "and encryption", "policy and the limits below"),
                arguments("docs/operations.md", "Each Tomcat opens up to", "connections to each primary"),
                arguments("docs/operations.md", "that could take part and does not", "that does not ask for Holdfast"),
                arguments(
                        "docs/operations.md",
                        "`This node has no name of its own` |",
                        "| HF-303 | The node has no name"),
                arguments(
                        "docs/tomcat.md",
                        "org.springframework.security.core.context.SecurityContextImpl",
                        "What known frameworks keep in a session is allowed by default"),
                arguments("docs/tomcat.md", "the session lives on.\n-", "because it began while Redis was away"),
                arguments("docs/decisions.md", "that cannot be saved.\n", "found when the request is saved"));
    }

    @ParameterizedTest
    @MethodSource("corrections")
    void whatWasUntrueIsSaidRightly(String file, String untrue, String right) {
        assertThat(read(file)).doesNotContain(untrue).contains(right);
    }

    // ---- README and the code

    @Test
    void whatTheReadmeCallsMissingHasNoSetting() {
        String readme = read("README.md");
        String missing = readme.substring(readme.indexOf("### Not yet"), readme.indexOf("\n## Settings"));
        Matcher name = MISSING.matcher(missing);
        Set<String> named = new TreeSet<>();
        while (name.find()) {
            named.add(name.group(1));
        }

        assertThat(named).isNotEmpty().doesNotContainAnyElementsOf(names());
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everySettingThatIsNamedExists(Path document) {
        Set<String> named = new TreeSet<>();
        Matcher name = SETTING.matcher(read(document));
        while (name.find()) {
            named.add(name.group(1));
        }
        named.removeAll(NO_SETTINGS);

        assertThat(names()).containsAll(named);
    }

    private static Set<String> names() {
        return Settings.ALL.stream().map(Setting::name).collect(Collectors.toSet());
    }

    @ParameterizedTest
    @CsvSource({"CHANGELOG.md", "docs/redis.md"})
    void rangeOfTheCodesForRedisEndsWithTheLast(String file) {
        String last = lastCode(read("docs/operations.md"));

        assertThat(read(file)).contains("HF-401 to " + last);
    }

    private static String lastCode(String text) {
        Matcher code = CODE.matcher(text);
        TreeSet<String> codes = new TreeSet<>();
        while (code.find()) {
            codes.add(code.group());
        }
        return codes.last();
    }

    // ---- what an operator would do

    @ParameterizedTest
    @MethodSource("documents")
    void noPasswordStandsOnACommandLine(Path document) {
        assertThat(PASSWORD_IN_A_COMMAND.matcher(read(document)).results()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void nobodyIsSentToACounterThatCannotBeRead(Path document) {
        assertThat(read(document)).doesNotContainPattern("[Cc]ounters?:? `");
    }
}
