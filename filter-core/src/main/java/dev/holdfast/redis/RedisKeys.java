package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.session.SessionId;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * The names of one application's keys. All keys of a shard are in one slot of a cluster.
 *
 * <pre>
 * {hf:shop:0a}:s:0a5f…   HASH    a session, or its tombstone   to an hour past its deadline
 * {hf:shop:0a}:x         ZSET    id by deadline (ms)            longer than any deadline in it
 * {hf:shop:0a}:l         ZSET    ended log, by sequence         30 days, renewed each hour
 * {hf:shop:0a}:g         STRING  generation                     30 days, renewed each hour
 * {hf:shop:0a}:d:…               what was damaged, put aside       7 days
 * {hf:shop:0a}:r:…               while rights are looked at   none; a second at most if rights are missing
 * {hf:shop:0a}:w         HASH    who has settled what, by node    10 minutes, until the generation is written
 * {hf:shop:0a}:u                 reserved for the user index
 * {hf:shop:nodes}        HASH    live nodes, their stages        a minute, renewed each second
 * </pre>
 */
final class RedisKeys {
    private static final String GENERATION = ":g";
    private static final String LOG = ":l";
    private static final String EXPIRY = ":x";

    /** What the names of all keys begin with. */
    private final String prefix;

    /** Those of each shard that every script declares: they are named in each call. */
    private final String[] generations = new String[SessionId.SHARDS];

    private final String[] logs = new String[SessionId.SHARDS];
    private final String[] sessions = new String[SessionId.SHARDS];
    private final String[] expiries = new String[SessionId.SHARDS];

    RedisKeys(String app) {
        prefix = "{hf:" + app + ":";
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            generations[shard] = shard(shard) + GENERATION;
            logs[shard] = shard(shard) + LOG;
            sessions[shard] = shard(shard) + ":s:";
            expiries[shard] = shard(shard) + EXPIRY;
        }
    }

    String session(SessionId id) {
        return sessions[id.shard()] + id.value();
    }

    String expiry(int shard) {
        return expiries[shard];
    }

    String log(int shard) {
        return logs[shard];
    }

    String generation(int shard) {
        return generations[shard];
    }

    /** The marks of the nodes that settle a shard whose data was lost. */
    String settled(int shard) {
        return shard(shard) + ":w";
    }

    /**
     * What lets the shard of a key live on: a write that changes no session. The generation goes first, so that it
     * never outlives the log.
     */
    static List<RedisCommand> renewal(String key) {
        String shard = key.substring(0, key.indexOf('}') + 1);
        return List.of(
                RedisCommand.plain(Command.PEXPIRE, shard + GENERATION, Script.LONG_MILLIS),
                RedisCommand.plain(Command.PEXPIRE, shard + LOG, Script.LONG_MILLIS));
    }

    /**
     * The registry: one for each application, because who may use the keys of one has no rights for those of others.
     */
    String nodes() {
        return prefix + "nodes}";
    }

    /** The keys that every script declares, in its order. */
    List<String> of(SessionId id) {
        return List.of(generation(id.shard()), log(id.shard()), session(id), expiry(id.shard()));
    }

    /** Names for {@link Rights} that no session and nothing else of the shard has. */
    List<String> forRights(int shard) {
        String prefix = shard(shard) + ":r:";
        return List.of(prefix + "h", prefix + "o", prefix + "z", prefix + "v");
    }

    /** The session that keys of a script are about, see {@link #of}. */
    static @Nullable SessionId sessionOf(List<String> keys) {
        String key = keys.get(2);
        return SessionId.parse(key.substring(key.lastIndexOf(':') + 1));
    }

    /** Where each of the keys of a script goes if it is put aside: generation, log, session, index. */
    static List<String> aside(List<String> keys, SessionId id) {
        String prefix = keys.get(0).substring(0, keys.get(0).indexOf('}') + 1) + ":d:";
        return List.of(prefix + "g", prefix + "l", prefix + id.value(), prefix + "x");
    }

    /** The session's key as a message may show it. */
    String shown(SessionId id) {
        return shown(session(id), id);
    }

    /** A key with a session's id in it as a message may show it. */
    static String shown(String key, SessionId id) {
        return key.replace(id.value(), id.shortened());
    }

    /** What the names of all keys begin with. */
    String prefix() {
        return prefix;
    }

    private String shard(int shard) {
        return prefix + HexFormat.of().toHexDigits((byte) shard) + "}";
    }
}
