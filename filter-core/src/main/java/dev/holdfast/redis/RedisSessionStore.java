package dev.holdfast.redis;

import dev.holdfast.config.Names;
import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Base;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
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
        return committed("create", c, budget);
    }

    @Override
    public CommitReply commit(Commit c, WaitBudget budget) {
        return committed("commit", c, budget);
    }

    private RedisCommand creation(Create c) {
        List<Object> arguments = Script.header(c.generation());
        arguments.add(c.id().value());
        arguments.add(c.stamp());
        arguments.add(c.epoch().text());
        arguments.add(c.internalId());
        arguments.add(c.createdMillis());
        arguments.add((long) c.maxInactiveSeconds());
        arguments.add(c.useAgeMillis());
        arguments.add(Lifetimes.deadlineMillis(c.maxInactiveSeconds()));
        arguments.add(Lifetimes.keyMillis(c.maxInactiveSeconds()));
        addValues(arguments, Base.NONE.next(c.stamp()), c.values());
        return RedisCommand.script(Script.CREATE, keys.of(c.id()), arguments);
    }

    private RedisCommand commit(Commit c) {
        SessionId newId = c.newId();
        List<Object> arguments = Script.header(c.generation());
        arguments.add(c.id().value());
        arguments.add(newId == null ? "" : newId.value());
        arguments.add(c.base().version());
        arguments.add(c.base().stamp());
        arguments.add(c.stamp());
        arguments.add(textOf(c.admitted()));
        arguments.add(c.fresh().text());
        arguments.add((long) c.maxInactiveSeconds());
        arguments.add(c.useAgeMillis());
        arguments.add(Lifetimes.deadlineMillis(c.maxInactiveSeconds()));
        arguments.add(Lifetimes.keyMillis(c.maxInactiveSeconds()));
        arguments.add(Lifetimes.tombstoneMillis(c.maxInactiveSeconds()));
        arguments.add((long) c.writes().size());
        addValues(arguments, c.base().next(c.stamp()), c.writes());
        arguments.addAll(c.removes());
        List<String> used = new ArrayList<>(keys.of(c.id()));
        if (newId != null) {
            if (newId.shard() != c.id().shard()) {
                throw new IllegalArgumentException("The new id " + newId + " is not in the shard of " + c.id() + ".");
            }
            used.add(keys.session(newId));
        }
        return RedisCommand.script(Script.COMMIT, used, arguments);
    }

    private RedisCommand call(Write write) {
        return write instanceof Commit commit ? commit(commit) : creation((Create) write);
    }

    private CommitReply committed(String verb, Write write, WaitBudget budget) {
        SessionId id = write.id();
        String what = verb + " session " + id.shortened();
        CommitReply reply = committed(what, id, server.runReplicated(what, budget, List.of(call(write))), 0);
        return reply.outcome() == Outcome.MISMATCH ? met(reply, id, metByCommits(List.of(id), budget), 0) : reply;
    }

    @Override
    public List<Written> write(List<Write> writes, WaitBudget budget) {
        List<Written> all = new ArrayList<>(writes.size());
        List<Integer> mismatches = new ArrayList<>();
        try {
            Replies replies = server.runReplicated(
                    "save " + writes.size() + " sessions",
                    budget,
                    writes.stream().map(this::call).toList());
            for (Write write : writes) {
                Written written = each(
                        () -> committed("save session " + write.id().shortened(), write.id(), replies, all.size()));
                if (written.reply() != null && written.reply().outcome() == Outcome.MISMATCH) {
                    mismatches.add(all.size());
                }
                all.add(written);
            }
        } catch (StoreUnavailableException e) {
            return Collections.nCopies(writes.size(), new Written(null, e));
        }
        if (!mismatches.isEmpty()) {
            readMet(writes, all, mismatches, budget);
        }
        return all;
    }

    private void readMet(List<Write> writes, List<Written> all, List<Integer> mismatches, WaitBudget budget) {
        List<SessionId> ids =
                mismatches.stream().map(index -> writes.get(index).id()).toList();
        try {
            Replies met = metByCommits(ids, budget);
            for (int i = 0; i < ids.size(); i++) {
                int index = mismatches.get(i);
                int position = i;
                CommitReply reply = Objects.requireNonNull(all.get(index).reply());
                all.set(index, each(() -> met(reply, ids.get(position), met, position)));
            }
        } catch (StoreUnavailableException e) {
            // What did not run on their bases is known; what they would have met is not.
            mismatches.forEach(index -> all.set(index, new Written(null, e)));
        }
    }

    private static Written each(Supplier<CommitReply> reading) {
        try {
            return new Written(reading.get(), null);
        } catch (StoreUnavailableException e) {
            return new Written(null, e);
        }
    }

    /** Without the state that is met in a mismatch. */
    private CommitReply committed(String what, SessionId id, Replies replies, int index) {
        ReplyReader.ScriptReply reply = reader.replicatedReply(what, id, replies, index);
        Epoch epoch = reply.more().isEmpty() ? null : reader.epochOf(what, id, reply.text(0));
        return new CommitReply(reply.outcome(), reply.tail(), epoch, replies.repeated());
    }

    private CommitReply met(CommitReply reply, SessionId id, Replies met, int index) {
        SessionHash hash = reader.hash(whatWasMet(id.shortened()), id, met, index);
        reader.requireReplicas(whatWasMet(id.shortened()), met);
        // Another node may have ended it between the script and the reading.
        return hash.gone()
                ? new CommitReply(SessionHash.howGone(met.list(index)), reply.tail(), null, reply.repeated())
                : new CommitReply(Outcome.MISMATCH, reply.tail(), reply.epoch(), reply.repeated(), hash.snapshot());
    }

    private static String whatWasMet(String sessions) {
        return "read what another node made of session " + sessions;
    }

    /**
     * The states that commits met in place of their bases. Their writers may still be waiting for replicas, or may have
     * been refused for lack of them. Such a state is merged under a copy that serves other requests, and where it is
     * all that the commit wanted to write nothing is written, and so waited for, any more. So it is not told before it
     * is where an own change would have to be: behind the reading, because it may be newer than what the script has
     * seen. Proved by {@code DurabilityIT}.
     */
    private Replies metByCommits(List<SessionId> ids, WaitBudget budget) {
        String what =
                whatWasMet(ids.get(0).shortened() + (ids.size() > 1 ? " and of " + (ids.size() - 1) + " more" : ""));
        return server.runReplicated(
                what,
                budget,
                ids.stream()
                        .map(id -> RedisCommand.plain(Command.HGETALL, keys.session(id)))
                        .toList());
    }

    @Override
    public LoadReply load(Load load, WaitBudget budget) {
        SessionId id = load.id();
        String what = "load session " + id.shortened();
        List<Object> arguments = Script.header(load.generation());
        arguments.add(id.value());
        arguments.add(textOf(load.presented()));
        arguments.add(load.fresh().text());
        arguments.add(load.fresh().owner());
        arguments.add(load.useAgeMillis());
        Base known = load.known();
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

    private static void addValues(List<Object> arguments, Base writtenBy, Map<String, byte[]> values) {
        values.forEach((field, payload) -> {
            arguments.add(field);
            arguments.add(SessionHash.stored(writtenBy, payload));
        });
    }

    private static String textOf(@Nullable Epoch epoch) {
        return epoch == null ? "" : epoch.text();
    }
}
