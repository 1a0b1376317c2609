package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The counters of the code, and their table in docs/operations.md. */
class CountersDocumentTest {
    private static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");

    @Test
    void everyCounterIsDocumentedOnceInTheOrderOfTheCode() throws IOException {
        String code =
                Files.readString(ROOT.resolve("filter-core/src/main/java/dev/holdfast/session/SessionCounters.java"));
        String document = Files.readString(ROOT.resolve("docs/operations.md"));
        int begin = document.indexOf("\n## Counters\n");
        String section = document.substring(begin, document.indexOf("\n## ", begin + 1));

        List<String> counters = find("all\\.put\\(\"(\\w+)\"", code);

        assertThat(counters).hasSizeGreaterThan(20);
        assertThat(find("(?m)^\\| `(\\w+)` \\|", section)).containsExactlyElementsOf(counters);
    }

    private static List<String> find(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
