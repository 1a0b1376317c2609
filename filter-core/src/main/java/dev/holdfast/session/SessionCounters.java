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
    /** In the order of the fields, which add themselves. */
    private final List<Counter> counters = new ArrayList<>();

    public final LongAdder trusted =
            counter("trusted", "look-ups that were answered from memory, without a round trip");
    public final LongAdder loads = counter("loads", "look-ups that asked Redis for the session");
    public final LongAdder sharedLoads =
            counter("sharedLoads", "look-ups that used what another request had just loaded");
    public final LongAdder takeovers =
            counter("takeovers", "sessions that came here from another node, or from no node");
    public final LongAdder creates = counter("creates", "new sessions, as they were stored");
    public final LongAdder commits = counter("commits", "changes that were sent to Redis, second attempts included");
    public final LongAdder lateCommits = counter("lateCommits", "changes that were saved after the response had begun");
    public final LongAdder renewals =
            counter("renewals", "new epochs for a session that this node had lent to another, or is to confirm");
    public final LongAdder mismatches =
            counter("mismatches", "times that Redis had another state than the one a change, or a load, was made for");
    public final LongAdder merges =
            counter("merges", "states of another node that were merged, since nothing had been changed on both sides");
    public final LongAdder conflicts = counter(
            "conflicts", "states of another node that were not merged, since something had been changed on both sides");
    public final LongAdder overwrites =
            counter("overwrites", "conflicts that holdfast.conflict=overwrite decided for this node");
    public final LongAdder resends =
            counter("resends", "sessions of which Redis had an older state than this node, which sent its own");
    public final LongAdder queued =
            counter("queued", "requests that waited for another one of their session (holdfast.parallel=off)");
    public final LongAdder refused = counter("refused", "requests that were answered 503");
    public final LongAdder touches = counter("touches", "uses without a change of which Redis was told");
    public final LongAdder ended = counter("ended", "sessions that ended: logouts, and idle ones");
    public final LongAdder expired = counter("expired", "idle sessions whose listeners were called here");
    public final LongAdder waits =
            counter("waits", "answers whose end waited until no other node trusts its memory any more");
    public final LongAdder gaps = counter(
            "gaps",
            "times that this node missed a part of the invalidation log, and trusts nothing of"
                    + " that shard until it has loaded it again");
    public final LongAdder unreadable =
            counter("unreadable", "attributes whose stored bytes could not be read (HF-203)");
    public final LongAdder outageReads =
            counter("outageReads", "look-ups that were answered from memory while Redis was away");
    public final LongAdder atRisk = counter(
            "atRisk", "requests that were answered while Redis was away, with changes that are in memory alone");
    public final LongAdder atRiskSaved =
            counter("atRiskSaved", "sessions with changes in memory alone that were saved afterwards");
    public final LongAdder atRiskLost =
            counter("atRiskLost", "sessions with changes in memory alone that were given up");
    public final LongAdder atRiskFull =
            counter("atRiskFull", "new sessions that were refused because too many are in memory alone");
    public final LongAdder crowded =
            counter("crowded", "requests that were answered 503 because too many wait for Redis (HF-131)");
    public final LongAdder lostShards = counter("lostShards", "shards whose data Redis had lost");
    public final LongAdder sentAgain =
            counter("sentAgain", "sessions that were sent again to a Redis that had lost data");
    public final LongAdder endsToldAgain = counter(
            "endsToldAgain", "ends of sessions that a Redis which had lost data, or another primary, was told again");
    public final LongAdder forgottenEnds =
            counter("forgottenEnds", "ends that fell out of this node's memory before their time");
    public final LongAdder localValues = counter(
            "localValues", "times that a marker was saved in place of a value that stays on this node (HF-306)");
    public final LongAdder localAbsent = counter(
            "localAbsent",
            "attributes of copies in memory that were asked for, and whose value stays on another node (HF-307)");
    public final LongAdder copiesDropped =
            counter("copiesDropped", "copies in memory that were let go because there are too many");

    /**
     * One of them.
     *
     * @param name in camel case
     * @param meaning what it counts, as docs/operations.md has it
     */
    public record Counter(String name, String meaning, LongAdder count) {}

    public SessionCounters() {}

    private LongAdder counter(String name, String meaning) {
        LongAdder count = new LongAdder();
        counters.add(new Counter(name, meaning, count));
        return count;
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
