package dev.holdfast.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogScan;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the command has said, and its exit code. */
record Outcome(int code, List<String> out, List<String> err) {
    /** Runs the command; whatever it says, it tells no session id. */
    static Outcome of(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        Outcome outcome = new Outcome(code, lines(out), lines(err));
        assertThat(outcome.toString()).doesNotContainPattern(LogScan.SESSION_ID);
        return outcome;
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** The findings, without what they begin with. */
    List<String> findings() {
        return out.stream()
                .filter(line -> line.startsWith("Finding: "))
                .map(line -> line.substring("Finding: ".length()))
                .toList();
    }
}
