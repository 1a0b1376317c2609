package dev.holdfast.jetty;

import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.HistoryContract;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.Plan;
import dev.holdfast.testing.JettyProcess;
import dev.holdfast.testing.LogScan;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Jetty with its applications in ee10, and one with them in ee11. */
@ExtendWith(LogScan.class)
class HistoryIT extends HistoryContract {
    private static HistorySite site;

    @BeforeAll
    static void start() {
        Path sticky = HistorySite.application("cookie", HistorySite.FORM_LOGIN);
        Path roaming = HistorySite.application("none", HistorySite.FORM_LOGIN);
        site = HistorySite.start(
                (name, redis) -> node("ee10", name, redis, sticky, roaming),
                (name, redis) -> node("ee11", name, redis, sticky, roaming));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    static JettyProcess node(String environment, String name, String redis, Path sticky, Path roaming) {
        return JettyProcess.node(name)
                .application(Cluster.STICKY, sticky, environment)
                .application(Cluster.ROAMING, roaming, environment)
                .property("holdfast.node", name)
                .property("holdfast.redis", redis)
                .property("holdfast.timeout", "1s")
                .prepare();
    }

    static Stream<Plan> plans() {
        return askedForOr(WITHOUT_KILLS);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
