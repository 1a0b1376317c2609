package dev.holdfast.examples.failover;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis that keeps nothing on disk.
 *
 * @param port on 127.0.0.1
 * @param description for people: which one it is
 */
record Redis(int port, String description) {

    private static final Duration READY_WITHIN = Duration.ofSeconds(15);
    private static final int PROBE_MILLIS = 500;

    /**
     * Starts the machine's redis-server, or the bundled one.
     *
     * @param bundled take the bundled one even if the machine has its own
     * @throws CannotRunException if neither runs here
     */
    static Redis start(boolean bundled, Children children, int port, Path folder)
            throws CannotRunException, InterruptedException {
        Optional<Path> own = bundled ? Optional.empty() : Programs.find("redis-server");
        Path program = own.isPresent() ? own.get() : bundledProgram();
        Path log = folder.resolve("redis.log");
        Process process = children.start(
                List.of(
                        program.toString(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--dir",
                        folder.toString()),
                Map.of(),
                log);
        boolean answered = Waiting.until(READY_WITHIN, () -> !process.isAlive() || answersPing(port));
        if (!answered || !process.isAlive()) {
            throw new CannotRunException((own.isPresent() ? "The machine's" : "The bundled")
                    + " redis-server did not answer on port " + port + "; what it said is in " + log
                    + ". The bundled one needs libssl3; with a redis-server of the machine (apt-get install"
                    + " redis-server) it is not needed.");
        }
        return new Redis(port, own.isPresent() ? "redis-server of this machine" : "bundled redis-server");
    }

    private static Path bundledProgram() throws CannotRunException {
        try {
            return ExecutableProvider.newJarResourceProvider().get().toPath();
        } catch (IOException | RuntimeException e) {
            throw new CannotRunException(
                    "No redis-server is bundled for this kind of machine (" + System.getProperty("os.name") + ", "
                            + System.getProperty("os.arch") + "). Install one: apt-get install redis-server",
                    e);
        }
    }

    private static boolean answersPing(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            return "+PONG".equals(reader.readLine());
        } catch (IOException notYet) {
            return false;
        }
    }
}
