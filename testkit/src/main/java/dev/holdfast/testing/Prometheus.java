package dev.holdfast.testing;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real Prometheus on a free loopback port.
 *
 * <p>Starting it ends the test as {@link RealParts#require} says where {@code prometheus} is not installed.
 */
public final class Prometheus implements AutoCloseable {
    private static final String PACKAGE = "prometheus";

    private final int port;
    private final BalancerProcess process;

    private Prometheus(int port, BalancerProcess process) {
        this.port = port;
        this.process = process;
    }

    /** @param configuration whom it scrapes; it does so each second */
    public static Prometheus start(String configuration) {
        Path binary = RealParts.require("prometheus", PACKAGE);
        int port = Ports.free();
        Path directory = BalancerProcess.directory("prometheus");
        Path file = BalancerProcess.write(
                directory.resolve("prometheus.yml"),
                "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n" + configuration);
        return new Prometheus(
                port,
                new BalancerProcess(
                        List.of(
                                binary.toString(),
                                "--config.file=" + file,
                                "--storage.tsdb.path=" + directory.resolve("data"),
                                "--web.listen-address=127.0.0.1:" + port),
                        directory,
                        port));
    }

    /** The answer to a query of now, as JSON. */
    public String query(String expression) {
        return new Browser()
                .get(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                        + URLEncoder.encode(expression, StandardCharsets.UTF_8)))
                .body();
    }

    /** What Prometheus' own tool finds wrong with metrics in its text format; empty if nothing. */
    public static String complaintsAbout(String metrics) throws IOException {
        return promtool(List.of("check", "metrics"), metrics);
    }

    /** What it finds wrong with a file of rules; empty if nothing. */
    public static String complaintsAboutRules(String rules) throws IOException {
        Path file = BalancerProcess.write(BalancerProcess.directory("promtool").resolve("rules.yml"), rules);
        return promtool(List.of("check", "rules", file.toString()), "");
    }

    private static String promtool(List<String> arguments, String input) throws IOException {
        Path binary = RealParts.require("promtool", PACKAGE);
        Process process = new ProcessBuilder(Stream.concat(Stream.of(binary.toString()), arguments.stream())
                        .toList())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            int status = process.waitFor();
            boolean good = status == 0 && (arguments.contains("rules") || said.isEmpty());
            return good ? "" : "status " + status + ": " + said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while promtool runs", e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
