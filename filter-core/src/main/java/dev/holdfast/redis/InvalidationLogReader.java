package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionStore.ShardAnswer;
import dev.holdfast.session.SessionStore.ShardQuestion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * The question of a node to the ended logs of its shards: plain commands, all shards in one round trip.
 *
 * <p><b>Implementation note.</b> An answer counts only if all its commands succeeded, on one connection but for keys of
 * a slot that is moving: a demoted primary refuses the write but still answers the read. The write removes what is
 * never there: replicas refuse it, and so does a primary that has lost too many of them; one that is full takes it, and
 * it leaves nothing to append to a file or to send to replicas. Keys live on by {@link RedisSettleStore#generations},
 * once an hour. Proved by {@code RedisServerIT}.
 */
final class InvalidationLogReader {
    private static final int CALLS = 3;

    /**
     * So many entries of a shard at once, about 150 kB. A log that many sessions have moved through since a node stood
     * still would not come within the time of a question, and be longer with each next one.
     */
    private static final int MOST = 2000;

    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final RateLimitedLog log;

    InvalidationLogReader(RedisServer server, RedisKeys keys, ReplyReader reader, RateLimitedLog log) {
        this.server = server;
        this.keys = keys;
        this.reader = reader;
        this.log = log;
    }

    List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget) {
        if (questions.isEmpty()) {
            return List.of();
        }
        List<RedisCommand> calls = new ArrayList<>();
        questions.forEach(question -> calls.addAll(question(question)));
        return send(questions, calls, budget);
    }

    private List<RedisCommand> question(ShardQuestion question) {
        String generation = keys.generation(question.shard());
        String log = keys.log(question.shard());
        return List.of(
                RedisCommand.plain(Command.ZREM, log, ""),
                RedisCommand.plain(Command.GET, generation),
                RedisCommand.plain(
                        Command.ZRANGEBYSCORE, log, scoreOf(question.from()), "+inf", "LIMIT", 0L, Long.valueOf(MOST)));
    }

    /** Score of an entry; 0, the whole log, for what is none. */
    private static String scoreOf(String entry) {
        int colon = entry.indexOf(':');
        return colon > 0 && entry.substring(0, colon).matches("\\d{1,18}") ? entry.substring(0, colon) : "0";
    }

    private List<@Nullable ShardAnswer> send(
            List<ShardQuestion> questions, List<RedisCommand> calls, WaitBudget budget) {
        List<@Nullable ShardAnswer> answers = new ArrayList<>();
        String what = "ask for the ended sessions of " + questions.size() + " shards";
        try {
            Replies replies = server.run(what, budget, calls);
            for (int i = 0; i < questions.size(); i++) {
                int first = i * CALLS;
                answers.add(answer(what, new Replies(replies.all().subList(first, first + CALLS), false)));
            }
        } catch (StoreUnavailableException e) {
            log.warn(e);
            questions.forEach(question -> answers.add(null));
        }
        return answers;
    }

    private @Nullable ShardAnswer answer(String what, Replies replies) {
        try {
            reader.requireAll(what, replies);
        } catch (StoreUnavailableException e) {
            log.warn(e);
            return null;
        }
        List<String> entries = replies.texts(CALLS - 1);
        return new ShardAnswer(Replies.text(replies.all().get(CALLS - 2)), entries, entries.size() >= MOST);
    }
}
