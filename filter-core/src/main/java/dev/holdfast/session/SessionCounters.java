package dev.holdfast.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** One counter for each branch of the protocol, so that an incident can be told from the numbers. Safe for use by many threads. */
public final class SessionCounters {
    final LongAdder trusted = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder sharedLoads = new LongAdder();
    final LongAdder takeovers = new LongAdder();
    final LongAdder creates = new LongAdder();
    final LongAdder commits = new LongAdder();
    final LongAdder lateCommits = new LongAdder();
    final LongAdder renewals = new LongAdder();
    final LongAdder mismatches = new LongAdder();
    final LongAdder merges = new LongAdder();
    final LongAdder conflicts = new LongAdder();
    final LongAdder overwrites = new LongAdder();
    final LongAdder resends = new LongAdder();
    final LongAdder queued = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder touches = new LongAdder();
    final LongAdder ended = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder waits = new LongAdder();
    final LongAdder gaps = new LongAdder();
    final LongAdder unreadable = new LongAdder();
    final LongAdder outageReads = new LongAdder();
    final LongAdder atRisk = new LongAdder();
    final LongAdder atRiskSaved = new LongAdder();
    final LongAdder atRiskLost = new LongAdder();
    final LongAdder atRiskFull = new LongAdder();
    final LongAdder crowded = new LongAdder();
    final LongAdder lostShards = new LongAdder();
    final LongAdder sentAgain = new LongAdder();
    final LongAdder endsToldAgain = new LongAdder();
    final LongAdder forgottenEnds = new LongAdder();
    final LongAdder copiesDropped = new LongAdder();

    SessionCounters() {}

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
        all.put("copiesDropped", copiesDropped.sum());
        return all;
    }
}
