package dev.holdfast.tomcat;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.OutageContract;
import dev.holdfast.testing.LogScan;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Tomcat 10.1 and a Tomcat 11. */
@ExtendWith(LogScan.class)
class RealOutageIT extends OutageContract {
    private static HistorySite site;

    @BeforeAll
    static void start() {
        site = DefaultNodes.start();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
