package dev.holdfast.session.testing;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoredValue;
import dev.holdfast.session.WaitBudget;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that behaves like the one in Redis, as far as a node can tell, and fails on demand. Passes the same
 * contract.
 *
 * <p>Its clock stands still unless {@link #advance} moves it. Safe for use by many threads: each call is one atomic
 * step.
 */
public final class InMemorySessionStore implements SessionStore {
    /** How a call fails; each throws {@link StoreUnavailableException}. */
    public enum Fault {
        /** Refused before anything ran; not applied, and the exception says so. */
        REFUSED,
        /** Lost on the way to the store: not applied, but nobody knows. */
        BEFORE,
        /** Applied, the reply was lost. */
        AFTER,
        /** Not answered in time, and executed by {@link #runLate}. */
        LATE,
        /** The first attempt is applied, its reply is lost, the store's own second attempt is answered. */
        REPEATED
    }

    record Stored(
            StateVersion base,
            Epoch epoch,
            long use,
            int maxInactiveSeconds,
            long createdMillis,
            String internalId,
            Map<String, StoredValue> values) {
        Stored used(long at) {
            return new Stored(base, epoch, Math.max(use, at), maxInactiveSeconds, createdMillis, internalId, values);
        }

        SessionSnapshot snapshot() {
            return new SessionSnapshot(base, createdMillis, maxInactiveSeconds, internalId, values);
        }

        Stored heldUnder(Epoch other) {
            return new Stored(base, other, use, maxInactiveSeconds, createdMillis, internalId, values);
        }
    }

    /** @param until end of the lease, by this store's clock */
    record Claimed(String token, long until) {}

    /** Everything stored at one moment, as a lagging replica has it. */
    public static final class Image {
        private final Map<Integer, String> generations;
        private final Map<Integer, List<String>> logs = new HashMap<>();
        private final Map<SessionId, Stored> sessions;
        private final Map<SessionId, Claimed> claims;
        private final Map<SessionId, String> tombstones;
        private final Set<SessionId> renamed;
        private final Map<Integer, Map<String, String>> marks;

        private Image(InMemorySessionStore store) {
            generations = new HashMap<>(store.generations);
            store.logs.forEach((shard, log) -> logs.put(shard, new ArrayList<>(log)));
            sessions = new HashMap<>(store.sessions);
            claims = new HashMap<>(store.claims);
            tombstones = new HashMap<>(store.tombstones);
            renamed = new HashSet<>(store.renamed);
            marks = store.settling.marks();
        }
    }

    final Map<Integer, String> generations = new HashMap<>();
    private final Map<Integer, List<String>> logs = new HashMap<>();
    final Map<SessionId, Stored> sessions = new HashMap<>();
    final Map<SessionId, Claimed> claims = new HashMap<>();
    final Map<SessionId, String> tombstones = new HashMap<>();
    /** Of the tombstones, those of ids that were changed. */
    final Set<SessionId> renamed = new HashSet<>();

    private final Deque<Fault> faults = new ArrayDeque<>();
    private final Map<String, Fault> faultsByCall = new HashMap<>();
    private final Deque<Runnable> late = new ArrayDeque<>();
    private final List<Runnable> otherPrimary = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private long now = 1_700_000_000_000L;
    private boolean down;
    private @Nullable Runnable between;
    private int mostEntries = 2000;
    private int mostClaims = Integer.MAX_VALUE;
    private long cutOff;

    final StoreRules rules;
    private final InMemorySettleStore settling = new InMemorySettleStore(this);

    public InMemorySessionStore() {
        this(StoreRules.ALL);
    }

    /** @param rules those of the product, or all but one */
    public InMemorySessionStore(StoreRules rules) {
        this.rules = rules;
    }

    /** The next call that is not planned for yet fails like this; questions of {@link #ask} then have no answer. */
    public synchronized void failNext(Fault fault) {
        faults.add(fault);
    }

    /** The next call of that name fails like this, once, whatever calls come before it. */
    public synchronized void failNext(Fault fault, String call) {
        faultsByCall.put(call, fault);
    }

    /** Whether nothing but a tombstone is left of a session. */
    public synchronized boolean ended(SessionId id) {
        return tombstones.containsKey(id) && !sessions.containsKey(id) && !claims.containsKey(id);
    }

    /** What happens between the two attempts of the next call that is {@link Fault#REPEATED}. */
    public synchronized void betweenAttempts(Runnable action) {
        between = action;
    }

    /** While true every call is refused. */
    public synchronized void setDown(boolean down) {
        this.down = down;
    }

    /** A question is answered by no more entries of a log than this. */
    public synchronized void answerAtMost(int entries) {
        mostEntries = entries;
    }

    /** Executes the commands that were given up with {@link Fault#LATE}. */
    public synchronized void runLate() {
        while (!late.isEmpty()) {
            late.remove().run();
        }
    }

    boolean isDown() {
        return down;
    }

    /** By the store's clock. */
    long now() {
        return now;
    }

    /** Moves the store's clock. */
    public synchronized void advance(Duration by) {
        now += by.toMillis();
    }

    /**
     * Names of the calls so far, failed ones included: create, load, commit, touch, end, claim, finish, due, exists,
     * ask.
     */
    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /** What is stored now. */
    public synchronized Image image() {
        return new Image(this);
    }

    /** Goes back to an image, as a failover to a lagging replica does; tells nobody. */
    public synchronized void restore(Image image) {
        loseData();
        generations.putAll(image.generations);
        image.logs.forEach((shard, log) -> logs.put(shard, new ArrayList<>(log)));
        sessions.putAll(image.sessions);
        claims.putAll(image.claims);
        tombstones.putAll(image.tombstones);
        renamed.addAll(image.renamed);
        settling.restore(image.marks);
    }

    /** Forgets everything, generations too. */
    public synchronized void loseData() {
        generations.clear();
        logs.clear();
        sessions.clear();
        claims.clear();
        tombstones.clear();
        renamed.clear();
        settling.loseData();
    }

    /** Whether a shard is settled. */
    public synchronized boolean hasGeneration(int shard) {
        return generations.containsKey(shard);
    }

    /** As if a node had settled an empty shard. */
    public synchronized void giveGeneration(int shard) {
        writeGeneration(shard);
    }

    /** Forgets all of one shard. */
    public synchronized void loseData(int shard) {
        generations.remove(shard);
        logs.remove(shard);
        settling.loseData(shard);
        sessions.keySet().removeIf(id -> id.shard() == shard);
        claims.keySet().removeIf(id -> id.shard() == shard);
        tombstones.keySet().removeIf(id -> id.shard() == shard);
        renamed.removeIf(id -> id.shard() == shard);
    }

    /** Loses one session and nothing else; no tombstone. */
    public synchronized void forget(SessionId id) {
        sessions.remove(id);
    }

    /** Leaves only the newest entry of a shard's log. */
    public synchronized void trimLog(int shard) {
        List<String> log = log(shard);
        log.subList(0, Math.max(0, log.size() - 1)).clear();
    }

    /** Calls the listeners, as a connection to another primary does. */
    public void changePrimary() {
        List<Runnable> listeners;
        synchronized (this) {
            listeners = List.copyOf(otherPrimary);
        }
        listeners.forEach(Runnable::run);
    }

    /**
     * A session as it is stored, past its deadline or not; null if it is not there, or claimed. No call, and nothing
     * changes.
     */
    public synchronized @Nullable SessionSnapshot peek(SessionId id) {
        Stored stored = live(id);
        return stored == null ? null : stored.snapshot();
    }

    /** Number of keys that a real store would have. */
    public synchronized int keys() {
        return generations.size() + logs.size() + sessions.size() + tombstones.size();
    }

    @Override
    public synchronized CommitReply create(Create c, WaitBudget budget) {
        return call("create", () -> doCreate(c), InMemorySessionStore::repeated);
    }

    private CommitReply doCreate(Create c) {
        int shard = c.id().shard();
        if (isOther(shard, c.generation())) {
            return new CommitReply(Outcome.OTHER_GENERATION, tail(shard), null, false);
        }
        if (tombstones.containsKey(c.id()) || claims.containsKey(c.id())) {
            return new CommitReply(Outcome.GONE, tail(shard), null, false);
        }
        Stored stored = sessions.get(c.id());
        if (stored != null) {
            return stored.base().stamp().equals(c.stamp())
                    ? new CommitReply(Outcome.OK, tail(shard), stored.epoch(), false)
                    : new CommitReply(Outcome.MISMATCH, tail(shard), stored.epoch(), false, stored.snapshot());
        }
        StateVersion base = StateVersion.NONE.next(c.stamp());
        Map<String, StoredValue> values = new HashMap<>();
        c.values().forEach((field, bytes) -> values.put(field, new StoredValue(base, bytes.clone())));
        sessions.put(
                c.id(),
                new Stored(
                        base,
                        c.epoch(),
                        now - c.useAgeMillis(),
                        c.maxInactiveSeconds(),
                        c.createdMillis(),
                        c.internalId(),
                        Map.copyOf(values)));
        writeGeneration(shard);
        return new CommitReply(Outcome.OK, tail(shard), c.epoch(), false);
    }

    @Override
    public synchronized LoadReply load(Load load, WaitBudget budget) {
        return call("load", () -> doLoad(load), reply -> reply);
    }

    private LoadReply doLoad(Load load) {
        int shard = load.id().shard();
        if (isOther(shard, load.generation())) {
            return new LoadReply(Outcome.OTHER_GENERATION, tail(shard), null, false, 0, null);
        }
        Stored stored = live(load.id());
        if (stored == null || isPastDeadline(stored) || (!load.fresh().hasHolder() && isOverForRoaming(stored))) {
            return new LoadReply(howGone(load.id()), tail(shard), null, false, 0, null);
        }
        Epoch epoch = stored.epoch();
        boolean confirmed = epoch.hasHolder()
                && epoch.equals(load.presented())
                && epoch.owner().equals(load.fresh().owner());
        if (!confirmed && mayMove(epoch, load.fresh())) {
            epoch = load.fresh();
            logMove(shard, epoch, load.id());
        }
        long idle = Math.max(0, now - stored.use());
        sessions.put(load.id(), stored.heldUnder(epoch).used(now - load.useAgeMillis()));
        writeGeneration(shard);
        SessionSnapshot snapshot = stored.base().equals(load.known()) ? null : stored.snapshot();
        return new LoadReply(Outcome.OK, tail(shard), epoch, stored.epoch(), confirmed, idle, snapshot);
    }

    @Override
    public synchronized CommitReply commit(Commit c, WaitBudget budget) {
        return call("commit", () -> doCommit(c), InMemorySessionStore::repeated);
    }

    private CommitReply doCommit(Commit c) {
        int shard = c.id().shard();
        SessionId newId = c.newId();
        if (isOther(shard, c.generation())) {
            return new CommitReply(Outcome.OTHER_GENERATION, tail(shard), null, false);
        }
        if (newId != null && c.stamp().equals(tombstones.get(c.id()))) {
            return live(newId) == null
                    ? new CommitReply(howGone(newId), tail(shard), null, false)
                    : new CommitReply(
                            Outcome.OK, tail(shard), sessions.get(newId).epoch(), false);
        }
        Stored stored = live(c.id());
        if (stored == null && !rules.isGoneForEver()) {
            stored = new Stored(c.base(), c.fresh(), now, c.maxInactiveSeconds(), now, "", Map.of());
        }
        if (stored == null) {
            return new CommitReply(howGone(c.id()), tail(shard), null, false);
        }
        if (stored.base().stamp().equals(c.stamp())) {
            return new CommitReply(Outcome.OK, tail(shard), stored.epoch(), false);
        }
        boolean current = newId == null
                ? rules.isBase(stored.base(), c.base(), stored.epoch(), c.admitted())
                : rules.isBaseOfChangedId(stored.base(), c.base());
        if (!current
                || !rules.mayCommit(stored.epoch(), c.admitted())
                || (newId != null && (sessions.containsKey(newId) || tombstones.containsKey(newId)))) {
            return new CommitReply(Outcome.MISMATCH, tail(shard), stored.epoch(), false, stored.snapshot());
        }
        boolean moved = !stored.epoch().equals(c.admitted()) && mayMove(stored.epoch(), c.fresh());
        Epoch epoch = moved ? c.fresh() : stored.epoch();
        StateVersion base = stored.base().next(c.stamp());
        Map<String, StoredValue> values = new HashMap<>(stored.values());
        if (newId != null) { // by a store that does not compare, the sender's copy is written over what came later
            values.values()
                    .removeIf(value -> value.writtenBy().version() > c.base().version());
        }
        c.writes().forEach((field, bytes) -> values.put(field, new StoredValue(base, bytes.clone())));
        values.keySet().removeAll(c.removes());
        Stored changed = new Stored(
                base,
                epoch,
                Math.max(stored.use(), now - c.useAgeMillis()),
                c.maxInactiveSeconds(),
                stored.createdMillis(),
                stored.internalId(),
                Map.copyOf(values));
        if (newId != null) {
            sessions.remove(c.id());
            tombstones.put(c.id(), c.stamp());
            renamed.add(c.id());
            sessions.put(newId, changed);
            append(shard, c.stamp() + ":" + c.id().value() + ":moved");
        } else {
            sessions.put(c.id(), changed);
            if (moved) {
                logMove(shard, epoch, c.id());
            }
        }
        writeGeneration(shard);
        return new CommitReply(Outcome.OK, tail(shard), epoch, false);
    }

    @Override
    public synchronized List<TouchReply> touch(List<Touch> touches, WaitBudget budget) {
        return call("touch", () -> touches.stream().map(this::doTouch).toList(), replies -> replies);
    }

    private TouchReply doTouch(Touch touch) {
        int shard = touch.id().shard();
        if (isOther(shard, touch.generation())) {
            return new TouchReply(Outcome.OTHER_GENERATION, tail(shard));
        }
        Stored stored = live(touch.id());
        if (stored == null) {
            return new TouchReply(howGone(touch.id()), tail(shard));
        }
        sessions.put(touch.id(), stored.used(now - touch.useAgeMillis()));
        writeGeneration(shard);
        return new TouchReply(Outcome.OK, tail(shard));
    }

    @Override
    public synchronized EndReply end(End end, WaitBudget budget) {
        return call("end", () -> doEnd(end), reply -> reply);
    }

    private EndReply doEnd(End end) {
        int shard = end.id().shard();
        if (isOther(shard, end.generation())) {
            return new EndReply(Outcome.OTHER_GENERATION, tail(shard), false);
        }
        String tombstone = tombstones.get(end.id());
        if (tombstone != null) {
            return new EndReply(tombstone.equals(end.stamp()) ? Outcome.OK : howGone(end.id()), tail(shard), false);
        }
        if (claims.containsKey(end.id())) {
            return new EndReply(Outcome.GONE, tail(shard), false);
        }
        Stored ended = sessions.remove(end.id());
        if (rules.leavesTombstone()) {
            tombstones.put(end.id(), end.stamp());
        }
        append(shard, end.stamp() + ":" + end.id().value() + ":end");
        writeGeneration(shard);
        return new EndReply(
                Outcome.OK, tail(shard), ended != null && ended.base().equals(end.base()));
    }

    @Override
    public synchronized Presence exists(SessionId id, WaitBudget budget) {
        return call(
                "exists",
                () -> new Presence(
                        live(id) != null && !isPastDeadline(sessions.get(id)),
                        tombstones.containsKey(id) || (sessions.containsKey(id) && isPastDeadline(sessions.get(id))),
                        tail(id.shard()).generation()),
                found -> found);
    }

    @Override
    public synchronized List<ClaimReply> claim(List<Claim> claimed, WaitBudget budget) {
        return call(
                "claim",
                () -> {
                    List<ClaimReply> replies =
                            claimed.stream().map(this::doClaim).toList();
                    if (claimed.size() > mostClaims) {
                        throw unavailable("claim", "did not answer", true);
                    }
                    return replies;
                },
                replies -> replies);
    }

    private ClaimReply doClaim(Claim claim) {
        int shard = claim.id().shard();
        if (isCutOff(shard)) {
            return new ClaimReply(null, ShardTail.EMPTY, 0, null);
        }
        if (isOther(shard, claim.generation())) {
            return new ClaimReply(Outcome.OTHER_GENERATION, tail(shard), 0, null);
        }
        Stored stored = sessions.get(claim.id());
        if (stored == null) {
            return new ClaimReply(Outcome.GONE, tail(shard), 0, null);
        }
        Claimed before = claims.get(claim.id());
        if (before != null && !before.token().equals(claim.token()) && rules.isLeased(now, before.until())) {
            return new ClaimReply(Outcome.GONE, tail(shard), 0, null);
        }
        if (before == null && !mayClaim(claim, stored)) {
            return new ClaimReply(Outcome.MISMATCH, tail(shard), 0, null);
        }
        if (before == null || !before.token().equals(claim.token())) {
            claims.put(claim.id(), new Claimed(claim.token(), now + Lifetimes.LEASE.toMillis()));
        }
        if (before == null) {
            append(shard, claim.token() + ":" + claim.id().value() + ":end");
        }
        writeGeneration(shard);
        SessionSnapshot snapshot = stored.base().equals(claim.known()) ? null : stored.snapshot();
        return new ClaimReply(Outcome.OK, tail(shard), Math.max(0, now - stored.use()), snapshot);
    }

    private boolean mayClaim(Claim claim, Stored stored) {
        int maxInactive = stored.maxInactiveSeconds();
        if (maxInactive <= 0 || claim.reachedMillis() < Lifetimes.graceMillis(maxInactive)) {
            return false;
        }
        boolean held = !claim.owner().isEmpty()
                && rules.isHolder(stored.epoch(), claim.owner())
                && now - stored.use() >= maxInactive * 1000L;
        return held || isPastDeadline(stored);
    }

    @Override
    public synchronized List<FinishReply> finish(List<Finish> claimed, WaitBudget budget) {
        return call("finish", () -> claimed.stream().map(this::doFinish).toList(), replies -> replies);
    }

    private FinishReply doFinish(Finish finish) {
        int shard = finish.id().shard();
        if (isOther(shard, finish.generation())) {
            return new FinishReply(Outcome.OTHER_GENERATION, tail(shard));
        }
        String tombstone = tombstones.get(finish.id());
        if (tombstone != null) {
            return new FinishReply(tombstone.equals(finish.token()) ? Outcome.OK : Outcome.GONE, tail(shard));
        }
        if (!sessions.containsKey(finish.id())) {
            return new FinishReply(Outcome.GONE, tail(shard));
        }
        Claimed claim = claims.get(finish.id());
        if (claim == null || !claim.token().equals(finish.token())) {
            return new FinishReply(Outcome.MISMATCH, tail(shard));
        }
        sessions.remove(finish.id());
        claims.remove(finish.id());
        tombstones.put(finish.id(), finish.token());
        return new FinishReply(Outcome.OK, tail(shard));
    }

    @Override
    public synchronized Due due(int perShard, WaitBudget budget) {
        return call("due", () -> dueNow(perShard), due -> due);
    }

    private Due dueNow(int perShard) {
        Map<Integer, Integer> taken = new HashMap<>();
        List<SessionId> due = sessions.keySet().stream()
                .filter(id -> !isCutOff(id.shard()) && dueAt(id) < now)
                .sorted(Comparator.comparing(this::dueAt).thenComparing(SessionId::value))
                .filter(id -> taken.merge(id.shard(), 1, Integer::sum) <= perShard)
                .toList();
        return new Due(due, Due.ALL & ~cutOff);
    }

    private boolean isCutOff(int shard) {
        return (cutOff >>> shard & 1) == 1;
    }

    private long dueAt(SessionId id) {
        Claimed claim = claims.get(id);
        if (claim != null) {
            return rules.isLeased(now, claim.until()) ? claim.until() : 0;
        }
        Stored stored = sessions.get(id);
        long deadline = rules.deadlineMillis(stored.maxInactiveSeconds());
        return deadline == 0 ? Long.MAX_VALUE : stored.use() + deadline;
    }

    private Outcome howGone(SessionId id) {
        return renamed.contains(id) ? Outcome.RENAMED : Outcome.GONE;
    }

    private @Nullable Stored live(SessionId id) {
        return claims.containsKey(id) && rules.isGoneWhileClaimed() ? null : sessions.get(id);
    }

    @Override
    public synchronized List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget) {
        List<@Nullable ShardAnswer> answers = new ArrayList<>();
        try {
            return call("ask", () -> answersTo(questions), all -> all);
        } catch (StoreUnavailableException e) {
            questions.forEach(question -> answers.add(null));
            return answers;
        }
    }

    private List<@Nullable ShardAnswer> answersTo(List<ShardQuestion> questions) {
        List<@Nullable ShardAnswer> answers = new ArrayList<>();
        for (ShardQuestion question : questions) {
            List<String> log = logs.getOrDefault(question.shard(), List.of());
            int begin = indexOf(LogEntry.sequenceOf(question.from()), log);
            List<String> entries = List.copyOf(log.subList(begin, Math.min(log.size(), begin + mostEntries)));
            answers.add(new ShardAnswer(tail(question.shard()).generation(), entries, entries.size() >= mostEntries));
        }
        return answers;
    }

    /** Of the first entry from a sequence on: whatever was cut off before it, the log has no gap. */
    private static int indexOf(long sequence, List<String> log) {
        long first = log.isEmpty() ? 0 : LogEntry.sequenceOf(log.get(0));
        return (int) Math.min(log.size(), Math.max(0, sequence - first));
    }

    /**
     * More claims at once are done, and nothing is heard of them: the state of their sessions takes longer than a call
     * may.
     */
    public synchronized void answerClaimsOfAtMost(int claims) {
        mostClaims = claims;
    }

    /** Whether the primary of a shard can be reached where sessions are looked for that are due. */
    public synchronized void cutOff(int shard, boolean away) {
        cutOff = away ? cutOff | 1L << shard : cutOff & ~(1L << shard);
    }

    /** Its calls are not among the {@link #calls}. */
    @Override
    public InMemorySettleStore settling() {
        return settling;
    }

    @Override
    public synchronized void onOtherPrimary(Runnable listener) {
        otherPrimary.add(listener);
    }

    private interface Command<T> {
        T execute();
    }

    private <T> T call(String name, Command<T> command, UnaryOperator<T> marking) {
        calls.add(name);
        Fault named = faultsByCall.remove(name);
        Fault fault = down ? Fault.REFUSED : named != null ? named : faults.poll();
        if (fault == null) {
            return command.execute();
        }
        switch (fault) {
            case REFUSED -> throw unavailable(name, "is down", false);
            case BEFORE -> throw unavailable(name, "did not answer", true);
            case AFTER -> {
                command.execute();
                throw unavailable(name, "did not answer", true);
            }
            case LATE -> {
                late.add(command::execute);
                throw unavailable(name, "did not answer", true);
            }
            case REPEATED -> {
                command.execute();
                Runnable action = between;
                between = null;
                if (action != null) {
                    action.run();
                }
                return marking.apply(command.execute());
            }
        }
        throw new IllegalStateException(fault.name());
    }

    static StoreUnavailableException unavailable(String name, String problem, boolean maybeApplied) {
        return new StoreUnavailableException(
                "Cannot " + name + ": the store in memory " + problem + ".", maybeApplied, null);
    }

    private static CommitReply repeated(CommitReply reply) {
        return new CommitReply(reply.outcome(), reply.tail(), reply.epoch(), true, reply.snapshot());
    }

    private boolean isOther(int shard, String seen) {
        return seen.equals(UNSEEN)
                ? !generations.containsKey(shard)
                : !seen.isEmpty() && !seen.equals(generations.get(shard));
    }

    private boolean isPastDeadline(Stored stored) {
        return stored.maxInactiveSeconds() > 0
                && now > stored.use() + rules.deadlineMillis(stored.maxInactiveSeconds());
    }

    private boolean isOverForRoaming(Stored stored) {
        return stored.maxInactiveSeconds() > 0
                && now > stored.use() + Lifetimes.roamingDeadlineMillis(stored.maxInactiveSeconds());
    }

    private void logMove(int shard, Epoch epoch, SessionId id) {
        if (rules.logsMoves()) {
            append(shard, epoch.text() + ":" + id.value());
        }
    }

    private boolean mayMove(Epoch epoch, Epoch fresh) {
        return !epoch.equals(fresh) && rules.endsHolding(epoch, fresh);
    }

    void writeGeneration(int shard) {
        generations.computeIfAbsent(shard, missing -> RandomToken.next());
    }

    void append(int shard, String entry) {
        List<String> log = log(shard);
        long newest = log.isEmpty() ? 0 : LogEntry.sequenceOf(log.get(log.size() - 1));
        log.add(newest + 1 + ":" + entry);
    }

    private List<String> log(int shard) {
        return logs.computeIfAbsent(shard, missing -> new ArrayList<>());
    }

    ShardTail tail(int shard) {
        List<String> log = logs.getOrDefault(shard, List.of());
        return new ShardTail(generations.getOrDefault(shard, ""), log.isEmpty() ? "" : log.get(log.size() - 1));
    }
}
