package dev.holdfast.redis;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
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
 * <p><b>Implementation note.</b> An answer counts only if all its commands succeeded on one connection: a demoted primary refuses the write
 * but still answers the read. Proved by {@code RedisServerIT}.
 */
final class Questions {
    private static final long LONG_MILLIS = Lifetimes.LONG.toMillis();
    private static final int CALLS = 4;

    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final Warnings warnings;

    Questions(RedisServer server, RedisKeys keys, ReplyReader reader, Warnings warnings) {
        this.server = server;
        this.keys = keys;
        this.reader = reader;
        this.warnings = warnings;
    }

    List<@Nullable ShardAnswer> ask(List<ShardQuestion> questions, WaitBudget budget) {
        if (questions.isEmpty()) {
            return List.of();
        }
        List<Call> calls = new ArrayList<>();
        questions.forEach(question -> calls.addAll(question(question)));
        List<@Nullable ShardAnswer> answers = send(questions, calls, 0, budget);
        List<ShardQuestion> missing = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            if (isWithoutGeneration(answers.get(i))) {
                missing.add(questions.get(i));
            }
        }
        return missing.isEmpty() ? answers : withNewGenerations(answers, missing, budget);
    }

    private List<@Nullable ShardAnswer> withNewGenerations(
            List<@Nullable ShardAnswer> answers, List<ShardQuestion> missing, WaitBudget budget) {
        List<Call> calls = new ArrayList<>();
        for (ShardQuestion question : missing) {
            String generation = keys.generation(question.shard());
            calls.add(Call.plain(Command.SET, generation, RandomToken.next(), "NX", "PX", LONG_MILLIS));
            calls.addAll(question(question));
        }
        List<@Nullable ShardAnswer> late = send(missing, calls, 1, budget);
        List<@Nullable ShardAnswer> all = new ArrayList<>();
        int next = 0;
        for (ShardAnswer answer : answers) {
            all.add(isWithoutGeneration(answer) ? late.get(next++) : answer);
        }
        return all;
    }

    private static boolean isWithoutGeneration(@Nullable ShardAnswer answer) {
        return answer != null && answer.generation().isEmpty();
    }

    private List<Call> question(ShardQuestion question) {
        String generation = keys.generation(question.shard());
        String log = keys.log(question.shard());
        List<Call> calls = new ArrayList<>(RedisKeys.renewal(generation));
        calls.add(Call.plain(Command.GET, generation));
        calls.add(Call.plain(Command.ZRANGEBYSCORE, log, scoreOf(question.from()), "+inf"));
        return calls;
    }

    /** Score of an entry; 0, the whole log, for what is none. */
    private static String scoreOf(String entry) {
        int colon = entry.indexOf(':');
        return colon > 0 && entry.substring(0, colon).matches("\\d{1,18}") ? entry.substring(0, colon) : "0";
    }

    /** @param before number of calls in front of each question */
    private List<@Nullable ShardAnswer> send(
            List<ShardQuestion> questions, List<Call> calls, int before, WaitBudget budget) {
        List<@Nullable ShardAnswer> answers = new ArrayList<>();
        String what = "ask for the ended sessions of " + questions.size() + " shards";
        try {
            Replies replies = server.run(what, budget, calls);
            for (int i = 0; i < questions.size(); i++) {
                int first = i * (before + CALLS);
                answers.add(answer(what, new Replies(replies.all().subList(first, first + before + CALLS), false)));
            }
        } catch (StoreUnavailableException e) {
            warnings.warn(e.getMessage());
            questions.forEach(question -> answers.add(null));
        }
        return answers;
    }

    private @Nullable ShardAnswer answer(String what, Replies replies) {
        try {
            reader.requireAll(what, replies);
        } catch (StoreUnavailableException e) {
            warnings.warn(e.getMessage());
            return null;
        }
        int last = replies.all().size() - 1;
        return new ShardAnswer(ReplyReader.text(replies.all().get(last - 1)), ReplyReader.texts(replies, last));
    }
}
