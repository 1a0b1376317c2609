package dev.holdfast.history.run;

import dev.holdfast.testing.ContainerProcess;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands for the balancer: says which node gets a request. For many threads. */
final class Router {
    /** How a balancer chooses. */
    enum Way {
        /** The node that the affinity cookie names. */
        BY_COOKIE,
        /** Each request another one. */
        IN_TURN,
        /** Any. */
        RANDOM,
        /** As a real balancer does, which is asked instead. */
        BY_BALANCER
    }

    private final List<ContainerProcess> nodes;
    private final AtomicInteger turn = new AtomicInteger();
    private final Map<String, AtomicInteger> underWay = new ConcurrentHashMap<>();
    private final AtomicInteger bearing = new AtomicInteger();
    private final Map<String, List<ContainerProcess>> bearers = new ConcurrentHashMap<>();
    private volatile boolean flipped;

    Router(List<ContainerProcess> nodes) {
        this.nodes = List.copyOf(nodes);
        nodes.forEach(node -> underWay.put(node.name(), new AtomicInteger()));
    }

    /** The node for a request; the others are to be tried after it, in their order, when it refuses the connection. */
    ContainerProcess choose(Way way, String route, Random random) {
        return switch (way) {
            case IN_TURN -> nodes.get(Math.floorMod(turn.getAndIncrement(), nodes.size()));
            case RANDOM, BY_BALANCER -> nodes.get(random.nextInt(nodes.size()));
            case BY_COOKIE -> {
                ContainerProcess named = nodes.stream()
                        .filter(node -> node.name().equals(route))
                        .findFirst()
                        .orElseGet(() -> nodes.get(random.nextInt(nodes.size())));
                yield flipped ? other(named) : named;
            }
        };
    }

    /** The node after this one. */
    ContainerProcess other(ContainerProcess node) {
        return nodes.get((nodes.indexOf(node) + 1) % nodes.size());
    }

    /** From now on, or no longer, the cookie is taken for another node's. */
    void flip(boolean now) {
        flipped = now;
    }

    /** From now on the node gets no requests, as by a balancer that looks whether it has started. */
    void takeOut(ContainerProcess node) {
        bear(node, List.of());
    }

    /** It gets requests again. */
    void putBack(ContainerProcess node) {
        bear(node, List.of(node));
    }

    /** From now on these get the node's requests by turns: it cannot be told from others that bear its name. */
    void bear(ContainerProcess node, List<ContainerProcess> processes) {
        bearers.put(node.name(), List.copyOf(processes));
    }

    /**
     * Who gets the next request for a node.
     *
     * @throws ConnectException if nobody does
     */
    ContainerProcess bearer(ContainerProcess node) throws ConnectException {
        List<ContainerProcess> all = bearers.getOrDefault(node.name(), List.of(node));
        if (all.isEmpty()) {
            throw new ConnectException(node.name() + " gets no requests");
        }
        return all.get(Math.floorMod(bearing.getAndIncrement(), all.size()));
    }

    AtomicInteger underWay(ContainerProcess node) {
        return underWay.get(node.name());
    }
}
