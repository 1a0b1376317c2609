package dev.holdfast.history.run;

import dev.holdfast.testing.ContainerProcess;
import dev.holdfast.testing.FaultyLink;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Nodes with the application {@link HistoryServlet} in them, and each one's way to Redis.
 *
 * @param nodes that run
 * @param links in the order of the nodes
 * @param balancer a real one before all nodes, by the affinity cookie; null without one
 * @param successors one of the same name for each node, that does not run; empty if none may take a node's place
 */
public record Cluster(
        List<ContainerProcess> nodes,
        List<FaultyLink> links,
        InetSocketAddress balancer,
        List<ContainerProcess> successors) {
    /** Nodes of which nobody takes another's place. */
    public Cluster(List<ContainerProcess> nodes, List<FaultyLink> links, InetSocketAddress balancer) {
        this(nodes, links, balancer, List.of());
    }

    /** The path of the application whose nodes trust their copies. */
    public static final String STICKY = "sticky";

    /** The path of the application whose nodes do not. */
    public static final String ROAMING = "roaming";
}
