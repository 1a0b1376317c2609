package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The blocks of {@code docs/frameworks.md} that allow more than is known. */
final class Documented {
    private static final Path FILE = Path.of(System.getProperty("basedir", "."), "..", "docs", "frameworks.md");

    private static final Pattern VALUE = Pattern.compile(
            "<param-name>holdfast\\.classes\\.allow</param-name>\\s*<param-value>([^<]*)</param-value>");

    private Documented() {}

    /** The value of {@code holdfast.classes.allow} in the block whose mark names this test. */
    static String allow(String test) throws IOException {
        String text = Files.readString(FILE);
        String mark = "<!-- tested: " + test + " -->\n```xml\n";
        assertThat(text).contains(mark);
        int begin = text.indexOf(mark) + mark.length();
        return VALUE.matcher(text.substring(begin, text.indexOf("```", begin)))
                .results()
                .map(found -> found.group(1).strip())
                .reduce((one, other) -> one + ";" + other)
                .orElseThrow();
    }

    static Set<String> names(String test) throws IOException {
        return new TreeSet<>(ClassPatterns.parse(allow(test)).list());
    }
}
