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
        return only(read(name), name, language);
    }

    /** The only block of the language below a heading of a file. */
    public static String block(String name, String heading, String language) {
        String text = read(name);
        int begin = text.indexOf("\n## " + heading + "\n");
        if (begin < 0) {
            throw new AssertionError("docs/" + name + " has no heading " + heading);
        }
        int end = text.indexOf("\n## ", begin + 1);
        return only(text.substring(begin, end < 0 ? text.length() : end), name + ", " + heading, language);
    }

    /** The value of the one {@code context-param} that is shown below a heading of a file. */
    public static String parameter(String name, String heading) {
        String block = block(name, heading, "xml");
        String begin = "<param-value>";
        return block.substring(block.indexOf(begin) + begin.length(), block.indexOf("</param-value>"))
                .strip()
                .replaceAll("[\\s,;]+", ",");
    }

    private static String only(String text, String name, String language) {
        String fence = "```" + language + "\n";
        int begin = text.indexOf(fence) + fence.length();
        if (begin < fence.length() || text.indexOf(fence, begin) >= 0) {
            throw new AssertionError("docs/" + name + ": does not have exactly one block of " + language);
        }
        return text.substring(begin, text.indexOf("```", begin));
    }

    /**
     * What a block of shell gives to a variable of the environment.
     *
     * @param variable as in {@code HOLDFAST_REDIS}
     */
    public static String exported(String block, String variable) {
        String begin = "export " + variable + "=";
        return block.lines()
                .filter(line -> line.startsWith(begin))
                .map(line -> line.substring(begin.length()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Nothing exports " + variable + ":\n" + block));
    }

    /** A balancer's block of affinity.md, with the addresses of the nodes replaced by loopback ports. */
    static String balancer(String language, int n1, int n2) {
        return balancer("Balancers", language, n1, n2);
    }

    /** The same, below another heading than that of the usual configurations. */
    static String balancer(String heading, String language, int n1, int n2) {
        return block("affinity.md", heading, language)
                .replace("10.0.0.11:8080", "127.0.0.1:" + n1)
                .replace("10.0.0.12:8080", "127.0.0.1:" + n2);
    }

    /**
     * The text of a file.
     *
     * @param name of the file in {@code docs}
     */
    public static String read(String name) {
        Path file = Repository.root().resolve("docs").resolve(name);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read docs/" + name, e);
        }
    }
}
