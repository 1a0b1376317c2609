package dev.holdfast.session.testing;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One node's way to the store: notes its calls, and runs what a test wants to happen just before one is executed or
 * just after.
 */
public final class HookedStore implements SessionStore {
    private final SessionStore store;
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final List<Object> commands = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Runnable> before = new ConcurrentHashMap<>();
    private final Map<String, Runnable> after = new ConcurrentHashMap<>();

    private volatile List<Touch> lastTouches = List.of();
    private volatile boolean away;
    /** Whether it was away and has answered nothing since. */
    private volatile boolean mustTell;

    private final List<Runnable> back = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;
    private volatile boolean lost;
    private volatile boolean executes;
    private volatile boolean losesPush;
    private final Deque<Runnable> late = new ConcurrentLinkedDeque<>();
    private final Map<String, StoreUnavailableException> failing = new ConcurrentHashMap<>();

    public HookedStore(SessionStore store) {
        this.store = store;
    }

    /** Runs once, before the next call of that name is executed: its command is under way. */
    public void before(String call, Runnable action) {
        before.put(call, action);
    }

    /** Runs once, after the next call of that name was executed: its reply is under way. */
    public void after(String call, Runnable action) {
        after.put(call, action);
    }

    /** Whether this node finds the store at all: while it does not, its calls fail at once. */
    public void setAway(boolean nobodyThere) {
        away = nobodyThere;
        mustTell |= nobodyThere;
    }

    /** Whether the store is there and refuses all that would write. */
    public void setRefusing(boolean refusesWrites) {
        refusing = refusesWrites;
    }

    /**
     * The next call goes unanswered, and the store is away from then on.
     *
     * @param executed whether it is executed; if not, {@link #runLate} does it
     */
    public void goAwayUnanswered(boolean executed) {
        lost = true;
        executes = executed;
    }

    /** The next call of that name is not executed and fails; the store is taken for there as before. */
    public void failNext(String call, Reason reason, boolean maybeApplied) {
        failing.put(call, new StoreUnavailableException("Cannot " + call + ": it fails.", maybeApplied, reason, null));
    }

    /** The next copies that are sent again arrive, and nobody says so. */
    public void loseAnswerToPush() {
        losesPush = true;
    }

    /** Executes what went unanswered. */
    public void runLate() {
        late.remove().run();
    }

    /** Names of the calls since the last time this was asked. */
    public List<String> takeCalls() {
        synchronized (calls) {
            List<String> taken = new ArrayList<>(calls);
            calls.clear();
            return taken;
        }
    }

    /** The newest batch of touches. */
    public List<Touch> lastTouches() {
        return lastTouches;
    }

    /** The newest command of a type. */
    public <T> T last(Class<T> type) {
        Object found = null;
        for (Object command : commands.toArray()) {
            if (type.isInstance(command)) {
                found = command;
            }
        }
        if (found == null) {
            throw new AssertionError("No " + type.getSimpleName() + " was sent");
        }
        return type.cast(found);
    }

    /** All commands of a type, oldest first. */
    public <T> List<T> all(Class<T> type) {
        return Stream.of(commands.toArray())
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private <T> T call(String name, Object command, Supplier<T> execution) {
        calls.add(name);
        commands.add(command);
        run(before.remove(name));
        StoreUnavailableException failure = failing.remove(name);
        if (failure != null) {
            throw failure;
        }
        if (lost) {
            lost = false;
            away = true;
            mustTell = true;
            if (executes) {
                T nobodySeesIt = execution.get();
                assert nobodySeesIt != null;
            } else {
                late.add(() -> {
                    T nobodyWaits = execution.get();
                    assert nobodyWaits != null;
                });
            }
            throw new StoreUnavailableException("Cannot " + name + ": no answer.", true, Reason.AWAY, null);
        }
        if (away) {
            throw new StoreUnavailableException("Cannot " + name + ": nobody is there.", false, Reason.AWAY, null);
        }
        if (refusing) {
            throw new StoreUnavailableException("Cannot " + name + ": it refuses.", false, Reason.NONE, null);
        }
        T reply = execution.get();
        if (mustTell) {
            mustTell = false;
            back.forEach(Runnable::run);
        }
        run(after.remove(name));
        return reply;
    }

    private static void run(@Nullable Runnable action) {
        if (action != null) {
            action.run();
        }
    }

    @Override
    public CommitReply create(Create command, WaitBudget budget) {
        return call("create", command, () -> store.create(command, budget));
    }

    @Override
    public LoadReply load(Load command, WaitBudget budget) {
        return call("load", command, () -> store.load(command, budget));
    }

    @Override
    public CommitReply commit(Commit command, WaitBudget budget) {
        return call("commit", command, () -> store.commit(command, budget));
    }

    /** In memory one by one, so that each can be hooked; a real one shares its round trips. */
    @Override
    public List<Written> write(List<Write> writes, WaitBudget budget) {
        return store instanceof InMemorySessionStore
                ? SessionStore.super.write(writes, budget)
                : call("write", writes, () -> store.write(writes, budget));
    }

    @Override
    public List<TouchReply> touch(List<Touch> touches, WaitBudget budget) {
        lastTouches = List.copyOf(touches);
        return call("touch", touches, () -> store.touch(touches, budget));
    }

    @Override
    public EndReply end(End command, WaitBudget budget) {
        return call("end", command, () -> store.end(command, budget));
    }

    @Override
    public List<ClaimReply> claim(List<Claim> claims, WaitBudget budget) {
        return call("claim", claims, () -> store.claim(claims, budget));
    }

    @Override
    public List<FinishReply> finish(List<Finish> claimed, WaitBudget budget) {
        return call("finish", claimed, () -> store.finish(claimed, budget));
    }

    @Override
    public Due due(int perShard, WaitBudget budget) {
        return call("due", perShard, () -> store.due(perShard, budget));
    }

    @Override
    public Presence exists(SessionId id, WaitBudget budget) {
        return call("exists", id, () -> store.exists(id, budget));
    }

    @Override
    public boolean isAway() {
        return away;
    }

    @Override
    public void onBack(Runnable listener) {
        back.add(listener);
    }

    @Override
    public SettleStore settling() {
        return settling;
    }

    /** Of these calls only the pushes are this node's to lose. */
    private final SettleStore settling = new SettleStore() {
        @Override
        public List<@Nullable String> generations(List<Integer> shards, WaitBudget budget) {
            return store.settling().generations(shards, budget);
        }

        @Override
        public List<@Nullable Boolean> bury(List<Tombstone> tombstones, WaitBudget budget) {
            return store.settling().bury(tombstones, budget);
        }

        @Override
        public List<@Nullable Progress> join(List<Join> joining, BooleanSupplier same, WaitBudget budget) {
            return store.settling().join(joining, same, budget);
        }

        @Override
        public List<SessionStore.@Nullable Outcome> push(List<Push> pushes, WaitBudget budget) {
            List<SessionStore.@Nullable Outcome> outcomes = store.settling().push(pushes, budget);
            if (!losesPush) {
                return outcomes;
            }
            losesPush = false;
            List<SessionStore.@Nullable Outcome> none = new ArrayList<>();
            pushes.forEach(push -> none.add(null));
            return none;
        }
    };

    @Override
    public List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget) {
        if (away || refusing) {
            List<@Nullable ShardAnswer> none = new ArrayList<>();
            questions.forEach(question -> none.add(null));
            return none;
        }
        return call("ask", questions, () -> store.ask(questions, budget));
    }

    @Override
    public void onOtherPrimary(Runnable listener) {
        store.onOtherPrimary(listener);
    }
}
