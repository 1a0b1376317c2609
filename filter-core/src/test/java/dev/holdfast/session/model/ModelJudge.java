package dev.holdfast.session.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.session.Fields;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.StateVersion;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says of a {@link ModelWorld} whether a promise was broken. A value is the list of the writes that it stands on, so
 * what was lost, and what was seen, is in the values themselves.
 */
final class ModelJudge {
    /** What the promises do not cover, as the limits of the design say; counted, never reported. */
    enum Limit {
        /** A request was refused, and what it wrote is there all the same. */
        REFUSED_YET_APPLIED,
        /** Requests on one node shared the session's object, and no order of whole requests explains what they saw. */
        SHARED_OBJECT,
        /** What was acknowledged went with the store's own data. */
        LOST_WITH_STORE,
        /** Acknowledged before a failover, seen older after it. */
        OLDER_AFTER_FAILOVER,
        /**
         * A tombstone went with the store's own data; where the nodes send theirs again, one that nobody was told of.
         */
        UNDEAD_AFTER_FAILOVER,
        /** Whoever was telling the listeners paused for longer than its lease, and another told them, too. */
        TOLD_TWICE,
        /** What was acknowledged while its node had lost the store was given up, or seen older elsewhere. */
        AT_RISK,
        /**
         * A node with a request inside was paused until the session had been unused for too long by all that others
         * knew.
         */
        ENDED_IN_USE
    }

    /** A state that was stored, oldest first. */
    private record Stored(StateVersion base, Map<String, String> values) {}

    private final ModelWorld world;
    private final List<Stored> history = new ArrayList<>();
    private final Map<Limit, Integer> limits = new EnumMap<>(Limit.class);
    private @Nullable String violation;
    private boolean ended;
    private boolean lostData;
    /** The store has lost all that it had: what is missing since has not ended by that. */
    private boolean lostAll;
    /** A tombstone was there and is lost. */
    private boolean undead;

    /** Whoever ended it was told so: then no loss of data excuses that it comes back. */
    private boolean endKnown;
    /** Its end went with the store's data. */
    private boolean endLost;
    /** It came back after that, and nobody had been told of its end. */
    private boolean returned;

    private long lastUse;
    private long destroyedAt = -1;
    private long endAcknowledgedAt = -1;
    /** Requests that wrote or saw what the store lost, one bit each. */
    private int lost;

    private int lostFrom;
    private int lostTo;

    ModelJudge(ModelWorld world) {
        this.world = world;
    }

    @Nullable
    String violation() {
        return violation;
    }

    Map<Limit, Integer> limits() {
        return limits;
    }

    void violated(String what) {
        if (violation == null) {
            violation = what;
        }
    }

    private void limit(Limit limit) {
        limits.merge(limit, 1, Integer::sum);
    }

    /** After each command that the store has executed. */
    void stored(@Nullable SessionSnapshot snapshot) {
        if (snapshot == null) {
            ended = lostAll ? ended || world.isEndStored() : !history.isEmpty();
            return;
        }
        if (ended) {
            boolean unknown = endLost && !endKnown;
            if (unknown) {
                returned = true;
                ended = false;
                endLost = false;
            }
            if (undead || unknown) {
                limit(Limit.UNDEAD_AFTER_FAILOVER);
            } else {
                violated("P5: a session that had ended is there again");
            }
        }
        if (!history.isEmpty() && last().base().equals(snapshot.base())) {
            return;
        }
        Map<String, String> values = new TreeMap<>();
        snapshot.values()
                .forEach((field, value) ->
                        values.put(Fields.shown(field), new String(value.bytes(), UTF_8).substring(1)));
        history.add(new Stored(snapshot.base(), values));
        for (ModelRequest request : world.requests()) {
            if (request.isAcknowledged() && !isExempt(request)) {
                checkKept(request);
            }
        }
    }

    /** The store has lost all that it had; the nodes have it still, and what they know of ends. */
    void lostAll() {
        lostAll = true;
        endLost |= ended;
    }

    /** The store went back to an older state. What stands on a state after that one may go with it. */
    void wentBack(@Nullable SessionSnapshot snapshot) {
        lostData = true;
        undead |= ended && snapshot != null;
        lostFrom = 0;
        for (int i = 0; i < history.size(); i++) {
            if (snapshot != null && history.get(i).base().equals(snapshot.base())) {
                lostFrom = i + 1;
            }
        }
        lostTo = history.size();
        world.requests().forEach(this::noteLoss);
        stored(snapshot);
    }

