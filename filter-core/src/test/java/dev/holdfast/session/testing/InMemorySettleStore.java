package dev.holdfast.session.testing;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What nodes do with a shard of an {@link InMemorySessionStore} that lost its data. Fails on demand, and passes the
 * contract of the one in Redis.
 *
 * <p>All of it is guarded by the lock of the store.
 */
public final class InMemorySettleStore implements SettleStore {
    private final InMemorySessionStore store;

    /** What the nodes that settle a shard have done, by their incarnations. */
    private final Map<Integer, Map<String, String>> marks = new HashMap<>();

    private final Map<String, Runnable> hooks = new HashMap<>();
    private final Set<Integer> refusingEnds = new HashSet<>();
    private int mostPushes = Integer.MAX_VALUE;

    InMemorySettleStore(InMemorySessionStore store) {
        this.store = store;
    }

    /** A copy. */
    Map<Integer, Map<String, String>> marks() {
        Map<Integer, Map<String, String>> copy = new HashMap<>();
        marks.forEach((shard, each) -> copy.put(shard, new HashMap<>(each)));
        return copy;
    }

    void restore(Map<Integer, Map<String, String>> image) {
        image.forEach((shard, each) -> marks.put(shard, new HashMap<>(each)));
    }

    void loseData() {
        marks.clear();
    }

    void loseData(int shard) {
        marks.remove(shard);
    }

    /** What happens once, just before the next call of that name is executed: join. */
    public void before(String call, Runnable action) {
        synchronized (store) {
            hooks.put("before " + call, action);
        }
    }

    /** What happens once, when the next call of that name was executed: push. */
    public void after(String call, Runnable action) {
        synchronized (store) {
            hooks.put("after " + call, action);
        }
    }

    private void run(String hook) {
        Runnable action;
        synchronized (store) {
            action = hooks.remove(hook);
        }
        if (action != null) {
            action.run();
        }
    }

    /** Whether no session is taken that is sent again. */
    public void refusePushes(boolean refused) {
        synchronized (store) {
            mostPushes = refused ? 0 : Integer.MAX_VALUE;
        }
    }

    /** Of more sessions at once nothing is heard. */
    public void answerPushesOfAtMost(int sessions) {
        synchronized (store) {
            mostPushes = sessions;
        }
    }

    /** Whether no end of a shard is taken that is told again. */
    public void refuseEndsIn(int shard, boolean refused) {
        synchronized (store) {
            if (refused) {
                refusingEnds.add(shard);
            } else {
                refusingEnds.remove(shard);
            }
        }
    }

    @Override
    public List<@Nullable String> generations(List<Integer> shards, WaitBudget budget) {
        return settle(() -> shards.stream()
                .map(shard -> store.generations.getOrDefault(shard, ""))
                .toList());
    }

    @Override
    public List<@Nullable Boolean> bury(List<Tombstone> ends, WaitBudget budget) {
        return settle(() -> {
            List<@Nullable Boolean> done = new ArrayList<>();
            ends.forEach(end -> done.add(refusingEnds.contains(end.id().shard()) ? null : doBury(end)));
            return done;
        });
    }

    @Override
    public List<@Nullable Progress> join(List<Join> joining, BooleanSupplier same, WaitBudget budget) {
        run("before join");
        return settle(() -> {
            if (!same.getAsBoolean()) {
                throw InMemorySessionStore.unavailable("join", "is another one", false);
            }
            return joining.stream().map(join -> doJoin(join)).toList();
        });
    }

    @Override
    public List<SessionStore.@Nullable Outcome> push(List<Push> pushes, WaitBudget budget) {
        List<SessionStore.@Nullable Outcome> outcomes = settle(() -> {
            if (mostPushes > 0 && pushes.size() > mostPushes) {
                throw InMemorySessionStore.unavailable("push", "did not answer", true);
            }
            List<SessionStore.@Nullable Outcome> done = new ArrayList<>();
            pushes.forEach(push -> done.add(mostPushes == 0 ? null : doPush(push)));
            return done;
        });
        run("after push");
        return outcomes;
    }

    private <T> T settle(Supplier<T> command) {
        synchronized (store) {
            if (store.isDown()) {
                throw InMemorySessionStore.unavailable("settle", "is down", false);
            }
            return command.get();
        }
    }

