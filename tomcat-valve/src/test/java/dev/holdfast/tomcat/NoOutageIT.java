package dev.holdfast.tomcat;

import dev.holdfast.history.run.HistorySite;
import dev.holdfast.history.run.NoOutageContract;
import dev.holdfast.history.run.Strain;
import dev.holdfast.testing.LogScan;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Tomcat 10.1 and a Tomcat 11. */
@ExtendWith(LogScan.class)
class NoOutageIT extends NoOutageContract {
    @RegisterExtension
    static final HistorySite site = DefaultNodes.start();

    static Stream<Strain> strains() {
        return askedForOr(Strain.FAR_80, Strain.STALLS_6, Strain.PAUSED_NODE);
    }

    @Override
    protected HistorySite site() {
        return site;
    }
}
