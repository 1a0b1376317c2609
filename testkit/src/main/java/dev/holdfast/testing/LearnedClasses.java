package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What a node with {@code holdfast.classes=learn} writes into its file of {@code holdfast.classes.directory}. */
public final class LearnedClasses {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private LearnedClasses() {}

    /** Waits until the block in a file has the classes that the one of a document has, and no others. */
    public static void awaitThoseOf(String heading, Path file) {
        List<String> expected = List.of(Docs.parameter("frameworks.md", heading).split(","));
        await().atMost(LIMIT)
                .ignoreException(NoSuchFileException.class)
                .untilAsserted(
                        () -> assertThat(classesOf(Files.readString(file))).containsExactlyElementsOf(expected));
    }

    private static List<String> classesOf(String block) {
        String begin = "<param-value>";
        assertThat(block).as("whole, and not just being written").contains(begin, "</param-value>");
        return List.of(block.substring(block.indexOf(begin) + begin.length(), block.indexOf("</param-value>"))
                .strip()
                .split("[\\s,]+"));
    }
}
