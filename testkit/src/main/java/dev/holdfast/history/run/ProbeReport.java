package dev.holdfast.history.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.history.Violation;
import dev.holdfast.history.run.Probes.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@link Probes} saw, and what is left of what they were acknowledged: as cells of a table, and as what must hold.
 */
public final class ProbeReport {
    private final Probes probes;
    private final long changes;
    private final long changesKept;
    private final long sessions;
    private final long sessionsKept;
    private final List<Violation> violations;

    /**
     * Looks at the other node for all that was acknowledged; nobody asks any more.
     *
     * @param settled since when no node owed Redis anything, by {@link System#nanoTime}
     * @param ofOthers what browsers saw beside these that they must not have seen
     */
    public ProbeReport(Probes probes, long settled, List<Violation> ofOthers) {
        this.probes = probes;
        changes = probes.changesAcknowledged();
        changesKept = probes.changesKept();
        sessions = probes.sessionsAcknowledged();
        sessionsKept = probes.sessionsKept();
        violations = new ArrayList<>(ofOthers);
        violations.addAll(probes.violations(settled));
    }

    /** Sticky request, change, new session, unknown session. */
    public String cells() {
        return probes.cell(Kind.READ) + " | " + probes.cell(Kind.CHANGE) + "; kept " + kept(changes, changesKept)
                + " | "
                + probes.cell(Kind.NEW) + "; kept " + kept(sessions, sessionsKept) + " | "
                + probes.cell(Kind.UNKNOWN);
    }

    /** A refused request may have been done all the same: then there is more than was acknowledged. */
    private static String kept(long acknowledged, long there) {
        return Math.min(acknowledged, there) + " of " + acknowledged;
    }

    /** Prints what is broken, and fails for it. */
    public void assertNothingBroken() {
        HistoryContract.show(violations);
        assertThat(violations.size()).as("violations, printed above").isZero();
        assertThat(changesKept).as("acknowledged changes that are there").isGreaterThanOrEqualTo(changes);
        assertThat(sessionsKept).as("acknowledged sessions that are there").isGreaterThanOrEqualTo(sessions);
    }
}
