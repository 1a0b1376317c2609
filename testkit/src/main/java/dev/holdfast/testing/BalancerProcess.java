package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the real balancers of the tests have in common: a process in the foreground that listens on a free loopback
 * port.
 */
final class BalancerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;

    /**
     * Starts the balancer and waits until it listens.
     *
     * @param directory for its log; not removed, so that it can be read after a failure
     */
    BalancerProcess(List<String> command, Path directory, int port) {
        Path log = directory.resolve("balancer.log");
        try {
            process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + command, e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "holdfast-test-balancer-end"));
        await(command.get(0) + " on port " + port)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> listens(port, log));
    }

    private boolean listens(int port, Path log) throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("It ended with " + process.exitValue() + ":\n" + Files.readString(log));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** A directory of its own under {@code target}. */
    static Path directory(String name) {
        try {
            Path target = Path.of(System.getProperty("basedir", "."), "target").toAbsolutePath();
            Files.createDirectories(target);
            return Files.createTempDirectory(target, name);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a directory for " + name, e);
        }
    }

    static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
