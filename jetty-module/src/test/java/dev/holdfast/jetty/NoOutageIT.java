package dev.holdfast.jetty;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.NoOutageContract;
import dev.holdfast.history.run.Strain;
import dev.holdfast.testing.LogScan;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** A Jetty with its applications in ee10, and one with them in ee11. */
@ExtendWith(LogScan.class)
class NoOutageIT extends NoOutageContract {
    private static HistorySite site;

    @BeforeAll
    static void start() {
        site = DefaultNodes.start();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    static Stream<Strain> strains() {
        return askedForOr(Strain.FAR_80);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
