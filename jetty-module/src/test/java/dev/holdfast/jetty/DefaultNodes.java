package dev.holdfast.jetty;

import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.testing.JettyProcess;
import java.nio.file.Path;

/**
 * A Jetty with its applications in ee10, and one with them in ee11, with no setting but what tells them from each other
 * and leads them to Redis.
 */
final class DefaultNodes {
    private DefaultNodes() {}

    /** To be closed. */
    static HistorySite start() {
        Path sticky = HistorySite.application("cookie", "serve", HistorySite.FORM_LOGIN);
        Path roaming = HistorySite.application("none", "serve", HistorySite.FORM_LOGIN);
        return HistorySite.startDurable(
                (name, redis) -> node("ee10", name, redis, sticky, roaming),
                (name, redis) -> node("ee11", name, redis, sticky, roaming));
    }

    private static JettyProcess node(String environment, String name, String redis, Path sticky, Path roaming) {
        return JettyProcess.node(name)
                .application(Cluster.STICKY, sticky, environment)
                .application(Cluster.ROAMING, roaming, environment)
                .heap("512m")
                .property("holdfast.node", name)
                .property("holdfast.redis", redis)
                .prepare();
    }
}
