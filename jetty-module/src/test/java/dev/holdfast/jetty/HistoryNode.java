package dev.holdfast.jetty;

import dev.holdfast.history.run.Cluster;
import dev.holdfast.testing.JettyProcess;
import java.nio.file.Path;

/** A Jetty with the two applications that histories are about. */
final class HistoryNode {
    private HistoryNode() {}

    /** To be prepared; no setting but what tells it from others and leads it to Redis. */
    static JettyProcess.Builder of(String environment, String name, String redis, Path sticky, Path roaming) {
        return JettyProcess.node(name)
                .application(Cluster.STICKY, sticky, environment)
                .application(Cluster.ROAMING, roaming, environment)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis);
    }
}
