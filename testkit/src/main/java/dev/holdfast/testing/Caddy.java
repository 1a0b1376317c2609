package dev.holdfast.testing;

import java.nio.file.Path;
import java.util.List;

/** A real Caddy on a free loopback port; ends the test as {@link RealParts#require} says where it is not installed. */
public final class Caddy implements AutoCloseable {
    private final int port;
    private final BalancerProcess process;

    private Caddy(int port, BalancerProcess process) {
        this.port = port;
        this.process = process;
    }

    /**
     * The configuration of docs/affinity.md: affinity by the route cookie over two nodes named n1 and n2.
     *
     * @param n1 the port of the first node on the loopback interface
     * @param n2 the port of the second
     */
    public static Caddy byRouteCookie(int n1, int n2) {
        return with(Docs.balancer("caddyfile", n1, n2));
    }

    /** The same with the snippet of docs/operations.md by which it asks the nodes for their health. */
    public static Caddy askingForHealth(int n1, int n2) {
        String askingNobody = "(any) {\n\tlb_policy round_robin\n}\n";
        return with(Docs.balancer("caddyfile", n1, n2).replace(askingNobody, Docs.block("operations.md", "caddyfile")));
    }

    private static Caddy with(String configuration) {
        Path binary = RealParts.require("caddy", "caddy");
        int port = Ports.free();
        Path directory = BalancerProcess.directory("caddy");
        // The port on which it takes orders is the same for all.
        String text = "{\n\tadmin off\n}\n"
                + configuration.replace("http://:80", "http://:" + port).replace("bind 10.0.0.1", "bind 127.0.0.1");
        Path file = BalancerProcess.write(directory.resolve("Caddyfile"), text);
        // It writes down what it was told, by default in the home directory.
        List<String> command = List.of(
                "env",
                "XDG_CONFIG_HOME=" + directory,
                "XDG_DATA_HOME=" + directory,
                binary.toString(),
                "run",
                "--config",
                file.toString(),
                "--adapter",
                "caddyfile");
        return new Caddy(port, new BalancerProcess(command, directory, port));
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.close();
    }
}
