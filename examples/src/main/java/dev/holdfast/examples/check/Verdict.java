package dev.holdfast.examples.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a check has found. */
public final class Verdict {

    private static final int MOST_FINDINGS = 10;

    private final int sessions;
    private final int kills;
    private final Counts counts;
    private final List<String> takeovers;
    private final List<String> findings;

    Verdict(int sessions, int kills, Counts counts, List<String> takeovers, List<String> findings) {
        this.sessions = sessions;
        this.kills = kills;
        this.counts = counts;
        this.takeovers = List.copyOf(takeovers);
        this.findings = List.copyOf(findings);
    }

    /** Nothing lost, doubled or mixed up, every login kept, nothing refused but by a kill. */
    public boolean isGood() {
        return findings.isEmpty() && counts.lost == 0 && counts.loginsKept == sessions;
    }

    /** The first findings, the table, and one line that sums it up. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        findings.stream().limit(MOST_FINDINGS).forEach(lines::add);
        if (findings.size() > MOST_FINDINGS) {
            lines.add("and " + (findings.size() - MOST_FINDINGS) + " more findings");
        }
        lines.add("");
        lines.add("sessions: " + sessions);
        lines.add("kills: " + kills);
        lines.add("changes acknowledged: " + counts.acknowledged);
        lines.add("kept: " + kept());
        lines.add("lost: " + counts.lost);
        lines.add("logins made: " + counts.loginsMade);
        lines.add("logins kept: " + counts.loginsKept);
        lines.add("refused by a kill: " + counts.refusedByKill);
        lines.add("refused otherwise: " + counts.refusedOtherwise);
        lines.add("longest gap ms: " + Duration.ofNanos(counts.longestGap).toMillis());
        lines.addAll(takeovers);
        lines.add(summary());
        return lines;
    }

    private int kept() {
        return counts.acknowledged - counts.lost;
    }

    private String summary() {
        String kept = kept() + " of " + counts.acknowledged + " acknowledged changes and " + counts.loginsKept + " of "
                + sessions + " logins outlived " + kills + " kills";
        return isGood()
                ? "Good: " + kept + ", and nothing was refused but by a kill."
                : "Not good: " + kept + "; " + findings.size() + " findings.";
    }

    /** Sums over all customers, filled by {@link Judge}. */
    static final class Counts {
        int acknowledged;
        int lost;
        int loginsMade;
        int loginsKept;
        int refusedByKill;
        int refusedOtherwise;
        long longestGap;
    }
}
