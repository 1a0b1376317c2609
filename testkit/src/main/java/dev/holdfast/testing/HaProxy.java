package dev.holdfast.testing;

import java.nio.file.Path;
import java.util.List;

/**
 * A real HAProxy on a free loopback port.
 *
 * <p>Starting it ends the test as {@link RealParts#require} says where {@code haproxy} is not installed.
 */
public final class HaProxy implements AutoCloseable {
    /** Stands in a configuration for the address that HAProxy listens on. */
    public static final String FRONT = "${front}";

    private final int port;
    private final BalancerProcess process;

    private HaProxy(int port, BalancerProcess process) {
        this.port = port;
        this.process = process;
    }

    /** @param configuration with {@link #FRONT} behind {@code bind} */
    public static HaProxy start(String configuration) {
        Path binary = RealParts.require("haproxy", "haproxy");
        int port = Ports.free();
        Path directory = BalancerProcess.directory("haproxy");
        Path file = BalancerProcess.write(
                directory.resolve("haproxy.cfg"), configuration.replace(FRONT, "127.0.0.1:" + port));
        return new HaProxy(
                port, new BalancerProcess(List.of(binary.toString(), "-db", "-f", file.toString()), directory, port));
    }

    /**
     * The configuration of docs/affinity.md: affinity by the route cookie over two nodes named n1 and n2.
     *
     * @param n1 the port of the first node on the loopback interface
     * @param n2 the port of the second
     */
    public static HaProxy byRouteCookie(int n1, int n2) {
        return start(Docs.balancer("haproxy", n1, n2).replace("10.0.0.1:80", FRONT));
    }

    /** The same with the lines of docs/operations.md by which it asks the nodes for their health. */
    public static HaProxy askingForHealth(int n1, int n2) {
        String follow = "    cookie HFROUTE\n";
        String usual = Docs.balancer("haproxy", n1, n2);
        return start(usual.replace(follow, follow + Docs.block("operations.md", "haproxy"))
                .replace("10.0.0.1:80", FRONT));
    }

    /**
     * The same with the frontend of docs/peers.md: a node of another product keeps the sessions that it has.
     *
     * @param old the port of that node
     */
    public static HaProxy besideAnotherProduct(int n1, int n2, int old) {
        String usual = Docs.balancer("haproxy", n1, n2);
        String frontend = usual.substring(usual.indexOf("frontend site"), usual.indexOf("\nbackend nodes"));
        String both = Docs.block("peers.md", "haproxy").replace("10.0.0.21:8080", "127.0.0.1:" + old);
        return start(usual.replace(frontend, both).replace("10.0.0.1:80", FRONT));
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
    }
}
