package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Write;
import dev.holdfast.session.SessionStore.Written;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import redis.clients.jedis.Protocol.Command;

/**
 * How sessions are written: created and committed, one by one and in batches; and what a commit met that did not find
 * its base.
 *
 * <p><b>Implementation note.</b> What was met is read behind the script, by HGETALL: another node may have written
 * again, or ended the session, between the two. Safe for use by many threads.
 */
final class CommitCommands {
    private final RedisServer server;
    private final RedisKeys keys;
    private final ReplyReader reader;

    CommitCommands(RedisServer server, RedisKeys keys, ReplyReader reader) {
        this.server = server;
        this.keys = keys;
        this.reader = reader;
    }

    /** @param verb for messages */
    CommitReply write(String verb, Write write, WaitBudget budget) {
        SessionId id = write.id();
        String what = verb + " session " + id.shortened();
        CommitReply reply = committed(what, id, server.runReplicated(what, budget, List.of(call(write))), 0);
        return reply.outcome() == Outcome.MISMATCH ? met(reply, id, metByCommits(List.of(id), budget), 0) : reply;
    }

    /** All in one round trip; what is refused of one is no reason to fail the others. */
    List<Written> write(List<Write> writes, WaitBudget budget) {
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
        addValues(arguments, StateVersion.NONE.next(c.stamp()), c.values());
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
        arguments.add(Script.argument(c.admitted()));
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

    private static void addValues(List<Object> arguments, StateVersion writtenBy, Map<String, byte[]> values) {
        values.forEach((field, payload) -> {
            arguments.add(field);
            arguments.add(SessionHash.stored(writtenBy, payload));
        });
    }
}
