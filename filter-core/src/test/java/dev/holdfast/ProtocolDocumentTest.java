package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What docs/protocol.md says of the code, and what the code cites of it, in all modules: numbers, classes, decisions,
 * locks, groups.
 */
class ProtocolDocumentTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");
    private static final List<String> MODULES = List.of("filter-core", "tomcat-valve", "jetty-module", "examples");
    private static final String TESTKIT = "testkit";

    /** What was read of folders, since several tests look at the same ones. */
    private static final Map<List<String>, Map<String, String>> SOURCES = new HashMap<>();

    private static final Path SCRIPTS = ROOT.resolve("filter-core/src/main/resources/dev/holdfast/redis");
    private static final Path DOCUMENT = ROOT.resolve("docs/protocol.md");

    /** "rule 7 (c)", "rules 1, 2 and 8", "rules 4 to 7", "Clause (c) of rule 1", "P5". */
    private static final String NUMBER = "(\\d+)(?: \\(([a-z])\\))?";

    private static final Pattern RULE = Pattern.compile("\\b[Rr]ule " + NUMBER);
    private static final Pattern CLAUSE = Pattern.compile("\\b[Cc]lause \\(([a-z])\\) of rule (\\d+)");
    private static final Pattern RULES =
            Pattern.compile("\\b[Rr]ules (\\d+(?: \\([a-z]\\))?(?:(?:,|,? and| to| or) \\d+(?: \\([a-z]\\))?)+)");
    private static final Pattern RANGE = Pattern.compile("(\\d+) to (\\d+)");
    private static final Pattern PROMISE = Pattern.compile("\\bP\\d{1,2}\\b");
    private static final Pattern LINE_OF_A_COMMENT = Pattern.compile("\\R\\s*(?:\\*(?!/)|//|--)\\s?");
    private static final Pattern COMMENT = Pattern.compile("/\\*[\\s\\S]*?\\*/|//.*");

    private static final Pattern HEADING = Pattern.compile("^\\*\\*(?:(P\\d+)|Rule " + NUMBER + ")[ .]");
    private static final Pattern CLASS =
            Pattern.compile("`((?=\\w*[a-z])[A-Z]\\w*)(?:\\.(\\w+))?`"); // not HFEPOCH, which is all capitals
    private static final Pattern SCRIPT = Pattern.compile("`(\\w+\\.lua)`");
    private static final Pattern DECISION = Pattern.compile("`((?:Store)?Rules)\\.(\\w+)`");
    private static final Pattern METHOD = Pattern.compile("(?m)^    (?:public )?[\\w<>]+ (\\w+)\\([^;{]*\\) \\{");
    private static final Pattern OVERRIDDEN =
            Pattern.compile("@Override\\s+(?:@Nullable\\s+)?(?:public )?(?:@Nullable )?[\\w<>]+ (\\w+)\\(");
    private static final Pattern LOCK =
            Pattern.compile("\\bsynchronized\\b|new ReentrantLock\\(|new ReentrantReadWriteLock\\(|new Semaphore\\(");

    // ---- numbers

    @Test
    void everyRuleAndPromiseHasItsNumberOnceInTheirOrder() {
        List<String> promises = numbers(number -> number.startsWith("P"));
        List<String> rules = numbers(number -> number.matches("\\d+"));

        assertThat(promises)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 12).mapToObj(i -> "P" + i).toList());
        assertThat(rules)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 13).mapToObj(String::valueOf).toList());
        assertThat(paragraphs().keySet()).as("every clause once").hasSameSizeAs(numbers(number -> true));
    }

    @Test
    void everyRuleAndPromiseThatTheCodeCitesIsInTheDocument() throws IOException {
        Map<String, Set<String>> cited = new TreeMap<>();
        eachSource((name, text) -> citations(text)
                .forEach(number ->
                        cited.computeIfAbsent(number, n -> new TreeSet<>()).add(name)));

        Set<String> numbers = paragraphs().keySet();
        assertThat(cited).as("numbers that are cited, and where").hasSizeGreaterThan(15);
        assertThat(cited)
                .allSatisfy((number, files) ->
                        assertThat(numbers).as("%s, cited in %s", number, files).contains(number));
    }

    @Test
    void everyRuleAndPromiseNamesWhatHoldsItAndTheTestThatShowsIt() throws IOException {
        Map<String, String> main = main();
        Map<String, String> tests = tests();

        assertThat(paragraphs()).allSatisfy((number, paragraph) -> {
            assertThat(paragraph).as("%s", number).contains("*Held by* ");
            assertThat(classes(paragraph)).as("classes that hold %s", number).containsAnyElementsOf(main.keySet());
            assertThat(classes(paragraph)).as("tests of %s", number).containsAnyElementsOf(tests.keySet());
        });
    }

    /** Of a text of a source, in the form that {@link #paragraphs} has: P5, 7, 7c. */
    private static Set<String> citations(String source) {
        Set<String> found = new TreeSet<>();
        PROMISE.matcher(source).results().forEach(promise -> found.add(promise.group()));
        if (!source.contains("ule")) {
            return found; // as most: neither a rule nor its clause, and the patterns take their time
        }
        String text = LINE_OF_A_COMMENT.matcher(source).replaceAll(" ");
        RULE.matcher(text).results().forEach(rule -> found.add(number(rule, 1)));
        CLAUSE.matcher(text).results().forEach(clause -> found.add(clause.group(2) + clause.group(1)));
        RULES.matcher(text).results().map(rules -> rules.group(1)).forEach(list -> {
            Pattern.compile(NUMBER).matcher(list).results().forEach(rule -> found.add(number(rule, 1)));
            RANGE.matcher(list)
                    .results()
                    .forEach(range -> IntStream.rangeClosed(
                                    Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)))
                            .forEach(rule -> found.add(String.valueOf(rule))));
        });
        return found;
    }

    private static String number(MatchResult match, int group) {
        String clause = match.group(group + 1);
        return match.group(group) + (clause == null ? "" : clause);
    }

    @Test
    void citationsAreFoundInEachOfTheirForms() {
        assertThat(citations("/**\n     * As rule\n     * 7 (c) says; rules 1, 2 and 8. */ // P5: no\n-- rules 4 to 6"))
                .containsExactlyInAnyOrder("7c", "1", "2", "8", "P5", "4", "5", "6");
        assertThat(citations("Clause (c) of rule 1, rules 3 (a), and 12")).contains("1c", "3a", "12");
        assertThat(citations("rule 8, 30 seconds of it, p99, P256 and PKCS12")).containsExactly("8");
    }

    // ---- classes

    @Test
    void everyClassScriptAndMemberThatTheDocumentNamesIsThere() throws IOException {
        Map<String, String> all = main();
        tests().forEach((name, text) -> all.merge(name, text, String::concat));
        String document = read(DOCUMENT);
        List<String> missing = new ArrayList<>();
        CLASS.matcher(document).results().forEach(name -> {
            String text = all.get(name.group(1));
            String member = name.group(2);
            if (text == null || (member != null && !hasWord(text, member))) {
                missing.add(name.group());
            }
        });
        SCRIPT.matcher(document)
                .results()
                .filter(script -> !Files.exists(SCRIPTS.resolve(script.group(1))))
                .forEach(script -> missing.add(script.group()));

        assertThat(missing).isEmpty();
        assertThat(classes(document)).hasSizeGreaterThan(100);
    }

    private static boolean hasWord(String text, String word) {
        return Pattern.compile("\\b" + Pattern.quote(word) + "\\b")
                .matcher(text)
                .find();
    }

    @Test
    void everyClassOfTheProtocolStandsWithItsPackage() throws IOException {
        Map<String, Set<String>> documented = new TreeMap<>();
        section("### Inside `session`")
                .lines()
                .filter(line -> line.startsWith("| `"))
                .forEach(line -> documented
                        .computeIfAbsent(line.replaceFirst("^\\| `\\.?(\\w+)`.*", "$1"), p -> new TreeSet<>())
                        .addAll(classes(line)));
        Map<String, Set<String>> there = new TreeMap<>();
        try (Stream<Path> files = Files.walk(ROOT.resolve("filter-core/src/main/java/dev/holdfast/session"))) {
            files.filter(file -> isClass(file))
                    .forEach(file -> there.computeIfAbsent(
                                    file.getParent().getFileName().toString(), p -> new TreeSet<>())
                            .add(name(file)));
        }

        assertThat(documented).isEqualTo(there);
        assertThat(there).hasSize(7);
    }

    // ---- decisions

    /** What {@code ModelRule} lets be taken away: the functions of {@code Rules} and of {@code StoreRules}. */
    @Test
    void everyDecisionIsNamedWithTheModelTestThatTakesItAway() throws IOException {
        Map<String, Set<String>> takenAway = decisions();
        Map<String, Set<String>> documented = new TreeMap<>();
        String alone = section("### Decisions that no model test takes away");
        read(DOCUMENT).lines().forEach(line -> {
            Set<String> models = classes(line).stream()
                    .filter(name -> name.matches("Model\\w+Test"))
                    .collect(Collectors.toCollection(TreeSet::new));
            DECISION.matcher(line)
                    .results()
                    .forEach(decision -> documented
                            .computeIfAbsent(decision.group(1) + "." + decision.group(2), d -> new TreeSet<>())
                            .addAll(models));
        });

        assertThat(documented.keySet()).containsExactlyElementsOf(takenAway.keySet());
        takenAway.forEach((decision, tests) -> {
            assertThat(documented.get(decision))
                    .as("model tests of %s", decision)
                    .containsAll(tests);
            assertThat(alone.contains("`" + decision + "`"))
                    .as("%s stands among those that no model test takes away", decision)
                    .isEqualTo(tests.isEmpty());
        });
    }

    /** With the model tests that override each. */
    private static Map<String, Set<String>> decisions() throws IOException {
        Map<String, String> tests = tests();
        Map<String, Set<String>> decisions = new TreeMap<>();
        Map.of("Rules", main(), "StoreRules", tests)
                .forEach((name, sources) -> METHOD.matcher(sources.getOrDefault(name, ""))
                        .results()
                        .forEach(method -> decisions.put(name + "." + method.group(1), new TreeSet<>())));
        tests.forEach((name, text) -> {
            if (name.matches("Model\\w+Test")) {
                OVERRIDDEN
                        .matcher(text)
                        .results()
                        .map(method -> method.group(1))
                        .forEach(method -> decisions.forEach((decision, by) -> {
                            if (decision.endsWith("." + method)) {
                                by.add(name);
                            }
                        }));
            }
        });
        assertThat(decisions).hasSizeGreaterThan(40);
        return decisions;
    }

    // ---- locks

    @Test
    void everyLockOfTheCoreIsInTheTable() throws IOException {
        Set<String> documented = new TreeSet<>();
        section("## Locks")
                .lines()
                .filter(line -> line.startsWith("| "))
                .forEach(line -> documented.addAll(classes(line.split("\\|", -1)[1])));
        Set<String> locking = new TreeSet<>();
        try (Stream<Path> files = Files.walk(ROOT.resolve("filter-core/src/main/java"))) {
            files.filter(file -> isClass(file))
                    .filter(file -> LOCK.matcher(withoutComments(read(file))).find())
                    .forEach(file -> locking.add(name(file)));
        }

        assertThat(documented).containsExactlyElementsOf(locking);
    }

    // ---- the document

    /** Of each promise, rule and clause; the key is P5, 7 or 7c. */
    private static Map<String, String> paragraphs() {
        Map<String, String> paragraphs = new LinkedHashMap<>();
        read(DOCUMENT).lines().forEach(line -> {
            Matcher heading = HEADING.matcher(line);
            if (heading.find()) {
                paragraphs.put(heading.group(1) != null ? heading.group(1) : number(heading, 2), line);
            }
        });
        return paragraphs;
    }

    private static List<String> numbers(Predicate<String> which) {
        return read(DOCUMENT)
                .lines()
                .map(HEADING::matcher)
                .filter(Matcher::find)
                .map(heading -> heading.group(1) != null ? heading.group(1) : number(heading, 2))
                .filter(which)
                .toList();
    }

    /** From its heading to the next one. */
    private static String section(String heading) {
        String document = read(DOCUMENT);
        int begin = document.indexOf("\n" + heading + "\n");
        assertThat(begin).as("the heading %s", heading).isNotNegative();
        int end = document.indexOf("\n#", begin + heading.length());
        return document.substring(begin, end < 0 ? document.length() : end);
    }

    private static List<String> classes(String text) {
        return CLASS.matcher(text).results().map(name -> name.group(1)).toList();
    }

    // ---- the code

    private static void eachSource(BiConsumer<String, String> action) throws IOException {
        List<String> modules = new ArrayList<>(MODULES);
        modules.add(TESTKIT);
        for (String module : modules) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                files.filter(file -> file.toString().endsWith(".java")
                                || file.toString().endsWith(".lua"))
                        .filter(file ->
                                !name(file).equals(ProtocolDocumentTest.class.getSimpleName())) // it has samples
                        .forEach(file -> action.accept(file.getFileName().toString(), read(file)));
            }
        }
    }

    /** The text of each class by its name, without comments; of those of one name, joined. */
    private static Map<String, String> main() throws IOException {
        return sources(MODULES.stream().map(module -> module + "/src/main").toList());
    }

    /** The same of what the product is tested with. */
    private static Map<String, String> tests() throws IOException {
        List<String> folders = new ArrayList<>(
                MODULES.stream().map(module -> module + "/src/test").toList());
        folders.add(TESTKIT + "/src");
        return sources(folders);
    }

    private static Map<String, String> sources(List<String> folders) throws IOException {
        Map<String, String> read = SOURCES.get(folders);
        if (read == null) {
            read = readSources(folders);
            SOURCES.put(folders, read);
        }
        return new TreeMap<>(read);
    }

    private static Map<String, String> readSources(List<String> folders) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (String folder : folders) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                files.filter(file -> isClass(file))
                        .forEach(file -> texts.merge(name(file), withoutComments(read(file)), String::concat));
            }
        }
        return texts;
    }

    private static boolean isClass(Path file) {
        return file.toString().endsWith(".java") && !file.endsWith("package-info.java");
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".java", "");
    }

    private static String withoutComments(String source) {
        return COMMENT.matcher(source).replaceAll("");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
