package dev.holdfast.redis;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Lack;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Makes values of replies, and {@link StoreUnavailableException} of refusals and of what Holdfast did not write.
 *
 * @param server its text names it in messages
 */
record ReplyReader(Object server, RedisKeys keys) {
    /** @param more what the script says beyond its outcome and its shard */
    record ScriptReply(Outcome outcome, ShardTail tail, List<String> more) {
        String text(int index) {
            return more.get(index);
        }
    }

    ScriptReply scriptReply(String what, SessionId id, Replies replies, int index) {
        requireDone(what, replies, index);
        List<String> texts =
                list(replies, index).stream().map(ReplyReader::text).toList();
        Outcome outcome = switch (texts.get(0)) {
            case "OK" -> Outcome.OK;
            case "GONE" -> Outcome.GONE;
            case "RENAMED" -> Outcome.RENAMED;
            case "MISMATCH" -> Outcome.MISMATCH;
            case "OTHER" -> Outcome.OTHER_GENERATION;
            default -> throw foreign(what, id, texts.get(3));
        };
        return new ScriptReply(outcome, new ShardTail(texts.get(1), texts.get(2)), texts.subList(3, texts.size()));
    }

    /** As {@link #scriptReply}, of a script whose work has to be in replicas before it counts. */
    ScriptReply replicatedReply(String what, SessionId id, Replies replies, int index) {
        ScriptReply reply = scriptReply(what, id, replies, index);
        boolean stands = reply.outcome() == Outcome.GONE || reply.outcome() == Outcome.RENAMED;
        if (reply.outcome() == Outcome.OK || stands) {
            requireReplicas(what, replies);
        }
        return reply;
    }

    SessionHash hash(String what, SessionId id, Replies replies, int index) {
        return claimedHash(what, id, replies, index, "");
    }

    /** @param token of the reader's own claim */
    SessionHash claimedHash(String what, SessionId id, Replies replies, int index, String token) {
        requireDone(what, replies, index);
        SessionHash hash = SessionHash.parse(list(replies, index), token);
        if (hash.foreign() != null) {
            throw foreign(what, id, hash.foreign());
        }
        return hash;
    }

    Epoch epochOf(String what, SessionId id, String text) {
        Epoch epoch = Epoch.parse(text);
        if (epoch == null) {
            throw foreign(what, id, SessionHash.META);
        }
        return epoch;
    }

    void requireAll(String what, Replies replies) {
        for (int i = 0; i < replies.all().size(); i++) {
            requireDone(what, replies, i);
        }
    }

    void requireDone(String what, Replies replies, int index) {
        if (replies.all().get(index) instanceof StoreUnavailableException unanswered) {
            throw unanswered;
        }
        JedisDataException refused = replies.refusal(index);
        if (refused != null) {
            Refusal refusal = Refusal.of(refused);
            throw new StoreUnavailableException(
                    "Cannot " + what + ": Redis " + server + " refused it, \"" + Refusal.words(refused) + "\". "
                            + (replies.repeated() ? "An earlier attempt may or may not be applied. " : "")
                            + refusal.remedy()
                            + (refusal == Refusal.NOPERM
                                    ? " The keys of this application begin with " + keys.prefix() + "."
                                    : ""),
                    replies.repeated(),
                    !refusal.isLack() ? Lack.NONE : replies.away() ? Lack.AWAY : Lack.SILENT,
                    null);
        }
    }

    /** That what was done, or read, is also where {@code holdfast.durability} wants it. */
    void requireReplicas(String what, Replies replies) {
        Replies.Replicas replicas = replies.replicas();
        if (replicas == null || replicas.areEnough()) {
            return;
        }
        String why = replicas.reply() instanceof JedisDataException refused
                ? "refused the wait for its replicas, \"" + Refusal.words(refused) + "\". "
                        + Refusal.of(refused).remedy()
                : "did it, but fewer replicas than the " + replicas.wanted()
                        + " of holdfast.durability acknowledged that"
                        + " in time, so it would be lost with the primary. "
                        + "HF-460: See INFO replication.";
        throw new StoreUnavailableException("Cannot " + what + " for good: Redis " + server + " " + why, true, null);
    }

    StoreUnavailableException foreign(String what, SessionId id, String field) {
        return new StoreUnavailableException(
                "Cannot " + what + ": field \"" + field + "\" of key " + keys.shown(id) + " in Redis " + server
                        + " was not written by Holdfast, or by a newer version of it. Delete the key, or update this node.",
                false,
                Lack.FOREIGN,
                null);
    }

    static List<?> list(Replies replies, int index) {
        return (List<?>) Objects.requireNonNull(replies.all().get(index));
    }

    static long number(Replies replies, int index) {
        return (Long) Objects.requireNonNull(replies.all().get(index));
    }

    /** The text of a bulk reply, empty for a missing one. */
    static String text(@Nullable Object reply) {
        return reply instanceof byte[] bytes ? Texts.of(bytes) : "";
    }

    /** The texts of a list of bulk replies. */
    static List<String> texts(Replies replies, int index) {
        List<String> texts = new ArrayList<>();
        list(replies, index).forEach(part -> texts.add(text(part)));
        return texts;
    }
}
