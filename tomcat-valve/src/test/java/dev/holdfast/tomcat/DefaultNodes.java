package dev.holdfast.tomcat;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;

/** A Tomcat 10.1 and a Tomcat 11, with no setting but what tells them from each other and leads them to Redis. */
final class DefaultNodes {
    private DefaultNodes() {}

    /** To be closed. */
    static HistorySite start() {
        Path sticky = HistorySite.application("cookie", "serve", "");
        Path roaming = HistorySite.application("none", "serve", "");
        return HistorySite.startDurable(
                (name, redis) -> node(TomcatDistribution.TOMCAT_10_1, name, redis, sticky, roaming),
                (name, redis) -> node(TomcatDistribution.TOMCAT_11, name, redis, sticky, roaming));
    }

    private static TomcatProcess node(
            TomcatDistribution distribution, String name, String redis, Path sticky, Path roaming) {
        return HistoryNode.of(distribution, name, redis, sticky, roaming)
                .heap("512m")
                .prepare();
    }
}
