package dev.holdfast;

import dev.holdfast.affinity.Routes;
import dev.holdfast.config.Names;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a node is called.
 *
 * @param route as balancers and other nodes know it
 * @param isDerived whether nobody has named it, so that its name was made up
 */
public record NodeName(String route, boolean isDerived) {
    /** Not the process id: containers on one host's network may have both in common. */
    private static final UUID PROCESS = UUID.randomUUID();

    /**
     * The name in {@code holdfast.node}, else the container's own, else one that a restart does not change, made of
     * this machine and a port. Without a port, the nodes of one machine are told apart by chance, and all applications
     * of a server get the same name.
     *
     * @param server the container's own object of the server process
     * @param containers what the container was told to call the node; null or empty if nothing
     * @param where that name is found, as messages say it: {@code jvmRoute of the Engine}
     * @param port of the server's first connector as it is configured; 0 if it has none
     * @throws HoldfastConfigException if the container's own name cannot be a node's
     */
    public static NodeName of(
            Object server, HoldfastConfig config, @Nullable String containers, String where, int port) {
        if (config.node() != null) {
            return new NodeName(config.node(), false);
        }
        if (containers == null || containers.isEmpty()) {
            String host = Routes.localHost("localhost");
            return new NodeName(
                    Routes.derive(port == 0 ? host + PROCESS + System.identityHashCode(server) : host, port), true);
        }
        if (!Names.isRoute(containers)) {
            throw new HoldfastConfigException(List.of("The " + where + " is \"" + containers
                    + "\", but the name of a node must be " + Names.ROUTES + ". Change it, or set holdfast.node."));
        }
        return new NodeName(containers, false);
    }

    /**
     * Where a node is, as the registry of nodes has it.
     *
     * @param port on which it listens; 0 if that is not known yet
     */
    public static String address(int port) {
        return Routes.localHost("localhost") + ":" + port;
    }
}
