package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Whether the user of {@code holdfast.redis} may do all that the sessions of one application need, before one of them
 * needs it.
 */
final class Rights {
    private final RedisServer server;
    private final RedisKeys keys;

    Rights(RedisServer server, RedisKeys keys) {
        this.server = server;
        this.keys = keys;
    }

    /**
     * Tries every command on keys of the application's own.
     *
     * @return what is missing, and what to do; empty if nothing is
     * @throws StoreUnavailableException if nothing answered within the budget
     */
    List<String> missing(WaitBudget budget) {
        List<RedisCommand> calls = new ArrayList<>();
        // Each node of a cluster has users of its own.
        int shards = server.hasManyPrimaries() ? SessionId.SHARDS : 1;
        for (int shard = 0; shard < shards; shard++) {
            calls.add(RedisCommand.script(Script.RIGHTS, keys.forRights(shard), List.of()));
        }
        Replies replies = server.run("look at the rights of the user", budget, calls);
        Set<String> missing = new TreeSet<>();
        Set<String> refused = new TreeSet<>();
        for (int i = 0; i < calls.size(); i++) {
            if (replies.all().get(i) instanceof StoreUnavailableException) {
                continue; // a primary that is away is not found wanting
            }
            JedisDataException refusal = replies.refusal(i);
            if (refusal == null) {
                missing.addAll(replies.texts(i));
            } else if (RedisError.of(refusal) == RedisError.NOPERM) {
                refused.add(RedisError.words(refusal));
            }
        }
        List<String> findings = new ArrayList<>();
        if (!missing.isEmpty()) {
            findings.add(finding("may not use " + String.join(" ", missing), String.join(" ", missing)));
        }
        if (!refused.isEmpty()) {
            findings.add(finding("is refused, " + refused, "the commands of docs/redis.md"));
        }
        return findings;
    }

    private String finding(String what, String remedy) {
        return "HF-514: The user of holdfast.redis at Redis " + server + " " + what
                + ": sessions of this application are" + " answered 503. Grant ~" + keys.prefix() + "* and " + remedy
                + ".";
    }
}
