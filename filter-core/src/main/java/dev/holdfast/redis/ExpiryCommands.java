package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Due;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.ExpiryStore.FinishReply;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * How sessions expire: which are due, claimed in batches, finished in batches.
 *
 * <p><b>Implementation note.</b> Which sessions are due is asked by plain commands, and each one's claim is a script of
 * its own that decides anew: so every key of a script is declared, and a cluster may keep the shards where it likes.
 * The state comes by HGETALL behind the claim: nobody changes a claimed session any more, so the two are one.
 */
final class ExpiryCommands {
    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final RateLimitedLog log;

    ExpiryCommands(RedisServer server, RedisKeys keys, ReplyReader reader, RateLimitedLog log) {
        this.server = server;
        this.keys = keys;
        this.reader = reader;
        this.log = log;
    }

    Due due(int perShard, WaitBudget budget) {
        String what = "ask for the sessions that are due";
        Replies time = server.run(what, budget, List.of(new RedisCommand(null, Command.TIME, List.of(), List.of())));
        reader.requireAll(what, time);
        long now = time.millis(0);

        List<RedisCommand> calls = new ArrayList<>();
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            calls.add(RedisCommand.plain(
                    Command.ZRANGEBYSCORE, keys.expiry(shard), "-inf", "(" + now, "LIMIT", 0L, Long.valueOf(perShard)));
        }
        Replies replies = server.run(what, budget, calls);
        List<SessionId> due = new ArrayList<>();
        long answered = 0;
        List<RedisCommand> mending = new ArrayList<>();
        ItemReplies each = new ItemReplies(log);
        for (int i = 0; i < SessionId.SHARDS; i++) {
            int shard = i;
            List<SessionId> ids = each.answer(() -> ids(what, replies, shard, mending), null);
            if (ids != null) {
                due.addAll(ids);
                answered |= 1L << shard;
            }
        }
        mend(mending, budget);
        each.close();
        return new Due(due, answered);
    }

    /** @param mending gets what puts the index of the shard right */
    private List<SessionId> ids(String what, Replies replies, int shard, List<RedisCommand> mending) {
        JedisDataException refused = replies.refusal(shard);
        if (refused != null && RedisError.of(refused) == RedisError.WRONGTYPE) {
            SessionId nobodys = SessionId.randomIn(shard);
            mending.add(Damage.putAside(keys.of(nobodys), nobodys));
            return List.of();
        }
        reader.requireDone(what, replies, shard);
        List<SessionId> ids = new ArrayList<>();
        for (Object member : replies.list(shard)) {
            SessionId id = SessionId.parse(Replies.text(member));
            if (id != null && id.shard() == shard) {
                ids.add(id);
            } else if (member != null) {
                // It would stand in front of what is due for ever.
                mending.add(RedisCommand.plain(Command.ZREM, keys.expiry(shard), member));
            }
        }
        return ids;
    }

    private void mend(List<RedisCommand> mending, WaitBudget budget) {
        if (!mending.isEmpty()) {
            server.saying(mending, server.run("mend the index of sessions that are due", budget, mending));
        }
    }

    List<ClaimReply> claim(List<Claim> claims, WaitBudget budget) {
        if (claims.isEmpty()) {
            return List.of();
        }
        List<RedisCommand> calls = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Claim claim : claims) {
            StateVersion known = claim.known();
            List<Object> arguments = Script.header(claim.generation());
            arguments.add(claim.id().value());
            arguments.add(claim.token());
            arguments.add(Lifetimes.LEASE.toMillis());
            arguments.add(claim.owner());
            arguments.add(claim.reachedMillis());
            arguments.add(known == null ? "" : Long.toString(known.version()));
            arguments.add(known == null ? "" : known.stamp());
            places.add(calls.size());
            calls.add(RedisCommand.script(Script.CLAIM, keys.of(claim.id()), arguments));
            if (known == null) {
                calls.add(RedisCommand.plain(Command.HGETALL, keys.session(claim.id())));
            }
        }
        Replies replies = server.runReplicated("claim " + claims.size() + " sessions", budget, calls);
        List<ClaimReply> answers = new ArrayList<>();
        ItemReplies each = new ItemReplies(log);
        for (int i = 0; i < claims.size(); i++) {
            Claim claim = claims.get(i);
            int place = places.get(i);
            answers.add(each.answer(
                    () -> answer(claim, replies, place, budget), new ClaimReply(null, ShardTail.EMPTY, 0, null)));
        }
        each.close();
        return answers;
    }

    private ClaimReply answer(Claim claim, Replies replies, int place, WaitBudget budget) {
        SessionId id = claim.id();
        String what = "claim session " + id.shortened();
        ReplyReader.ScriptReply reply = reader.replicatedReply(what, id, replies, place);
        if (reply.outcome() != Outcome.OK) {
            return new ClaimReply(reply.outcome(), reply.tail(), 0, null);
        }
        long idle = Long.parseLong(reply.text(0));
        if (claim.known() != null && reply.text(1).equals("0")) {
            return new ClaimReply(Outcome.OK, reply.tail(), idle, null);
        }
        SessionHash hash = claim.known() == null
                ? reader.claimedHash(what, id, replies, place + 1, claim.token())
                : reader.claimedHash(
                        what,
                        id,
                        server.run(what, budget, List.of(RedisCommand.plain(Command.HGETALL, keys.session(id)))),
                        0,
                        claim.token());
        // Gone: the reply came so late that another has claimed it.
        return hash.gone()
                ? new ClaimReply(Outcome.GONE, reply.tail(), 0, null)
                : new ClaimReply(Outcome.OK, reply.tail(), idle, hash.snapshot());
    }

    List<FinishReply> finish(List<Finish> claimed, WaitBudget budget) {
        if (claimed.isEmpty()) {
            return List.of();
        }
        List<RedisCommand> calls = new ArrayList<>();
        for (Finish finish : claimed) {
            List<Object> arguments = Script.header(finish.generation());
            arguments.add(finish.id().value());
            arguments.add(finish.token());
            arguments.add(Lifetimes.tombstoneMillis(finish.maxInactiveSeconds()));
            calls.add(RedisCommand.script(Script.FINISH, keys.of(finish.id()), arguments));
        }
        Replies replies = server.runReplicated("finish " + claimed.size() + " claimed sessions", budget, calls);
        List<FinishReply> answers = new ArrayList<>();
        ItemReplies each = new ItemReplies(log);
        for (int i = 0; i < claimed.size(); i++) {
            SessionId id = claimed.get(i).id();
            int index = i;
            answers.add(each.answer(
                    () -> {
                        ReplyReader.ScriptReply reply =
                                reader.replicatedReply("finish session " + id.shortened(), id, replies, index);
                        return new FinishReply(reply.outcome(), reply.tail());
                    },
                    new FinishReply(null, ShardTail.EMPTY)));
        }
        each.close();
        return answers;
    }
}
