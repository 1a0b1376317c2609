package dev.holdfast.jetty;

import dev.holdfast.history.run.HistoryContract;
import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.Plan;
import dev.holdfast.testing.LogScan;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Jetty with its applications in ee10, and one with them in ee11. */
@ExtendWith(LogScan.class)
class HistoryIT extends HistoryContract {
    @RegisterExtension
    static final HistorySite site = start();

    private static HistorySite start() {
        Path sticky = HistorySite.application("cookie", HistorySite.FORM_LOGIN);
        Path roaming = HistorySite.application("none", HistorySite.FORM_LOGIN);
        return HistorySite.start(
                (name, redis) -> HistoryNode.of("ee10", name, redis, sticky, roaming)
                        .property("holdfast.timeout", "1s")
                        .prepare(),
                (name, redis) -> HistoryNode.of("ee11", name, redis, sticky, roaming)
                        .property("holdfast.timeout", "1s")
                        .prepare());
    }

    static Stream<Plan> plans() {
        return askedForOr(WITHOUT_KILLS);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
