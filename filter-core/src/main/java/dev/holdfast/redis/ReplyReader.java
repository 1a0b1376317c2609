package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.Shown;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Makes values of replies, and {@link StoreUnavailableException} of refusals and of what Holdfast did not write.
 *
 * @param server its text names it in messages
 * @param notices where what is in Redis and should not be is told of
 */
record ReplyReader(Object server, RedisKeys keys, Notices notices) {
    private static final Set<String> SHARD_KEYS = Set.of("generation", "log", "index");

    /** @param more what the script says beyond its outcome and its shard */
    record ScriptReply(Outcome outcome, ShardTail tail, List<String> more) {
        String text(int index) {
            return more.get(index);
        }
    }

    ScriptReply scriptReply(String what, SessionId id, Replies replies, int index) {
        requireDone(what, replies, index);
        List<String> texts = replies.texts(index);
        Outcome outcome = switch (texts.get(0)) {
            case "OK" -> Outcome.OK;
            case "GONE", "NEWER" -> Outcome.GONE;
            case "RENAMED" -> Outcome.RENAMED;
            case "MISMATCH" -> Outcome.MISMATCH;
            case "OTHER" -> Outcome.OTHER_GENERATION;
            // Where it could not be put aside either: no damage is served, and nobody is locked out by one of a
            // session.
            default -> {
                if (SHARD_KEYS.contains(texts.get(3))) {
                    throw damaged(what, texts.get(3));
                }
                yield Outcome.GONE;
            }
        };
        // What a damaged session is answered with says what is damaged, and nothing of a session.
        List<String> more = outcome == Outcome.GONE ? List.of() : texts.subList(3, texts.size());
        return new ScriptReply(outcome, new ShardTail(texts.get(1), texts.get(2)), more);
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
        SessionHash hash = SessionHash.parse(replies.list(index), token);
        String foreign = hash.foreign();
        if (foreign != null) {
            notices.say(
                    id.value(),
                    "Session " + id.shortened() + ", key " + keys.shown(id) + " in Redis " + server
                            + ", has a field that this version does not know, \"" + Shown.text(foreign)
                            + "\". It is left as it is. "
                            + "HF-444: Find who wrote it, or update this node.");
        }
        return hash;
    }

    Epoch epochOf(String what, SessionId id, String text) {
        Epoch epoch = Epoch.parse(text);
        if (epoch == null) {
            throw new StoreUnavailableException(
                    "Cannot " + what + ": the epoch of key " + keys.shown(id) + " in Redis " + server
                            + " cannot be read. "
                            + "HF-442: Is another version of Holdfast at work? Update this node.",
                    false,
                    Reason.FOREIGN,
                    null);
        }
        return epoch;
    }

    void requireAll(String what, Replies replies) {
        for (int i = 0; i < replies.all().size(); i++) {
            requireDone(what, replies, i);
        }
    }

    /** A reply that is no refusal. */
    @Nullable
    Object done(String what, Replies replies, int index) {
        requireDone(what, replies, index);
        return replies.all().get(index);
    }

    /** The first sentence of what is said of a refusal. */
    static String refused(String what, Object server, JedisDataException refused) {
        return "Cannot " + what + ": Redis " + server + " refused it, \"" + RedisError.words(refused) + "\". ";
    }

    void requireDone(String what, Replies replies, int index) {
        if (replies.all().get(index) instanceof StoreUnavailableException unanswered) {
            throw unanswered;
        }
        JedisDataException refused = replies.refusal(index);
        if (refused != null) {
            RedisError refusal = RedisError.of(refused);
            throw new StoreUnavailableException(
                    refused(what, server, refused)
                            + (replies.repeated() ? "An earlier attempt may or may not be applied. " : "")
                            + refusal.remedy()
                            + (refusal == RedisError.NOPERM
                                    ? " The keys of this application begin with " + keys.prefix() + "."
                                    : ""),
                    replies.repeated(),
                    !refusal.isLack() ? Reason.NONE : replies.away() ? Reason.AWAY : Reason.SILENT,
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
                ? "refused the wait for its replicas, \"" + RedisError.words(refused) + "\". "
                        + RedisError.of(refused).remedy()
                : "did it, but fewer replicas than the " + replicas.wanted()
                        + " of holdfast.durability acknowledged that"
                        + " in time, so it would be lost with the primary. "
                        + "HF-460: See INFO replication.";
        throw new StoreUnavailableException("Cannot " + what + " for good: Redis " + server + " " + why, true, null);
    }

    private StoreUnavailableException damaged(String what, String of) {
        return new StoreUnavailableException(
                "Cannot " + what + ": the " + of + " of the session's shard in Redis " + server
                        + " is damaged, or not Holdfast's, and could not be put aside. "
                        + "HF-443: See why Redis refused that.",
                false,
                Reason.FOREIGN,
                null);
    }
}
