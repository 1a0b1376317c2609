package dev.holdfast.session.model;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.testing.InMemorySessionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One node's way to the store in a {@link ModelWorld}: each call pauses before it is executed and again before its
 * reply is seen, and the world decides whether it fails there. Sends again once what was not answered, as the store in
 * Redis does.
 */
final class ModelStore implements SessionStore {
    private final ModelWorld world;
    private final int node;
    private final InMemorySessionStore store;
    private final List<Runnable> otherPrimary = new ArrayList<>();

    ModelStore(ModelWorld world, int node, InMemorySessionStore store) {
        this.world = world;
        this.node = node;
        this.store = store;
    }

    /** The node's connection has reached another primary. */
    void noticeOtherPrimary() {
        otherPrimary.forEach(Runnable::run);
    }

    private <T> T call(String name, Object command, Supplier<T> execution, UnaryOperator<T> repeated) {
        ModelStrand strand = ModelStrand.current();
        if (strand == null) {
            return execute(execution);
        }
        Object copy = world.copiesAt(node);
        ModelStrand.Command sent = new ModelStrand.Command(name, command, execution);
        for (int attempt = 0; attempt < 2; attempt++) {
            if (world.isCut(node)) {
                throw new StoreUnavailableException("Cannot " + name + ": away.", attempt > 0, Reason.AWAY, null);
            }
            ModelStrand.Option option = strand.pauseWith(sent, attempt, copy);
            if (option == ModelStrand.Option.REFUSED) {
                throw new StoreUnavailableException("Cannot " + name + ": refused.", attempt > 0, Reason.NONE, null);
            }
            if (option == ModelStrand.Option.LATE) {
                world.executeLater(node, sent);
            }
            if (option == ModelStrand.Option.GO) {
                T reply = execute(execution);
                if (strand.pauseAt(ModelStrand.Point.EXECUTED, name, command, attempt, copy, reply)
                        == ModelStrand.Option.GO) {
                    return attempt == 0 ? reply : repeated.apply(reply);
                }
            }
        }
        Reason reason = world.isCut(node) ? Reason.AWAY : Reason.SILENT;
        throw new StoreUnavailableException("Cannot " + name + ": no answer.", true, reason, null);
    }

    private <T> T execute(Supplier<T> execution) {
        T reply = execution.get();
        world.executed();
        return reply;
    }

    private static CommitReply repeated(CommitReply reply) {
        return new CommitReply(reply.outcome(), reply.tail(), reply.epoch(), true, reply.snapshot());
    }

    @Override
    public CommitReply create(Create command, WaitBudget budget) {
        return call("create", command, () -> store.create(command, budget), ModelStore::repeated);
    }

    @Override
    public LoadReply load(Load command, WaitBudget budget) {
        return call("load", command, () -> store.load(command, budget), reply -> reply);
    }

    @Override
    public CommitReply commit(Commit command, WaitBudget budget) {
        return call("commit", command, () -> store.commit(command, budget), ModelStore::repeated);
    }

    @Override
    public List<TouchReply> touch(List<Touch> touches, WaitBudget budget) {
        return call("touch", touches, () -> store.touch(touches, budget), replies -> replies);
    }

    @Override
    public EndReply end(End command, WaitBudget budget) {
        return call("end", command, () -> store.end(command, budget), reply -> reply);
    }

    @Override
    public List<ClaimReply> claim(List<Claim> claims, WaitBudget budget) {
        return call("claim", claims, () -> store.claim(claims, budget), replies -> replies);
    }

    @Override
    public List<FinishReply> finish(List<Finish> claimed, WaitBudget budget) {
        return call("finish", claimed, () -> store.finish(claimed, budget), replies -> replies);
    }

    @Override
    public Due due(int perShard, WaitBudget budget) {
        return call("due", perShard, () -> store.due(perShard, budget), ids -> ids);
    }

    @Override
    public Presence exists(SessionId id, WaitBudget budget) {
        return call("exists", id, () -> store.exists(id, budget), found -> found);
    }

    @Override
    public List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget) {
        ModelStrand strand = ModelStrand.current();
        if (strand == null) {
            return store.ask(questions, budget);
        }
        long sentAt = world.now();
        if (!world.isCut(node)
                && strand.pauseAt(ModelStrand.Point.SENT, "ask", questions, sentAt) == ModelStrand.Option.GO) {
            List<@Nullable ShardAnswer> answers = store.ask(questions, budget);
            if (strand.pauseAt(ModelStrand.Point.EXECUTED, "ask", questions, sentAt, answers)
                    == ModelStrand.Option.GO) {
                return answers;
            }
        }
        List<@Nullable ShardAnswer> none = new ArrayList<>();
        questions.forEach(question -> none.add(null));
        return none;
    }

    @Override
    public SettleStore settling() {
        return settling;
    }

    private final SettleStore settling = new SettleStore() {
        @Override
        public List<@Nullable String> generations(List<Integer> shards, WaitBudget budget) {
            return store.settling().generations(shards, budget);
        }

        @Override
        public List<@Nullable Boolean> bury(List<Tombstone> tombstones, WaitBudget budget) {
            return call("bury", tombstones, () -> store.settling().bury(tombstones, budget), replies -> replies);
        }

        @Override
        public List<@Nullable Progress> join(List<Join> joining, BooleanSupplier same, WaitBudget budget) {
            return call("join", joining, () -> store.settling().join(joining, same, budget), replies -> replies);
        }

        @Override
        public List<SessionStore.@Nullable Outcome> push(List<Push> pushes, WaitBudget budget) {
            return call("push", pushes, () -> store.settling().push(pushes, budget), replies -> replies);
        }
    };

    @Override
    public boolean isAway() {
        return world.isCut(node);
    }

    @Override
    public void onOtherPrimary(Runnable listener) {
        otherPrimary.add(listener);
    }
}
