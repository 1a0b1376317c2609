package dev.holdfast.jetty;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.NoOutageContract;
import dev.holdfast.history.run.Strain;
import dev.holdfast.testing.LogScan;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Jetty with its applications in ee10, and one with them in ee11. */
@ExtendWith(LogScan.class)
class NoOutageIT extends NoOutageContract {
    @RegisterExtension
    static final HistorySite site = DefaultNodes.start();

    static Stream<Strain> strains() {
        return askedForOr(Strain.FAR_80);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
