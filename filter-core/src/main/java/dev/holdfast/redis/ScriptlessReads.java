package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Presence;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.WaitBudget;
import java.util.List;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/** What is read without a script, because nothing is to be written or nothing can be. */
final class ScriptlessReads {
    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;

    ScriptlessReads(RedisServer server, RedisKeys keys, ReplyReader reader) {
        this.server = server;
        this.keys = keys;
        this.reader = reader;
    }

    /** The end of its life is asked for only where something is: a forged id costs two commands. */
    Presence exists(SessionId id, WaitBudget budget) {
        String what = "look for session " + id.shortened();
        String key = keys.session(id);
        Replies replies = server.run(
                what,
                budget,
                List.of(
                        RedisCommand.plain(
                                Command.HMGET, key, SessionHash.TOMBSTONE, SessionHash.CLAIM, SessionHash.META),
                        RedisCommand.plain(Command.GET, keys.generation(id.shard()))));
        // What is not Holdfast's is no session, and no generation; the next script puts it aside.
        String generation = isOfAnotherType(replies, 1) ? "" : Replies.text(reader.done(what, replies, 1));
        if (isOfAnotherType(replies, 0)) {
            return new Presence(false, true, generation);
        }
        reader.requireDone(what, replies, 0);
        List<?> fields = replies.list(0);
        boolean ended = fields.get(0) != null || fields.get(1) != null;
        if (ended || fields.get(2) == null) {
            return new Presence(false, ended, generation);
        }
        SessionHash.Meta meta = SessionHash.Meta.parse(Replies.text(fields.get(2)));
        if (meta == null) {
            return new Presence(false, true, generation);
        }
        Replies life = server.run(what, budget, List.of(RedisCommand.plain(Command.PTTL, key)));
        reader.requireAll(what, life);
        boolean over = isPastDeadline(meta.maxInactiveSeconds(), life.number(0));
        return new Presence(!over, over, generation);
    }

    /**
     * A load for a Redis that takes no writes, for want of memory or of a disk, and answers reads: nothing moves, and
     * the use is not noted. An answer without an acknowledged change needs no revocation; and a mark that is still the
     * session's is confirmed by reading it as by any load.
     *
     * <p>The log's tail is read before the session: an entry that comes between the two is then heard again, not
     * missed.
     */
    LoadReply load(Load load, String what, WaitBudget budget) {
        SessionId id = load.id();
        String key = keys.session(id);
        Replies replies = server.runReplicated(
                what,
                budget,
                List.of(
                        RedisCommand.plain(Command.GET, keys.generation(id.shard())),
                        RedisCommand.plain(Command.ZREVRANGE, keys.log(id.shard()), 0L, 0L),
                        RedisCommand.plain(Command.HGETALL, key),
                        RedisCommand.plain(Command.PTTL, key)));
        boolean foreign = isOfAnotherType(replies, 2);
        for (int i = 0; i < replies.all().size(); i++) {
            if (i != 2 || !foreign) {
                reader.requireDone(what, replies, i);
            }
        }
        reader.requireReplicas(what, replies);
        List<String> newest = replies.texts(1);
        ShardTail tail = new ShardTail(Replies.text(replies.all().get(0)), newest.isEmpty() ? "" : newest.get(0));
        boolean other = load.generation().equals(SessionStore.UNSEEN)
                ? tail.generation().isEmpty()
                : !load.generation().isEmpty() && !load.generation().equals(tail.generation());
        if (other) {
            return new LoadReply(Outcome.OTHER_GENERATION, tail, null, false, 0, null);
        }
        SessionHash hash = foreign ? SessionHash.parse(List.of()) : reader.hash(what, id, replies, 2);
        SessionHash.Meta meta = hash.meta();
        long left = replies.number(3);
        if (hash.gone() || meta == null || isPastDeadline(meta.maxInactiveSeconds(), left)) {
            return new LoadReply(SessionHash.howGone(replies.list(2)), tail, null, false, 0, null);
        }
        long idle = Math.max(0, Lifetimes.keyMillis(meta.maxInactiveSeconds()) - left);
        boolean known = meta.base().equals(load.known());
        boolean confirmed = meta.epoch().hasHolder()
                && meta.epoch().equals(load.presented())
                && meta.epoch().owner().equals(load.fresh().owner());
        return new LoadReply(
                Outcome.OK, tail, meta.epoch(), null, confirmed, idle, known ? null : hash.snapshot(), false);
    }

    private static boolean isOfAnotherType(Replies replies, int index) {
        JedisDataException refused = replies.refusal(index);
        return refused != null && RedisError.of(refused) == RedisError.WRONGTYPE;
    }

    // The key ends at a fixed distance from the deadline, so its life tells without asking for the time.
    private static boolean isPastDeadline(int maxInactiveSeconds, long keyMillisLeft) {
        long afterDeadline = Lifetimes.keyMillis(maxInactiveSeconds) - Lifetimes.deadlineMillis(maxInactiveSeconds);
        return maxInactiveSeconds > 0 && keyMillisLeft >= 0 && keyMillisLeft < afterDeadline;
    }
}
