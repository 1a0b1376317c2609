package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What scripts met that Holdfast did not write, or that was damaged since: it is put aside under a key with a life
 * time, and said once. What of it is a session has ended then, and its user begins anew. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A script that meets damage does nothing but say so. A second script looks again and
 * puts aside what it finds in one step, so what another node has put right meanwhile is left alone; then the first one
 * is sent again. Nothing of this is on the way of a call that meets no damage. Proved by {@code DamageIT}.
 */
final class Damage {
    private static final Duration ASIDE = Duration.ofDays(7);
    private static final byte[] BAD = "BAD".getBytes(US_ASCII);
    private static final byte[] NEWER = "NEWER".getBytes(US_ASCII);

    private static final String REMEDY =
            "Find who else writes to keys that begin with {hf:, and see docs/store-format.md.";

    private final Object server;
    private final Notices notices = new Notices();

    /** @param server its text names it in messages */
    Damage(Object server) {
        this.server = server;
    }

    Notices notices() {
        return notices;
    }

    /** One call for each session about which a script met damage, that puts it aside; empty if none did. */
    List<RedisCommand> of(List<RedisCommand> calls, Replies replies) {
        List<RedisCommand> aside = new ArrayList<>();
        Set<String> met = new HashSet<>(); // several calls may be about one
        for (int i = 0; i < calls.size(); i++) {
            RedisCommand call = calls.get(i);
            boolean bad = isAnswered(call, replies.all().get(i), BAD);
            if (!bad && !isAnswered(call, replies.all().get(i), NEWER)) {
                continue;
            }
            SessionId id = RedisKeys.sessionOf(call.keys());
            if (id != null && bad && met.add(id.value())) {
                aside.add(putAside(call.keys(), id));
            } else if (id != null && !bad) {
                notices.say(
                        id.value(),
                        "HF-234: The metadata of session " + id.shortened() + ", key "
                                + RedisKeys.shown(call.keys().get(2), id) + " in Redis " + server
                                + ", is of a format that this version does not know. It stays as it is; on this node"
                                + " the session counts as ended. Update this node.");
            }
        }
        return aside;
    }

    private static boolean isAnswered(RedisCommand call, @Nullable Object reply, byte[] expected) {
        return call.script() instanceof Script script
                && script.isAboutASession()
                && reply instanceof List<?> parts
                && !parts.isEmpty()
                && parts.get(0) instanceof byte[] code
                && Arrays.equals(code, expected);
    }

    /**
     * Puts aside what is damaged of a session and of its shard.
     *
     * @param keys that every script declares
     */
    static RedisCommand putAside(List<String> keys, SessionId id) {
        List<String> declared = new ArrayList<>(keys.subList(0, 4));
        declared.addAll(RedisKeys.aside(declared, id));
        List<Object> arguments = List.of(
                "",
                "",
                Script.LONG_MILLIS,
                id.value(),
                RandomToken.next(),
                Lifetimes.LONG.toMillis(),
                ASIDE.toMillis());
        return RedisCommand.script(Script.ASIDE, declared, arguments);
    }

    /** Says what was put aside by those calls of some that do so. */
    void say(List<RedisCommand> aside, Replies replies) {
        for (int i = 0; i < aside.size(); i++) {
            if (aside.get(i).script() != Script.ASIDE || !(replies.all().get(i) instanceof List<?>)) {
                continue; // refused: the call that met the damage says so, too
            }
            List<String> keys = aside.get(i).keys();
            SessionId id = RedisKeys.sessionOf(keys);
            List<String> texts = replies.texts(i);
            if (id == null) {
                continue;
            }
            for (String what : texts.subList(Math.min(3, texts.size()), texts.size())) {
                if (what.equals("session")) {
                    notices.say(
                            id.value(),
                            "HF-233: Session " + id.shortened() + ", key " + RedisKeys.shown(keys.get(2), id)
                                    + " in Redis " + server
                                    + ", was damaged, or is not Holdfast's. It was put aside as "
                                    + RedisKeys.shown(keys.get(6), id) + " for " + ASIDE.toDays()
                                    + " days and has ended; its user begins anew, and listeners are not told. "
                                    + REMEDY);
                } else {
                    int place = List.of("generation", "log", "session", "index").indexOf(what);
                    String key = keys.get(place);
                    notices.say(
                            key,
                            "HF-235: The " + what + " of a shard, key " + key + " in Redis " + server
                                    + ", was damaged, or is not Holdfast's. It was put aside as "
                                    + keys.get(4 + place) + " for " + ASIDE.toDays() + " days, and begins anew. "
                                    + REMEDY);
                }
            }
        }
    }
}