    private void noteLoss(ModelRequest request) {
        for (ModelRequest.Done done : request.done) {
            int floor = floor(request, done.name());
            if (floor >= lostFrom && floor < lostTo) {
                lost |= 1 << request.number;
            }
        }
    }

    private boolean isExempt(ModelRequest request) {
        return request.atRisk || (lost & (1 << request.number)) != 0;
    }

    private Stored last() {
        return history.get(history.size() - 1);
    }

    /** P2 for one acknowledged request and the state now stored. */
    private void checkKept(ModelRequest request) {
        for (ModelRequest.Done done : request.done) {
            if (done.kind() != 'R' && isMissing(request, done.name())) {
                violated("P2: the acknowledged write of R" + request.mark() + " to " + done.name() + " is lost: "
                        + last().values().get(done.name()));
            }
        }
    }

    private boolean isMissing(ModelRequest request, String name) {
        List<String> marks = marks(last().values().get(name));
        return !marks.contains(request.mark())
                && (marks.isEmpty() ? !isLeftOut(name) : marks.get(0).equals("0"));
    }

    /**
     * Whether a value went with the store's data though a node had its session: what others had changed inside when a
     * change of the id was refused cannot be told from what that request left in it, which must not be sent under the
     * id that was to be given up.
     */
    private boolean isLeftOut(String name) {
        return mayBeLeftOut(name) && !last().values().containsKey(name);
    }

    private boolean mayBeLeftOut(String name) {
        return lostAll
                && world.requests().stream().anyMatch(ModelJudge::isIdInDoubt)
                && world.requests().stream()
                        .filter(request -> !request.isAcknowledged())
                        .flatMap(request -> request.done.stream())
                        .anyMatch(done -> done.kind() != 'R' && done.name().equals(name));
    }

    /** Whether a request has changed the id, and nobody was told. */
    private static boolean isIdInDoubt(ModelRequest request) {
        return request.changesId() && request.newId != null && !request.isAcknowledged();
    }

    /**
     * Whether a blind write has replaced what requests on one node made of a value before: an order of all explains
     * that, or not.
     */
    private boolean startsBlind(String name) {
        return !marks(last().values().get(name)).contains("0");
    }

    private static List<String> marks(@Nullable String value) {
        return value == null ? List.of() : List.of(value.split(","));
    }

    private boolean isTooLong(long nanos) {
        return nanos >= world.maxInactiveSeconds() * 1_000_000_000L;
    }

    /** A request has found the session now. */
    void opened(ModelRequest request) {
        if (destroyedAt >= 0) {
            if (isTooLong(world.now() - request.arrivedAt)) {
                limit(Limit.ENDED_IN_USE);
            } else {
                violated("P7: R" + request.mark() + " was served after the session's end was told");
            }
        }
        lastUse = Math.max(lastUse, request.arrivedAt);
    }

    /** The listeners of a node are told that the session has expired. */
    void destroyed() {
        long now = world.now();
        if (destroyedAt >= 0) {
            if (now - destroyedAt > Lifetimes.LEASE.toNanos()) {
                limit(Limit.TOLD_TWICE);
            } else {
                violated("P7: the session's end was told twice");
            }
        }
        if (!isTooLong(now - lastUse)) {
            violated("P7: the session's end was told when it had been unused for " + (now - lastUse) / 1_000_000
                    + " ms");
        } else if (world.requests().stream() // one that goes on for so long is known to nobody but its own node
                .anyMatch(request -> request.status == ModelRequest.Status.RUNNING && !request.done.isEmpty())) {
            limit(Limit.ENDED_IN_USE);
        }
        destroyedAt = now;
    }

    /** A request is acknowledged now. */
    void acknowledged(ModelRequest request) {
        if (request.ends()) {
            endAcknowledgedAt = world.now();
            endKnown = true;
            if (returned) {
                violated("P5: the end by R" + request.mark() + " is acknowledged, and the session had come back");
            }
        }
        if (request.foundNone) {
            boolean mayBeLost = lostAll && world.hasDied();
            if (!ended && !mayBeLost && !isTooLong(world.now() - lastUse) && world.isThereFromTheStart()) {
                violated("P8: R" + request.mark() + " found no session, and none had ended");
            }
            return;
        }
        if (ended) {
            checkDead(request);
            return;
        }
        noteLoss(request);
        checkDurable(request);
        checkSeen(request);
    }

