package dev.holdfast.jetty;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.OutageContract;
import dev.holdfast.testing.LogScan;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Jetty with its applications in ee10, and one with them in ee11. */
@ExtendWith(LogScan.class)
class RealOutageIT extends OutageContract {
    @RegisterExtension
    static final HistorySite site = DefaultNodes.start();

    @Override
    protected HistorySite site() {
        return site;
    }
}
