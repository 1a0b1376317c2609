package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What a node with {@code holdfast.classes=learn} writes into its file of {@code holdfast.classes.directory}. */
public final class LearnedClasses {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private LearnedClasses() {}

    /** Waits until the block in a file has the classes that the one of a document has, and no others. */
    public static void awaitThoseOf(String heading, Path file) {
        awaitThoseOf(heading, file, Set.of());
    }

    /** @param seldom classes of the document's block that the file's may have, and mostly has not */
    public static void awaitThoseOf(String heading, Path file, Set<String> seldom) {
        List<String> documented =
                List.of(Docs.parameter("frameworks.md", heading).split(","));
        assertThat(documented).containsAll(seldom);
        List<String> expected = without(seldom, documented);
        await().atMost(LIMIT)
                .ignoreException(NoSuchFileException.class)
                .untilAsserted(() -> assertThat(without(seldom, classesOf(Files.readString(file))))
                        .containsExactlyElementsOf(expected));
    }

    private static List<String> without(Set<String> seldom, List<String> classes) {
        return classes.stream().filter(name -> !seldom.contains(name)).toList();
    }

    private static List<String> classesOf(String block) {
        String begin = "<param-value>";
        assertThat(block).as("whole, and not just being written").contains(begin, "</param-value>");
        return List.of(block.substring(block.indexOf(begin) + begin.length(), block.indexOf("</param-value>"))
                .strip()
                .split("[\\s,]+"));
    }
}
