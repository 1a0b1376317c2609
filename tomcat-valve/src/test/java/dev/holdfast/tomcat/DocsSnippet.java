package dev.holdfast.tomcat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fenced block of the documentation that is configuration, code or a command.
 *
 * @param where file and line of its fence
 * @param language behind the opening fence
 * @param testedBy the test class that its mark names, empty if it has no mark
 * @param kind what the mark says behind the class: how it is tested
 * @param lines without the indentation of the fence
 */
record DocsSnippet(String where, String language, String testedBy, String kind, List<String> lines) {
    static final Path ROOT = Path.of(System.getProperty("basedir", "."), "..");

    private static final Pattern FENCE = Pattern.compile("( *)```(\\w*)");
    private static final Pattern MARK = Pattern.compile(" *<!-- tested: (\\w+) ?([\\w.]*) -->");

    String text() {
        return String.join("\n", lines);
    }

    @Override
    public String toString() {
        return where;
    }

    /** All blocks with a language of all documents, in their order; blocks without one are output or pictures. */
    static List<DocsSnippet> all() {
        return documents().stream().flatMap(file -> in(file).stream()).toList();
    }

    static List<DocsSnippet> of(String testedBy, String kind) {
        return all().stream()
                .filter(snippet -> snippet.testedBy.equals(testedBy) && snippet.kind.equals(kind))
                .toList();
    }

    /** The documents at the top and in docs. */
    static List<Path> documents() {
        List<Path> files = new ArrayList<>();
        for (Path directory : List.of(ROOT, ROOT.resolve("docs"))) {
            try (Stream<Path> list = Files.list(directory)) {
                list.filter(file -> file.toString().endsWith(".md")).sorted().forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }

    private static List<DocsSnippet> in(Path file) {
        List<DocsSnippet> found = new ArrayList<>();
        List<String> text = read(file);
        String before = "";
        for (int i = 0; i < text.size(); i++) {
            Matcher fence = FENCE.matcher(text.get(i));
            if (!fence.matches()) {
                before = text.get(i);
                continue;
            }
            int begin = i + 1;
            String indentation = fence.group(1);
            do {
                i++;
            } while (!text.get(i).equals(indentation + "```"));
            if (!fence.group(2).isEmpty()) {
                Matcher mark = MARK.matcher(before);
                boolean marked = mark.matches();
                found.add(new DocsSnippet(
                        file.getFileName() + ":" + begin,
                        fence.group(2),
                        marked ? mark.group(1) : "",
                        marked ? mark.group(2) : "",
                        text.subList(begin, i).stream()
                                .map(line -> line.startsWith(indentation) ? line.substring(indentation.length()) : line)
                                .toList()));
            }
            before = "";
        }
        return found;
    }

    static List<String> read(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
