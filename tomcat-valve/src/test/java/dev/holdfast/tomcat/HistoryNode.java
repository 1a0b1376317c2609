package dev.holdfast.tomcat;

import dev.holdfast.history.run.Cluster;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;

/** A Tomcat with the two applications that histories are about. */
final class HistoryNode {
    private HistoryNode() {}

    /** To be prepared; no setting but what tells it from others and leads it to Redis. */
    static TomcatProcess.Builder of(
            TomcatDistribution distribution, String name, String redis, Path sticky, Path roaming) {
        return TomcatProcess.node(distribution, name)
                .library(CommitWays.jar())
                .application(Cluster.STICKY, sticky)
                .application(Cluster.ROAMING, roaming)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis);
    }
}
