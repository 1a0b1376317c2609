package dev.holdfast.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Nodes that wait to be killed, and are started again in the background while the next one dies. */
public final class NodePool implements AutoCloseable {
    private final List<ContainerProcess> nodes = new ArrayList<>();
    private final BlockingQueue<ContainerProcess> ready = new LinkedBlockingQueue<>();
    private final ExecutorService starter;

    /**
     * Starts the nodes, all at once.
     *
     * @param builders prepare one each
     */
    public NodePool(List<? extends Supplier<? extends ContainerProcess>> builders) {
        starter = Executors.newFixedThreadPool(builders.size());
        for (Supplier<? extends ContainerProcess> builder : builders) {
            ContainerProcess node = builder.get();
            nodes.add(node);
            revive(node);
        }
    }

    /** A node that answers; to be given back with {@link #revive}. */
    public ContainerProcess take() {
        try {
            ContainerProcess node = ready.poll(2, TimeUnit.MINUTES);
            if (node == null) {
                throw new IllegalStateException("No node has come back");
            }
            return node;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    /** Gives a dead node back; it can be taken again when it answers. */
    public void revive(ContainerProcess node) {
        starter.execute(() -> {
            node.restart();
            ready.add(node);
        });
    }

    @Override
    public void close() {
        starter.shutdownNow();
        nodes.forEach(ContainerProcess::close);
    }
}
