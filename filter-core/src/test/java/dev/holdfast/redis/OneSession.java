package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.WaitBudget;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** A session of one attribute {@code a:x}, and what a test of the way to Redis does with it. */
final class OneSession {
    private final SessionId id;
    private final Epoch epoch = Epoch.fresh("n1");
    private StateVersion base = StateVersion.NONE;

    OneSession() {
        this(SessionId.random());
    }

    OneSession(SessionId id) {
        this.id = id;
    }

    SessionId id() {
        return id;
    }

    /** A budget in which everything should work on a slow machine. */
    static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }

    /** Creates it with the value. */
    void create(SessionStore store, String value) {
        create(store, value, budget());
    }

    void create(SessionStore store, String value, WaitBudget budget) {
        create(store, value, budget, 1800);
    }

    void create(SessionStore store, String value, WaitBudget budget, int maxInactiveSeconds) {
        String stamp = RandomToken.next();
        Map<String, byte[]> values = Map.of("a:x", value.getBytes(UTF_8));
        CommitReply reply = store.create(
                new Create(id, "", stamp, epoch, RandomToken.next(), 0, maxInactiveSeconds, 0, values), budget);
        require(reply.outcome());
        base = StateVersion.NONE.next(stamp);
    }

    /** Changes its value from the state that this object last made, and notes the new one. */
    void change(SessionStore store, String value) {
        change(store, value, budget());
    }

    CommitReply change(SessionStore store, String value, WaitBudget budget) {
        String stamp = RandomToken.next();
        CommitReply reply = commit(store, value, stamp, budget);
        require(reply.outcome());
        base = base.next(stamp);
        return reply;
    }

    /** Tries to change its value from the state that this object last made, whatever becomes of it. */
    CommitReply commit(SessionStore store, String value, String stamp, WaitBudget budget) {
        return store.commit(
                new Commit(
                        id,
                        "",
                        base,
                        stamp,
                        epoch,
                        Epoch.fresh("n1"),
                        1800,
                        0,
                        Map.of("a:x", value.getBytes(UTF_8)),
                        Set.of(),
                        null),
                budget);
    }

    /** Its value in Redis. */
    String value(SessionStore store) {
        LoadReply reply = load(store, budget());
        require(reply.outcome());
        return new String(reply.snapshot().values().get("a:x").bytes(), UTF_8);
    }

    LoadReply load(SessionStore store, WaitBudget budget) {
        return load(store, budget, null);
    }

    LoadReply load(SessionStore store, WaitBudget budget, StateVersion known) {
        return store.load(new Load(id, "", epoch, Epoch.fresh("n1"), known, 0), budget);
    }

    /** The state that this object last made. */
    StateVersion base() {
        return base;
    }

    private static void require(Outcome outcome) {
        if (outcome != Outcome.OK) {
            throw new AssertionError("The store answered " + outcome);
        }
    }
}