    private boolean doBury(Tombstone end) {
        if (!store.tombstones.containsKey(end.id())) {
            store.sessions.remove(end.id());
            store.claims.remove(end.id());
            store.tombstones.put(end.id(), end.stamp());
            if (end.how() == Tombstone.How.RENAMED) {
                store.renamed.add(end.id());
            }
            boolean moved = end.how() == Tombstone.How.RENAMED;
            store.append(end.id().shard(), end.stamp() + ":" + end.id().value() + (moved ? ":moved" : ":end"));
        }
        return true;
    }

    private Progress doJoin(Join join) {
        String generation = store.generations.get(join.shard());
        if (generation != null) {
            return new Progress(Phase.SETTLED, generation, 0, Set.of());
        }
        Map<String, String> mine = marks.computeIfAbsent(join.shard(), missing -> new HashMap<>());
        if (!List.of("WAITING", "SENDING", "GIVEN_UP").contains(mine.getOrDefault(".", "WAITING"))) {
            mine.clear();
        }
        Phase phase = Phase.valueOf(mine.getOrDefault(".", "WAITING"));
        String before = mine.getOrDefault(join.incarnation(), "EXPECTED");
        int rank = rankOf(before);
        if (rank < rankOf(join.step().name()) - 1) {
            return new Progress(Phase.FORGOTTEN, "", 0, Set.of());
        }
        if (phase == Phase.WAITING) {
            join.others().forEach(other -> mine.putIfAbsent(other, "EXPECTED"));
        }
        if (rank < rankOf(join.step().name())) {
            mine.put(join.incarnation(), join.step().name());
        }
        mine.put("+" + join.incarnation(), String.valueOf(join.progress()));
        Set<String> untold = marked(mine, "EXPECTED");
        untold.addAll(marked(mine, "BEGUN"));
        Set<String> unsent = marked(mine, "TOLD");
        boolean waits = join.waiting() == Waiting.WAITS;
        boolean all = untold.isEmpty() || (!store.rules.waitsForAllEnds() && join.step() != Step.BEGUN);
        if (phase == Phase.WAITING && waits && all) {
            phase = Phase.SENDING;
        } else if (phase == Phase.WAITING && !waits && join.step() != Step.BEGUN) {
            phase = Phase.GIVEN_UP;
        }
        if (phase != Phase.WAITING) {
            mine.put(".", phase.name());
            boolean done = unsent.isEmpty() || !store.rules.waitsForAllCopies();
            if (done || join.waiting() == Waiting.FOR_NOBODY) {
                marks.remove(join.shard());
                store.writeGeneration(join.shard());
                return new Progress(Phase.SETTLED, store.tail(join.shard()).generation(), 0, Set.of());
            }
        }
        long progress = unsent.stream()
                .mapToLong(who -> Long.parseLong(mine.getOrDefault("+" + who, "0")))
                .sum();
        return new Progress(phase, "", progress, phase == Phase.WAITING ? untold : unsent);
    }

    private static int rankOf(String mark) {
        return List.of("EXPECTED", "BEGUN", "TOLD", "SENT").indexOf(mark);
    }

    private static Set<String> marked(Map<String, String> marks, String as) {
        Set<String> found = new HashSet<>();
        marks.forEach((who, what) -> {
            if (!who.equals(".") && what.equals(as)) {
                found.add(who);
            }
        });
        return found;
    }

    private SessionStore.Outcome doPush(Push push) {
        int shard = push.id().shard();
        boolean sending = "SENDING".equals(marks.getOrDefault(shard, Map.of()).get("."));
        if (store.generations.containsKey(shard) || !sending) {
            return SessionStore.Outcome.OTHER_GENERATION;
        }
        if (store.rules.leavesDead(store.tombstones.containsKey(push.id())) || store.claims.containsKey(push.id())) {
            return SessionStore.Outcome.GONE;
        }
        InMemorySessionStore.Stored stored = store.sessions.get(push.id());
        if (stored != null
                && !stored.base().equals(push.base())
                && !store.rules.isOlder(stored.base(), push.base(), push.history())) {
            return SessionStore.Outcome.MISMATCH;
        }
        InMemorySessionStore.Stored sent = new InMemorySessionStore.Stored(
                push.base(),
                Epoch.fresh(""),
                store.now() - push.useAgeMillis(),
                push.maxInactiveSeconds(),
                push.createdMillis(),
                push.internalId(),
                Map.copyOf(push.values()));
        store.sessions.put(push.id(), stored == null ? sent : sent.used(stored.use()));
        return SessionStore.Outcome.OK;
    }
}
