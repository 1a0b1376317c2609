package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/**
 * A command of a JAR, run as operators do: with nothing but the JAR.
 *
 * @param lines what it has printed
 */
public record JarCommand(int exitCode, List<String> lines) {
    /**
     * Runs it to its end.
     *
     * @param arguments behind {@code -jar} and the file
     */
    public static JarCommand run(Path jar, String... arguments) {
        return run(jar, Map.of(), List.of(arguments));
    }

    /**
     * Runs it to its end.
     *
     * @param environment what it has besides that of this process
     * @param arguments behind {@code -jar} and the file
     */
    public static JarCommand run(Path jar, Map<String, String> environment, List<String> arguments) {
        try (Running running = start(jar, environment, arguments)) {
            return running.toItsEnd();
        }
    }

    /** Starts it, with the same. */
    public static Running start(Path jar, Map<String, String> environment, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dfile.encoding=UTF-8",
                "-Dstdout.encoding=UTF-8",
                "-jar",
                jar.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            return new Running(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run " + command, e);
        }
    }

    /** One that has not ended yet. */
    public static final class Running implements AutoCloseable {
        private final Process process;
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final Thread reader;

        private Running(Process process) {
            this.process = process;
            ChildProcesses.endWithThisJvm(process);
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            this.reader = new Thread(
                    () -> out.lines()
                            .filter(line -> !line.startsWith("Picked up ")) // of the JVM, about variables of its own
                            .forEach(lines::add),
                    "command");
            reader.setDaemon(true);
            reader.start();
        }

        /** Waits for a line like this. */
        public void await(Predicate<String> wanted) {
            // It may have to start first, beside all that a build does.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(lines).anyMatch(wanted));
        }

        private JarCommand toItsEnd() {
            try {
                assertThat(process.waitFor(2, TimeUnit.MINUTES))
                        .as("it has ended; so far it has said %s", lines)
                        .isTrue();
                int exitCode = process.exitValue();
                reader.join();
                return new JarCommand(exitCode, List.copyOf(lines));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted", e);
            }
        }

        /** Ends it if it has not ended. */
        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** Checks {@code /shop/cart} at a balancer of this machine. */
    public static JarCommand at(Path jar, int port) {
        return run(jar, "check", "http://127.0.0.1:" + port + "/shop/cart?do=read");
    }
}
