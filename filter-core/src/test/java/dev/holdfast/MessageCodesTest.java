package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The codes that messages begin with, in the code of all modules, and the list of them in docs/operations.md. */
class MessageCodesTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");
    private static final Pattern IN_CODE = Pattern.compile("\"(HF-\\d{3})\\b");
    private static final Pattern ANYWHERE = Pattern.compile("(HF-\\d{3})\\b");
    private static final Pattern COMMENT = Pattern.compile("(?m)^ *(//|/?\\*).*$");
    private static final List<String> MODULES = List.of("filter-core", "tomcat-valve", "jetty-module", "examples");
    private static final Pattern IN_TABLE = Pattern.compile("(?m)^\\| (HF-\\d{3}) \\|");

    @Test
    void everyCodeOfAMessageIsDocumentedOnceAndTheReverse() throws IOException {
        List<String> documented = new ArrayList<>();
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md"))
                    .forEach(file -> documented.addAll(find(IN_TABLE, read(file))));
        }

        assertThat(documented)
                .as("rows of the table of messages, compared with the codes in src/main")
                .containsExactlyInAnyOrderElementsOf(inCode().keySet());
    }

    @Test
    void noCodeIsUsedForTwoMeanings() throws IOException {
        assertThat(inCode())
                .isNotEmpty()
                .allSatisfy((code, files) ->
                        assertThat(files).as("files that use %s", code).hasSize(1));
    }

    /**
     * What cannot be provoked, and why. What a container lacks, no container that tests run on lacks: the message is
     * made where a field or a method is not found.
     */
    private static final Map<String, String> NOT_PROVOKED = Map.of(
            "HF-101", "a Tomcat without the field that the commit hook is put into",
            "HF-120", "a Jetty without the methods that sessions are put into requests by",
            "HF-204", "a realm whose users are of a class of its own");

    /** That each is provoked is what those tests are read for; that none is forgotten is seen here. */
    @Test
    void everyCodeIsInATestUnlessItCannotBeProvoked() throws IOException {
        Set<String> inTests = new TreeSet<>();
        for (String module : MODULES) {
            addCodes(module, "src/test/java", inTests);
        }
        addCodes("testkit", "src", inTests);
        Set<String> missing = new TreeSet<>(inCode().keySet());
        missing.removeAll(inTests);

        assertThat(missing).containsExactlyInAnyOrderElementsOf(NOT_PROVOKED.keySet());
    }

    private static void addCodes(String module, String folder, Set<String> codes) throws IOException {
        eachFile(module, folder, file -> {
            if (!file.endsWith(Path.of("dev", "holdfast", "MessageCodesTest.java"))) {
                codes.addAll(find(ANYWHERE, COMMENT.matcher(read(file)).replaceAll("")));
            }
        });
    }

    private static Map<String, Set<Path>> inCode() throws IOException {
        Map<String, Set<Path>> codes = new TreeMap<>();
        for (String module : MODULES) {
            eachFile(
                    module,
                    "src/main/java",
                    file -> find(IN_CODE, read(file))
                            .forEach(code -> codes.computeIfAbsent(code, c -> new TreeSet<>())
                                    .add(file)));
        }
        return codes;
    }

    private static void eachFile(String module, String folder, Consumer<Path> action) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve(folder))) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(action);
        }
    }

    private static List<String> find(Pattern pattern, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
