package dev.holdfast.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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

    private final List<Counter> counters = new ArrayList<>();

    /**
     * One of them.
     *
     * @param name in camel case
     * @param meaning what it counts, as docs/operations.md has it
     */
    public record Counter(String name, String meaning, LongAdder count) {}

    public SessionCounters() {
        add("trusted", "look-ups that were answered from memory, without a round trip", trusted);
        add("loads", "look-ups that asked Redis for the session", loads);
        add("sharedLoads", "look-ups that used what another request had just loaded", sharedLoads);
        add("takeovers", "sessions that came here from another node, or from no node", takeovers);
        add("creates", "new sessions, as they were stored", creates);
        add("commits", "changes that were sent to Redis, second attempts included", commits);
        add("lateCommits", "changes that were saved after the response had begun", lateCommits);
        add("renewals", "new epochs for a session that this node had lent to another, or is to confirm", renewals);
        add(
                "mismatches",
                "times that Redis had another state than the one a change, or a load, was made for",
                mismatches);
        add(
                "merges",
                "states of another node that were merged, since nothing had been changed on both" + " sides",
                merges);
        add(
                "conflicts",
                "states of another node that were not merged, since something had been changed on" + " both sides",
                conflicts);
        add("overwrites", "conflicts that holdfast.conflict=overwrite decided for this node", overwrites);
        add("resends", "sessions of which Redis had an older state than this node, which sent its own", resends);
        add("queued", "requests that waited for another one of their session (holdfast.parallel=off)", queued);
        add("refused", "requests that were answered 503", refused);
        add("touches", "uses without a change of which Redis was told", touches);
        add("ended", "sessions that ended: logouts, and idle ones", ended);
        add("expired", "idle sessions whose listeners were called here", expired);
        add("waits", "answers whose end waited until no other node trusts its memory any more", waits);
        add(
                "gaps",
                "times that this node missed a part of the invalidation log, and trusts nothing of"
                        + " that shard until it has loaded it again",
                gaps);
        add("unreadable", "attributes whose stored bytes could not be read (HF-203)", unreadable);
        add("outageReads", "look-ups that were answered from memory while Redis was away", outageReads);
        add(
                "atRisk",
                "requests that were answered while Redis was away, with changes that are in memory" + " alone",
                atRisk);
        add("atRiskSaved", "sessions with changes in memory alone that were saved afterwards", atRiskSaved);
        add("atRiskLost", "sessions with changes in memory alone that were given up", atRiskLost);
        add("atRiskFull", "new sessions that were refused because too many are in memory alone", atRiskFull);
        add("crowded", "requests that were answered 503 because too many wait for Redis (HF-131)", crowded);
        add("lostShards", "shards whose data Redis had lost", lostShards);
        add("sentAgain", "sessions that were sent again to a Redis that had lost data", sentAgain);
        add(
                "endsToldAgain",
                "ends of sessions that a Redis which had lost data, or another primary, was told" + " again",
                endsToldAgain);
        add("forgottenEnds", "ends that fell out of this node's memory before their time", forgottenEnds);
        add(
                "localValues",
                "times that a marker was saved in place of a value that stays on this node (HF-306)",
                localValues);
        add(
                "localAbsent",
                "attributes of copies in memory that were asked for, and whose value stays on another"
                        + " node (HF-307)",
                localAbsent);
        add("copiesDropped", "copies in memory that were let go because there are too many", copiesDropped);
    }

    private void add(String name, String meaning, LongAdder count) {
        counters.add(new Counter(name, meaning, count));
    }

    /** All counters, in a fixed order. */
    public List<Counter> list() {
        return Collections.unmodifiableList(counters);
    }

    /** What all of them have counted so far, by name and in that order. */
    public Map<String, Long> all() {
        Map<String, Long> all = new LinkedHashMap<>();
        counters.forEach(counter -> all.put(counter.name(), counter.count().sum()));
        return all;
    }
}