    private void checkDead(ModelRequest request) {
        if (request.withoutStore || request.atRisk) {
            return; // it cannot know
        }
        if (endAcknowledgedAt >= 0 && request.sentAt - endAcknowledgedAt > Lifetimes.LOG_AGE.toNanos() && !undead) {
            violated("P5: R" + request.mark() + " was served more than two seconds after the end was acknowledged");
        }
    }

    /** P1: what is acknowledged is stored, or was. */
    private void checkDurable(ModelRequest request) {
        if (request.atRisk) {
            return;
        }
        for (ModelRequest.Done done : request.done) {
            if (done.kind() != 'R' && writtenAt(request, done.name()) < 0 && isMissing(request, done.name())) {
                violated("P1: the write of R" + request.mark() + " to " + done.name()
                        + " is acknowledged and was never stored");
            }
        }
        if (!history.isEmpty() && violation == null && !isExempt(request)) {
            checkKept(request);
        }
    }

    /** P3: what was read is not older than what the browser knew when it sent the request, and was stored. */
    private void checkSeen(ModelRequest request) {
        for (ModelRequest.Done done : request.done) {
            if (done.kind() == 'W') {
                continue;
            }
            int seen = newest(done.value(), done.name());
            if (seen < 0 && request.atRisk) {
                continue; // it saw what is not stored yet
            }
            if (done.value().equals("null") && mayBeLeftOut(done.name())) {
                limit(Limit.LOST_WITH_STORE);
                continue;
            }
            if (seen < 0 && !startsBlind(done.name())) {
                if (lostData) {
                    limit(Limit.OLDER_AFTER_FAILOVER);
                    continue;
                }
                violated("P2: R" + request.mark() + " was acknowledged with a value of " + done.name()
                        + " that was never stored: " + done.value());
                return;
            }
            for (ModelRequest earlier : world.requests()) {
                if (seen >= 0
                        && (request.receivedBefore & (1 << earlier.number)) != 0
                        && seen < floor(earlier, done.name())) {
                    if (earlier.atRisk) {
                        limit(Limit.AT_RISK);
                    } else if (isExempt(earlier)) {
                        limit(Limit.OLDER_AFTER_FAILOVER);
                    } else {
                        violated("P3: R" + request.mark() + " saw " + done.name() + "=" + done.value()
                                + ", older than what R" + earlier.mark() + " was acknowledged with");
                    }
                }
            }
        }
    }

    /** The newest stored state that a value is not older than; -1 if it is of no stored state. */
    private int newest(String value, String name) {
        for (int i = history.size() - 1; i >= 0; i--) {
            if (value.equals(history.get(i).values().get(name))) {
                return i;
            }
        }
        for (int i = 0; i < history.size(); i++) {
            String stored = history.get(i).values().get(name);
            if (stored != null && stored.startsWith(value + ",")) {
                return i;
            }
        }
        return -1;
    }

    /** The oldest stored state in which a request's view of a name may have been current. */
    private int floor(ModelRequest request, String name) {
        int floor = -1;
        for (ModelRequest.Done done : request.done) {
            if (done.name().equals(name)) {
                floor = Math.max(floor, done.kind() == 'R' ? oldest(done.value(), name) : writtenAt(request, name));
            }
        }
        return floor;
    }

    private int oldest(String value, String name) {
        for (int i = 0; i < history.size(); i++) {
            String stored = history.get(i).values().get(name);
            if (stored != null && (stored.equals(value) || stored.startsWith(value + ","))) {
                return i;
            }
        }
        return -1;
    }

    private int writtenAt(ModelRequest request, String name) {
        for (int i = 0; i < history.size(); i++) {
            if (marks(history.get(i).values().get(name)).contains(request.mark())) {
                return i;
            }
        }
        return -1;
    }

    /**
     * All requests are over, and nothing is to be saved any more: what was acknowledged at risk is there, or was given
     * up.
     */
    void settled() {
        for (ModelRequest request : world.requests()) {
            for (ModelRequest.Done done : request.done) {
                if (request.atRisk && !ended && done.kind() != 'R' && isMissing(request, done.name())) {
                    if (world.hasGivenUp()) {
                        limit(Limit.AT_RISK);
                    } else {
                        violated("P2: the write of R" + request.mark() + " to " + done.name()
                                + " was acknowledged at risk, and neither saved nor given up");
                    }
                }
            }
        }
    }

