package dev.holdfast.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * One counter for each branch of the protocol, so that an incident can be told from the numbers. Safe for use by many
 * threads.
 */
public final class SessionCounters {
    public final LongAdder trusted = new LongAdder();
    public final LongAdder loads = new LongAdder();
    public final LongAdder sharedLoads = new LongAdder();
    public final LongAdder takeovers = new LongAdder();
    public final LongAdder creates = new LongAdder();
    public final LongAdder commits = new LongAdder();
    public final LongAdder lateCommits = new LongAdder();
    public final LongAdder renewals = new LongAdder();
    public final LongAdder mismatches = new LongAdder();
    public final LongAdder merges = new LongAdder();
    public final LongAdder conflicts = new LongAdder();
    public final LongAdder overwrites = new LongAdder();
    public final LongAdder resends = new LongAdder();
    public final LongAdder queued = new LongAdder();
    public final LongAdder refused = new LongAdder();
    public final LongAdder touches = new LongAdder();
    public final LongAdder ended = new LongAdder();
    public final LongAdder expired = new LongAdder();
    public final LongAdder waits = new LongAdder();
    public final LongAdder gaps = new LongAdder();
    public final LongAdder unreadable = new LongAdder();
    public final LongAdder outageReads = new LongAdder();
    public final LongAdder atRisk = new LongAdder();
    public final LongAdder atRiskSaved = new LongAdder();
    public final LongAdder atRiskLost = new LongAdder();
    public final LongAdder atRiskFull = new LongAdder();
    public final LongAdder crowded = new LongAdder();
    public final LongAdder lostShards = new LongAdder();
    public final LongAdder sentAgain = new LongAdder();
    public final LongAdder endsToldAgain = new LongAdder();
    public final LongAdder forgottenEnds = new LongAdder();
    public final LongAdder localValues = new LongAdder();
    public final LongAdder localAbsent = new LongAdder();
    public final LongAdder copiesDropped = new LongAdder();

    public SessionCounters() {}

    /** All counters by name, in a fixed order. */
    public Map<String, Long> all() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("trusted", trusted.sum());
        all.put("loads", loads.sum());
        all.put("sharedLoads", sharedLoads.sum());
        all.put("takeovers", takeovers.sum());
        all.put("creates", creates.sum());
        all.put("commits", commits.sum());
        all.put("lateCommits", lateCommits.sum());
        all.put("renewals", renewals.sum());
        all.put("mismatches", mismatches.sum());
        all.put("merges", merges.sum());
        all.put("conflicts", conflicts.sum());
        all.put("overwrites", overwrites.sum());
        all.put("resends", resends.sum());
        all.put("queued", queued.sum());
        all.put("refused", refused.sum());
        all.put("touches", touches.sum());
        all.put("ended", ended.sum());
        all.put("expired", expired.sum());
        all.put("waits", waits.sum());
        all.put("gaps", gaps.sum());
        all.put("unreadable", unreadable.sum());
        all.put("outageReads", outageReads.sum());
        all.put("atRisk", atRisk.sum());
        all.put("atRiskSaved", atRiskSaved.sum());
        all.put("atRiskLost", atRiskLost.sum());
        all.put("atRiskFull", atRiskFull.sum());
        all.put("crowded", crowded.sum());
        all.put("lostShards", lostShards.sum());
        all.put("sentAgain", sentAgain.sum());
        all.put("endsToldAgain", endsToldAgain.sum());
        all.put("forgottenEnds", forgottenEnds.sum());
        all.put("localValues", localValues.sum());
        all.put("localAbsent", localAbsent.sum());
        all.put("copiesDropped", copiesDropped.sum());
        return all;
    }
}
