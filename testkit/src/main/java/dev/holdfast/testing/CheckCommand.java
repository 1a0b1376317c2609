package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command {@code check} of a JAR, run as operators do: with nothing but the JAR.
 *
 * @param lines what it has printed
 */
public record CheckCommand(int exitCode, List<String> lines) {
    /**
     * Runs it to its end.
     *
     * @param arguments behind {@code -jar} and the file
     */
    public static CheckCommand run(Path jar, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            ChildProcesses.endWithThisJvm(process);
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new CheckCommand(process.waitFor(), text.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** Checks {@code /shop/cart} at a balancer of this machine. */
    public static CheckCommand at(Path jar, int port) {
        return run(jar, "check", "http://127.0.0.1:" + port + "/shop/cart?do=read");
    }
}
