package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The repository's documentation, for tests that run what it shows. */
public final class Docs {
    private Docs() {}

    /**
     * The only block of the language in a file.
     *
     * @param name of the file in {@code docs}
     * @param language as it stands behind the opening fence: {@code xml}
     */
    public static String block(String name, String language) {
        String text = read(name);
        String fence = "```" + language + "\n";
        int begin = text.indexOf(fence) + fence.length();
        if (begin < fence.length() || text.indexOf(fence, begin) >= 0) {
            throw new AssertionError("docs/" + name + " does not have exactly one block of " + language);
        }
        return text.substring(begin, text.indexOf("```", begin));
    }

    /** A balancer's block of affinity.md, with the addresses of the nodes replaced by loopback ports. */
    static String balancer(String language, int n1, int n2) {
        return block("affinity.md", language)
                .replace("10.0.0.11:8080", "127.0.0.1:" + n1)
                .replace("10.0.0.12:8080", "127.0.0.1:" + n2);
    }

    private static String read(String name) {
        Path file = Path.of(System.getProperty("basedir", "."), "..", "docs", name);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read docs/" + name, e);
        }
    }
}
