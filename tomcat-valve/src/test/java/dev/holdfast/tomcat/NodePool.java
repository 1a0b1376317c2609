package dev.holdfast.tomcat;

import dev.holdfast.testing.TomcatProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Nodes that wait to be killed, and are started again in the background while the next one dies. */
final class NodePool implements AutoCloseable {
    private final List<TomcatProcess> nodes = new ArrayList<>();
    private final BlockingQueue<TomcatProcess> ready = new LinkedBlockingQueue<>();
    private final ExecutorService starter;

    /** Starts the nodes, all at once. */
    NodePool(List<TomcatProcess.Builder> builders) {
        starter = Executors.newFixedThreadPool(builders.size());
        for (TomcatProcess.Builder builder : builders) {
            TomcatProcess node = builder.prepare();
            nodes.add(node);
            revive(node);
        }
    }

    /** A node that answers; to be given back with {@link #revive}. */
    TomcatProcess take() {
        try {
            TomcatProcess node = ready.poll(2, TimeUnit.MINUTES);
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
    void revive(TomcatProcess node) {
        starter.execute(() -> {
            node.restart();
            ready.add(node);
        });
    }

    @Override
    public void close() {
        starter.shutdownNow();
        nodes.forEach(TomcatProcess::close);
    }
}
