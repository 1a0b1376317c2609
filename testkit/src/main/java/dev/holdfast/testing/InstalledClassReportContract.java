package dev.holdfast.testing;

import static dev.holdfast.testing.MoneyApplication.CURRENCY;
import static dev.holdfast.testing.MoneyApplication.MONEY;
import static dev.holdfast.testing.MoneyApplication.WALLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code holdfast.classes=learn} and {@code report} on a container from its distribution. The same for all of them. */
public abstract class InstalledClassReportContract {
    @TempDir
    private Path directory;

    /**
     * A node that is not started.
     *
     * @param applications exploded, by their paths without slash
     */
    protected abstract ContainerProcess node(String name, URI redis, Map<String, Path> applications);

    private Path application(String mode) {
        return MoneyApplication.create(
                Map.of("holdfast.classes", mode, "holdfast.classes.directory", directory.toString()));
    }

    /** Which has each class on a line. */
    private String written(String application) throws IOException {
        return Files.readString(directory.resolve("holdfast-classes-" + application + "-n1.txt"))
                .replace(",\n  ", ",");
    }

    @Test
    void learnAndReportSayInLogAndFileWhatClassesOfAJarNeed() {
        Map<String, Path> applications = Map.of("learning", application("learn"), "reporting", application("report"));
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess node = node("n1", redis.uri(), applications)) {
            node.launch();
            node.awaitAnswer();

            assertThat(new Browser().get(node, "/learning/library?put=" + MONEY).body())
                    .isEqualTo("5 EUR");
            assertThat(new Browser()
                            .get(node, "/reporting/library?put=" + WALLET)
                            .body())
                    .isEqualTo("wallet");

            String allowed = "<param-value>" + CURRENCY + "," + MONEY;
            await().atMost(Duration.ofSeconds(30))
                    .ignoreException(NoSuchFileException.class)
                    .untilAsserted(() -> {
                        assertThat(written("learning")).contains(allowed + "</param-value>");
                        assertThat(written("reporting"))
                                .contains(allowed + "," + WALLET + "</param-value>")
                                .endsWith("found:\n" + MoneyApplication.PURSE_IN_WALLET + "\n");
                        assertThat(node.log())
                                .contains("HF-308: holdfast.classes=learn has found 2 classes", allowed)
                                .contains("HF-309: GET /reporting/library, session ", MoneyApplication.PURSE_IN_WALLET);
                    });
        }
    }
}
