package dev.holdfast.tomcat;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.OutageContract;
import dev.holdfast.testing.LogScan;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Tomcat 10.1 and a Tomcat 11. */
@ExtendWith(LogScan.class)
class RealOutageIT extends OutageContract {
    @RegisterExtension
    static final HistorySite site = DefaultNodes.start();

    @Override
    protected HistorySite site() {
        return site;
    }
}
