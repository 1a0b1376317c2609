package dev.holdfast.tomcat;

import dev.holdfast.history.run.HistoryContract;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.Plan;
import dev.holdfast.testing.LogScan;
import dev.holdfast.testing.TomcatDistribution;
import dev.holdfast.testing.TomcatProcess;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Tomcat 10.1 and a Tomcat 11. */
@ExtendWith(LogScan.class)
class HistoryIT extends HistoryContract {
    @RegisterExtension
    static final HistorySite site = start();

    private static HistorySite start() {
        Path sticky = HistorySite.application("cookie", "");
        Path roaming = HistorySite.application("none", "");
        return HistorySite.start(
                (name, redis) -> node(TomcatDistribution.TOMCAT_10_1, name, redis, sticky, roaming),
                (name, redis) -> node(TomcatDistribution.TOMCAT_11, name, redis, sticky, roaming));
    }

    private static TomcatProcess node(
            TomcatDistribution distribution, String name, String redis, Path sticky, Path roaming) {
        return HistoryNode.of(distribution, name, redis, sticky, roaming)
                .property("holdfast.timeout", "1s")
                .prepare();
    }

    static Stream<Plan> plans() {
        return askedForOr(WITHOUT_KILLS, ALL_FAULTS);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