    /** All requests are over. */
    void over() {
        if (ended || violation != null || history.isEmpty()) {
            return;
        }
        for (ModelRequest request : world.requests()) {
            boolean refused = request.status == ModelRequest.Status.REFUSED;
            for (ModelRequest.Done done : request.done) {
                boolean there = done.kind() != 'R'
                        && marks(last().values().get(done.name())).contains(request.mark());
                if (refused && there) {
                    limit(Limit.REFUSED_YET_APPLIED);
                }
                if (isExempt(request) && !request.atRisk && done.kind() != 'R' && isMissing(request, done.name())) {
                    limit(Limit.LOST_WITH_STORE);
                }
            }
        }
        if (!new Orders(false).explain()) {
            if (new Orders(true).explain()) {
                limit(Limit.SHARED_OBJECT);
            } else {
                violated("P2: no order of the acknowledged requests explains what they saw, and " + last().values());
            }
        }
    }

    /**
     * Tries all orders in which acknowledged requests, and any of the others' writes, may have run one after the other.
     */
    private final class Orders {
        /** What runs as one; optional ones need not run, and what they read is not asked. */
        private record Unit(int request, List<ModelRequest.Done> done, String mark, boolean optional) {}

        private final List<Unit> units = new ArrayList<>();
        private final Set<String> failed = new HashSet<>();

        /** @param apart true if each operation of a request that shared its object with another's runs by itself */
        Orders(boolean apart) {
            for (ModelRequest request : world.requests()) {
                boolean optional = !request.isAcknowledged() || isExempt(request);
                if (request.foundNone || request.done.isEmpty()) {
                    continue;
                }
                if (optional || (apart && sharedObject(request))) {
                    request.done.forEach(done -> {
                        if (!optional || done.kind() != 'R') {
                            units.add(new Unit(request.number, List.of(done), request.mark(), optional));
                        }
                    });
                } else {
                    units.add(new Unit(request.number, request.done, request.mark(), false));
                }
            }
        }

        private boolean sharedObject(ModelRequest request) {
            return world.requests().stream()
                    .anyMatch(other -> other != request && other.node == request.node && other.done.size() > 0);
        }

        boolean explain() {
            Map<String, String> values = new TreeMap<>(history.get(0).values());
            return explain(values, 0);
        }

        private boolean explain(Map<String, String> values, int ran) {
            boolean all = true;
            for (int i = 0; i < units.size(); i++) {
                all &= units.get(i).optional() || (ran & (1 << i)) != 0;
            }
            if (all && isStored(values)) {
                return true;
            }
            if (!failed.add(ran + values.toString())) {
                return false;
            }
            for (int i = 0; i < units.size(); i++) {
                if ((ran & (1 << i)) == 0 && !waits(i, ran)) {
                    Map<String, String> after = run(units.get(i), values);
                    if (after != null && explain(after, ran | (1 << i))) {
                        return true;
                    }
                }
            }
            return false;
        }

        private boolean isStored(Map<String, String> values) {
            Map<String, String> there = new TreeMap<>(values);
            if (there.keySet().removeIf(ModelJudge.this::isLeftOut)) {
                limit(Limit.LOST_WITH_STORE);
            }
            return there.equals(last().values());
        }

        /** Operations of one request run in their order. */
        private boolean waits(int unit, int ran) {
            for (int i = 0; i < unit; i++) {
                if (units.get(i).request() == units.get(unit).request()
                        && !units.get(i).optional()
                        && (ran & (1 << i)) == 0) {
                    return true;
                }
            }
            return false;
        }

        private @Nullable Map<String, String> run(Unit unit, Map<String, String> values) {
            Map<String, String> after = new TreeMap<>(values);
            for (ModelRequest.Done done : unit.done()) {
                String value = after.get(done.name());
                if (!unit.optional()
                        && done.kind() != 'W'
                        && !done.value().equals(value)
                        && !(done.value().equals("null") && mayBeLeftOut(done.name()))) {
                    return null;
                }
                if (done.kind() == 'U') {
                    after.put(done.name(), value + "," + unit.mark());
                } else if (done.kind() == 'W') {
                    after.put(done.name(), unit.mark());
                }
            }
            return after;
        }
    }

    void fingerprint(ModelFingerprint print) {
        print.addNumber(history.size());
        for (Stored stored : history) {
            stored.values().values().forEach(print::addText);
        }
        print.addNumber((ended ? 1 : 0)
                + (lostData ? 2 : 0)
                + (undead ? 4 : 0)
                + (lostAll ? 8 : 0)
                + (endKnown ? 16 : 0)
                + (returned ? 32 : 0)
                + (endLost ? 64 : 0)
                + lost * 128L);
        print.addNumber(lastUse);
        print.addNumber(destroyedAt);
        print.addNumber(endAcknowledgedAt * 31 + lostFrom * 64L + lostTo);
    }
}
