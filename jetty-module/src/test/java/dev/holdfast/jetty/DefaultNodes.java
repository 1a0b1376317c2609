package dev.holdfast.jetty;

import dev.holdfast.history.run.HistorySite;
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
                (name, redis) -> HistoryNode.of("ee10", name, redis, sticky, roaming)
                        .heap("512m")
                        .prepare(),
                (name, redis) -> HistoryNode.of("ee11", name, redis, sticky, roaming)
                        .heap("512m")
                        .prepare());
    }
}
