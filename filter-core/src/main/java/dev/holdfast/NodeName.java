package dev.holdfast;

import dev.holdfast.affinity.Routes;
import org.jspecify.annotations.Nullable;

/**
 * What a node is called.
 *
 * @param route as balancers and other nodes know it
 * @param isDerived whether nobody has named it, so that its name was made up
 */
public record NodeName(String route, boolean isDerived) {
    /**
     * The name in {@code holdfast.node}, else the container's own, else one that a restart does not change, made of
     * this machine and a port.
     *
     * @param containers what the container was told to call the node; null or empty if nothing
     * @param port of the server's first connector as it is configured; 0 if it has none
     */
    public static NodeName of(HoldfastConfig config, @Nullable String containers, int port) {
        if (config.node() != null) {
            return new NodeName(config.node(), false);
        }
        return containers != null && !containers.isEmpty()
                ? new NodeName(containers, false)
                : new NodeName(Routes.derive(Routes.localHost("localhost"), port), true);
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
