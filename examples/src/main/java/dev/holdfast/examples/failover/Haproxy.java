package dev.holdfast.examples.failover;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The machine's HAProxy with the configuration file of the example. */
final class Haproxy implements Balancer {

    private final Children children;
    private final Process process;

    private Haproxy(Children children, Process process) {
        this.children = children;
        this.process = process;
    }

    /**
     * Starts it; it listens a moment later.
     *
     * @param ports of the nodes, by name
     */
    static Haproxy start(
            Path program, Path configuration, Children children, int port, Map<String, Integer> ports, Path log)
            throws CannotRunException {
        Map<String, String> environment = new HashMap<>();
        environment.put("SHOP_PORT", Integer.toString(port));
        ports.forEach((node, nodePort) ->
                environment.put(node.toUpperCase(java.util.Locale.ROOT) + "_PORT", Integer.toString(nodePort)));
        return new Haproxy(
                children,
                children.start(List.of(program.toString(), "-db", "-f", configuration.toString()), environment, log));
    }

    @Override
    public String description() {
        return "haproxy of this machine";
    }

    @Override
    public void close() {
        children.kill(process);
    }
}
