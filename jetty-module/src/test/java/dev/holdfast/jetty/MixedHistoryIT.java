package dev.holdfast.jetty;

import dev.holdfast.history.run.Cluster;
import dev.holdfast.history.run.HistoryContract;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.Plan;
import dev.holdfast.testing.CommitWays;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Jetty and a Tomcat, to and from which each session goes over. */
@ExtendWith(LogScan.class)
class MixedHistoryIT extends HistoryContract {
    @RegisterExtension
    static final HistorySite site = start();

    private static HistorySite start() {
        Path sticky = HistorySite.application("cookie", HistorySite.FORM_LOGIN);
        Path roaming = HistorySite.application("none", HistorySite.FORM_LOGIN);
        return HistorySite.start(
                (name, redis) -> HistoryNode.of("ee10", name, redis, sticky, roaming)
                        .property("holdfast.timeout", "1s")
                        .prepare(),
                (name, redis) -> TomcatProcess.node(TomcatDistribution.TOMCAT_11, name)
                        .library(CommitWays.jarOf("tomcat-valve"))
                        .application(Cluster.STICKY, sticky)
                        .application(Cluster.ROAMING, roaming)
                        .property("holdfast.node", name)
                        .property("holdfast.redis", redis)
                        .property("holdfast.timeout", "1s")
                        .prepare());
    }

    static Stream<Plan> plans() {
        return askedForOr(ALL_FAULTS);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
