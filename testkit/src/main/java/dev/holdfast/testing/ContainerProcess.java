package dev.holdfast.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real container in a process and a directory of its own, on a free port of the loopback interface, that can be
 * killed, paused and started again.
 *
 * <p>Everything it says goes to a file in {@code target/it-logs}. Must be closed; ends with the test's JVM at the
 * latest.
 */
public abstract class ContainerProcess implements HttpNode, AutoCloseable {
    /** Where all nodes of all tests of a module log. */
    public static final Path LOGS = Path.of("target", "it-logs").toAbsolutePath();

    static final String HOST = "127.0.0.1";

    /**
     * Nodes live for seconds, and many of them start a framework: a compiler that is quick to begin, and no
     * verification of byte code, which the nodes of the examples and of what measures do as any JVM does.
     */
    static final List<String> QUICK_TO_START = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:-BytecodeVerificationRemote");

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final String name;
    private final Path base;
    private final Path log;
    private final int port;
    private List<String> command = List.of();
    private Process process;
    private boolean killed;

    ContainerProcess(String name) throws IOException {
        this.name = name;
        port = Ports.free();
        Files.createDirectories(LOGS);
        log = Files.createTempFile(LOGS, name + "-", ".log");
        LogScan.add(log);
        base = Files.createDirectories(LOGS.resolveSibling("it-nodes")
                .resolve(log.getFileName().toString().replace(".log", "")));
    }

    /** To be called once, when the directory is prepared. */
    final void startsWith(List<String> line) {
        command = List.copyOf(line);
    }

    final int port() {
        return port;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public URI uri(String path) {
        return URI.create("http://" + HOST + ":" + port + path);
    }

    /** The directory of its own: CATALINA_BASE, JETTY_BASE. */
    public Path base() {
        return base;
    }

    /** All that the node has said so far, in all its lives. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + log, e);
        }
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** The number that the system has given to the running process. */
    public long pid() {
        return process.pid();
    }

    /** What the running process has used of the processors so far, in steps of the system's: 10 ms on Linux. */
    public Duration cpuTime() {
        return process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("Nothing says what node " + name + " uses"));
    }

    /** Sends SIGKILL, as {@code kill -9} does, and returns at once. */
    public void killNow() {
        process.destroyForcibly();
    }

    /** Sends SIGKILL, as {@code kill -9} does, and waits until the process is gone. */
    public void kill() {
        killNow();
        killed = true;
        process.onExit().join();
    }

    /**
     * Waits until the killed process is gone.
     *
     * @throws IllegalStateException if it is still there after ten seconds
     */
    public void awaitDeath() {
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("Node " + name + " lives on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** Sends SIGTERM, as a service manager does, and waits for the orderly end. */
    public void stop() {
        process.destroy();
        process.onExit().join();
    }

    /** Stops the process where it is: its connections stay open, nothing is answered. */
    public void pause() {
        ChildProcesses.signal(process, "STOP");
    }

    /** Lets a paused process go on. */
    public void resume() {
        ChildProcesses.signal(process, "CONT");
    }

    /** Starts the ended node again, on the same port, and waits until it answers. */
    public void restart() {
        if (isAlive()) {
            kill();
        }
        launch();
        awaitAnswer();
    }

    /** Starts the process without waiting for it, if {@link #kill} has ended it, and nobody has started it since. */
    final void launchIfKilled() {
        if (killed) {
            launch();
        }
    }

    /** Starts the process without waiting for it. */
    public void launch() {
        killed = false;
        try {
            process = new ProcessBuilder(command)
                    .directory(base.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + command, e);
        }
        ChildProcesses.endWithThisJvm(process);
    }

    /** Waits until there is an answer of any kind: all applications have then been started, or have failed to. */
    public void awaitAnswer() {
        await("Node " + name + ", see " + log)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(25))
                .until(this::answers);
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("Node " + name + " ended with " + process.exitValue() + ", see " + log);
        }
        try {
            HttpURLConnection connection = (HttpURLConnection) uri("/").toURL().openConnection();
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout((int) PATIENCE.toMillis());
            connection.setRequestProperty("Connection", "close");
            try {
                return connection.getResponseCode() > 0;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return false; // it does not listen yet
        }
    }

    /** Kills the node; its logs stay. */
    @Override
    public void close() {
        if (process != null) {
            kill();
        }
        try {
            if (Files.isDirectory(base.resolve("logs"))) {
                copyAccessLogs();
            }
            deleteTree(base);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot clean up " + base, e);
        }
    }

    private void copyAccessLogs() throws IOException {
        try (Stream<Path> files = Files.list(base.resolve("logs"))) {
            for (Path file : files.toList()) {
                String target = log.getFileName().toString().replace(".log", "-") + file.getFileName();
                LogScan.add(Files.copy(file, LOGS.resolve(target)));
            }
        }
    }

    static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    static void deleteTree(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
