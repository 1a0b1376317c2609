package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * What nodes do with shards that lost their data, in Redis: one script for each shard or session, all in one round
 * trip.
 */
final class RedisSettleStore implements SettleStore {
    /** A settling that is interrupted for so long begins anew. */
    private static final long MARKS_MILLIS = 600_000;

    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;
    private final RateLimitedLog log;

    RedisSettleStore(RedisServer server, RedisKeys keys, ReplyReader reader, RateLimitedLog log) {
        this.server = server;
        this.keys = keys;
        this.reader = reader;
        this.log = log;
    }

    @Override
    public List<@Nullable String> generations(List<Integer> shards, WaitBudget budget) {
        List<RedisCommand> calls = new ArrayList<>();
        for (int shard : shards) {
            String generation = keys.generation(shard);
            calls.addAll(RedisKeys.renewal(generation));
            calls.add(RedisCommand.plain(Command.GET, generation));
        }
        String what = "ask for the generations of " + shards.size() + " shards";
        Replies replies = server.run(what, budget, calls);
        return each(shards.size(), i -> {
            for (int part = 3 * i; part < 3 * i + 3; part++) {
                reader.requireDone(what, replies, part);
            }
            return Replies.text(replies.all().get(3 * i + 2));
        });
    }

    @Override
    public List<@Nullable Boolean> bury(List<Tombstone> tombstones, WaitBudget budget) {
        if (tombstones.isEmpty()) {
            return List.of();
        }
        List<RedisCommand> calls = new ArrayList<>();
        for (Tombstone tombstone : tombstones) {
            List<Object> arguments = header();
            arguments.add(tombstone.id().value());
            arguments.add(tombstone.stamp());
            arguments.add(Lifetimes.tombstoneMillis(tombstone.maxInactiveSeconds()));
            arguments.add(tombstone.how().name().toLowerCase(Locale.ROOT));
            calls.add(RedisCommand.script(Script.BURY, keys.of(tombstone.id()), arguments));
        }
        String what = "tell the end of " + tombstones.size() + " sessions again";
        Replies replies = server.runReplicated(what, budget, calls);
        return each(
                tombstones.size(),
                i -> reader.replicatedReply(what, tombstones.get(i).id(), replies, i)
                                .outcome()
                        == Outcome.OK);
    }

    @Override
    public List<@Nullable Progress> join(List<Join> joining, BooleanSupplier same, WaitBudget budget) {
        List<RedisCommand> calls = new ArrayList<>();
        for (Join join : joining) {
            List<Object> arguments = new ArrayList<>(List.of(
                    join.incarnation(),
                    join.step().name(),
                    join.waiting().name(),
                    RandomToken.next(),
                    Lifetimes.LONG.toMillis(),
                    MARKS_MILLIS,
                    join.progress()));
            arguments.addAll(join.others());
            calls.add(RedisCommand.script(
                    Script.JOIN,
                    List.of(keys.generation(join.shard()), keys.log(join.shard()), keys.settled(join.shard())),
                    arguments));
        }
        String what = "settle " + joining.size() + " shards";
        Replies replies = server.runWhile(same, what, budget, calls);
        return each(joining.size(), i -> {
            reader.requireDone(what, replies, i);
            List<String> texts = replies.texts(i);
            return new Progress(
                    phase(texts.get(0)),
                    texts.get(1),
                    Long.parseLong(texts.get(2)),
                    Set.copyOf(texts.subList(3, texts.size())));
        });
    }

    private static Phase phase(String text) {
        for (Phase phase : Phase.values()) {
            if (phase.name().equals(text)) {
                return phase;
            }
        }
        throw new StoreUnavailableException(
                "Cannot settle a shard: it stands at what no version that this node knows has written.", false, null);
    }

    @Override
    public List<@Nullable Outcome> push(List<Push> pushes, WaitBudget budget) {
        List<RedisCommand> calls = new ArrayList<>();
        for (Push push : pushes) {
            List<String> used = new ArrayList<>(keys.of(push.id()));
            used.add(keys.settled(push.id().shard()));
            calls.add(RedisCommand.script(Script.PUSH, used, arguments(push)));
        }
        String what = "send " + pushes.size() + " sessions again";
        Replies replies = server.runReplicated(what, budget, calls);
        return each(
                pushes.size(),
                i -> reader.replicatedReply(what, pushes.get(i).id(), replies, i)
                        .outcome());
    }

    private static List<Object> arguments(Push push) {
        List<Object> arguments = header();
        arguments.add(push.id().value());
        arguments.add(push.base().version());
        arguments.add(push.base().stamp());
        arguments.add(Epoch.fresh("").text());
        arguments.add(push.internalId());
        arguments.add(push.createdMillis());
        arguments.add((long) push.maxInactiveSeconds());
        arguments.add(push.useAgeMillis());
        arguments.add(Lifetimes.deadlineMillis(push.maxInactiveSeconds()));
        arguments.add(Lifetimes.keyMillis(push.maxInactiveSeconds()));
        arguments.add((long) push.history().size());
        for (StateVersion older : push.history()) {
            arguments.add(older.version() + "|" + older.stamp());
        }
        push.values().forEach((field, value) -> {
            arguments.add(field);
            arguments.add(SessionHash.stored(value.writtenBy(), value.bytes()));
        });
        return arguments;
    }

    /** As of a script whose node may not write a generation. */
    private static List<Object> header() {
        return new ArrayList<>(List.of("", "", Lifetimes.LONG.toMillis()));
    }

    private <T> List<@Nullable T> each(int count, IntFunction<T> reading) {
        List<@Nullable T> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try {
                answers.add(reading.apply(i));
            } catch (StoreUnavailableException e) {
                log.warn(e);
                answers.add(null);
            }
        }
        return answers;
    }
}
