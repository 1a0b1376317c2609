package dev.holdfast.examples.failover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The script {@code examples/failover/run} as a user calls it.
 *
 * @param exitCode as it ended
 * @param output everything it printed
 */
record Run(int exitCode, String output) {

    private static final long LIMIT_MINUTES = 5;
    private static final Pattern KILL = Pattern.compile("Kill \\d+ of \\d+: n\\d, (\\w+ \\d+\\.\\d+)\\.");
    private static final Pattern TAKEOVER = Pattern.compile(
            "(\\w+ [\\d.]+ to \\w+ [\\d.]+): (\\d+) sessions, (\\d+) of (\\d+) changes kept, (\\d+) of (\\d+) logins kept");

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

    /** What was killed, in its order: name and line of each container. */
    List<String> killedContainers() {
        return output.lines()
                .map(KILL::matcher)
                .filter(Matcher::find)
                .map(kill -> kill.group(1))
                .toList();
    }

    /** The lines about each two containers. */
    List<Takeover> takeovers() {
        return output.lines()
                .map(TAKEOVER::matcher)
                .filter(Matcher::matches)
                .map(line -> new Takeover(
                        line.group(1),
                        Integer.parseInt(line.group(2)),
                        Integer.parseInt(line.group(3)),
                        Integer.parseInt(line.group(4)),
                        Integer.parseInt(line.group(5)),
                        Integer.parseInt(line.group(6))))
                .toList();
    }

    /**
     * What one container went on with after another was killed.
     *
     * @param pair the two, for messages
     */
    record Takeover(String pair, int sessions, int changesKept, int changes, int loginsKept, int logins) {}

    private static Path script() {
        return Path.of(System.getProperty("basedir", "."), "failover", "run").toAbsolutePath();
    }
}
