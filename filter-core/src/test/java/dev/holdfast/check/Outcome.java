package dev.holdfast.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogScan;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What the command has said, and its exit code. */
record Outcome(int code, List<String> out, List<String> err) {
    /** Runs the command; whatever it says, it tells no session id. */
    static Outcome of(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = new CommandLine(CommandSpec.create())
                .addSubcommand(new CheckCommand())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .execute(arguments);
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
