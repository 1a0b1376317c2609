package dev.holdfast.examples.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The script {@code examples/failover/run} as a user calls it.
 *
 * @param exitCode as it ended
 * @param output everything it printed
 */
record Run(int exitCode, String output) {

    private static final long LIMIT_MINUTES = 5;

    /** Runs it to its end, without building anything: Maven is at work already. */
    static Run toTheEnd(String... options) throws IOException, InterruptedException {
        Path log = Files.createTempFile("failover-run", ".log");
        try {
            Process process = start(log, options);
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                process.destroy();
                throw new AssertionError("run did not end within " + LIMIT_MINUTES + " minutes: " + read(log));
            }
            return new Run(process.exitValue(), read(log));
        } finally {
            Files.delete(log);
        }
    }

    /** Starts it and returns at once; what it prints goes to the log. */
    static Process start(Path log, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", script().toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("SHOP_IS_BUILT", "yes");
        return builder.start();
    }

    static String read(Path log) {
        try {
            return Files.readString(log, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number in the line of that name of the table. */
    int number(String name) {
        return output.lines()
                .filter(line -> line.startsWith(name + ": "))
                .mapToInt(line -> Integer.parseInt(line.substring(name.length() + 2)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("There is no line \"" + name + ": \" in: " + output));
    }

    private static Path script() {
        return Path.of(System.getProperty("basedir", "."), "failover", "run").toAbsolutePath();
    }
}
