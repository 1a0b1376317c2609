package dev.holdfast.redis;

import dev.holdfast.config.Names;
import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** The sessions of one application in Redis or Valkey. Safe for use by many threads. */
public final class RedisSessionStore implements SessionStore, AutoCloseable {
    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final ScriptlessReads reads;
    private final InvalidationLogReader questions;
    private final CommitCommands commits;
    private final ExpiryCommands claims;
    private final SettleStore settling;
    private final RateLimitedLog log =
            new RateLimitedLog(System.getLogger("dev.holdfast.redis.RedisSessionStore"), System::nanoTime);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param server outlives this store
     * @param app name of the application, the same on all its nodes: {@code [A-Za-z0-9._#-]{1,64}}
     * @throws IllegalArgumentException if the name is another
     */
    public RedisSessionStore(RedisServer server, String app) {
        if (!Names.isApp(app)) {
            throw new IllegalArgumentException(
                    "holdfast.app is \"" + app + "\": must be 1 to 64 letters, digits or characters of \"._#-\".");
        }
        this.server = server;
        this.keys = new RedisKeys(app);
        this.reader = new ReplyReader(server, keys, server.notices());
        this.reads = new ScriptlessReads(server, keys, reader);
        this.questions = new InvalidationLogReader(server, keys, reader, log);
        this.commits = new CommitCommands(server, keys, reader);
        this.claims = new ExpiryCommands(server, keys, reader, log);
        this.settling = new RedisSettleStore(server, keys, reader, log);
    }

    /**
     * Looks whether the user may do all that sessions of this application need, before one of them needs it.
     *
     * @return what is missing, and what to do; empty if nothing is
     * @throws StoreUnavailableException if nothing answered within the budget
     */
    public List<String> missingRights(WaitBudget budget) {
        return new Rights(server, keys).missing(budget);
    }

    /** Takes the store's listeners from the server, which stays open for other applications. */
    @Override
    public void close() {
        listeners.forEach(server::forget);
    }

    @Override
    public CommitReply create(Create c, WaitBudget budget) {
        return commits.write("create", c, budget);
    }

    @Override
    public CommitReply commit(Commit c, WaitBudget budget) {
        return commits.write("commit", c, budget);
    }

    @Override
    public List<Written> write(List<Write> writes, WaitBudget budget) {
        return commits.write(writes, budget);
    }

    @Override
    public LoadReply load(Load load, WaitBudget budget) {
        SessionId id = load.id();
        String what = "load session " + id.shortened();
        List<Object> arguments = Script.header(load.generation());
        arguments.add(id.value());
        arguments.add(Script.argument(load.presented()));
        arguments.add(load.fresh().text());
        arguments.add(load.fresh().owner());
        arguments.add(load.useAgeMillis());
        StateVersion known = load.known();
        arguments.add(known == null ? "" : Long.toString(known.version()));
        arguments.add(known == null ? "" : known.stamp());
        RedisCommand script = RedisCommand.script(Script.LOAD, keys.of(id), arguments);
        RedisCommand all = RedisCommand.plain(Command.HGETALL, keys.session(id));

        Replies replies = server.runReplicated(what, budget, known == null ? List.of(script, all) : List.of(script));
        JedisDataException refused = replies.refusal(0);
        if (refused != null && RedisError.of(refused).leavesReads()) {
            return reads.load(load, what, budget);
        }
        ReplyReader.ScriptReply reply = reader.replicatedReply(what, id, replies, 0);
        if (reply.outcome() != Outcome.OK) {
            return new LoadReply(reply.outcome(), reply.tail(), null, false, 0, null);
        }
        Epoch epoch = reader.epochOf(what, id, reply.text(0));
        Epoch before = reader.epochOf(what, id, reply.text(4));
        boolean confirmed = reply.text(1).equals("1");
        long idle = Long.parseLong(reply.text(2));
        if (known != null && reply.text(3).equals("0")) {
            return new LoadReply(Outcome.OK, reply.tail(), epoch, before, confirmed, idle, null);
        }
        if (known != null) {
            // What was committed since is in no replica yet, perhaps.
            replies = server.runReplicated(what, budget, List.of(all));
            reader.requireReplicas(what, replies);
        }
        int index = known == null ? 1 : 0;
        SessionHash hash = reader.hash(what, id, replies, index);
        // Another node may have ended it between the script and the reading.
        return hash.gone()
                ? new LoadReply(SessionHash.howGone(replies.list(index)), reply.tail(), null, false, 0, null)
                : new LoadReply(Outcome.OK, reply.tail(), epoch, before, confirmed, idle, hash.snapshot());
    }

    @Override
    public List<TouchReply> touch(List<Touch> touches, WaitBudget budget) {
        if (touches.isEmpty()) {
            return List.of();
        }
        List<RedisCommand> calls = new ArrayList<>(touches.size());
        for (Touch touch : touches) {
            List<Object> arguments = Script.header(touch.generation());
            arguments.add(touch.id().value());
            arguments.add(touch.useAgeMillis());
            calls.add(RedisCommand.script(Script.TOUCH, keys.of(touch.id()), arguments));
        }
        String what = "touch " + touches.size() + " sessions";
        Replies replies = server.run(what, budget, calls);
        List<TouchReply> answers = new ArrayList<>(touches.size());
        ItemReplies each = new ItemReplies(log);
        for (int i = 0; i < touches.size(); i++) {
            SessionId id = touches.get(i).id();
            int index = i;
            answers.add(each.answer(
                    () -> {
                        ReplyReader.ScriptReply reply =
                                reader.scriptReply("touch session " + id.shortened(), id, replies, index);
                        return new TouchReply(reply.outcome(), reply.tail());
                    },
                    new TouchReply(null, ShardTail.EMPTY)));
        }
        each.close();
        return answers;
    }

    @Override
    public EndReply end(End end, WaitBudget budget) {
        SessionId id = end.id();
        String what = "end session " + id.shortened();
        List<Object> arguments = Script.header(end.generation());
        arguments.add(id.value());
        arguments.add(end.stamp());
        arguments.add(Lifetimes.tombstoneMillis(end.maxInactiveSeconds()));
        arguments.add(end.base().version());
        arguments.add(end.base().stamp());
        ReplyReader.ScriptReply reply = reader.replicatedReply(
                what,
                id,
                server.runReplicated(what, budget, List.of(RedisCommand.script(Script.END, keys.of(id), arguments))),
                0);
        boolean ofBase = reply.outcome() == Outcome.OK && reply.text(0).equals("1");
        return new EndReply(reply.outcome(), reply.tail(), ofBase);
    }

    @Override
    public List<ClaimReply> claim(List<Claim> claimed, WaitBudget budget) {
        return claims.claim(claimed, budget);
    }

    @Override
    public List<FinishReply> finish(List<Finish> claimed, WaitBudget budget) {
        return claims.finish(claimed, budget);
    }

    @Override
    public Due due(int perShard, WaitBudget budget) {
        return claims.due(perShard, budget);
    }

    @Override
    public Presence exists(SessionId id, WaitBudget budget) {
        return reads.exists(id, budget);
    }

    @Override
    public List<@Nullable ShardAnswer> ask(List<ShardQuestion> asked, WaitBudget budget) {
        return questions.ask(asked, budget);
    }

    @Override
    public SettleStore settling() {
        return settling;
    }

    @Override
    public boolean isAway() {
        return server.isAway();
    }

    @Override
    public void onBack(Runnable listener) {
        listeners.add(listener);
        server.onBack(listener);
    }

    @Override
    public void onOtherPrimary(Runnable listener) {
        listeners.add(listener);
        server.onOtherPrimary(listener);
    }
}
