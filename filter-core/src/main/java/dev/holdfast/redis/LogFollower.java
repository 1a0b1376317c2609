package dev.holdfast.redis;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.SessionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/** The invalidation logs of one application, for an operator who looks on. Confined to one thread. */
public final class LogFollower {
    /** So many entries of a shard at once. */
    private static final long PAGE = 2000;

    private static final long NOT_YET = -1;

    private final OperatorView view;
    private final RedisKeys keys;
    /** Up to which entry the log of each shard was read. */
    private final long[] positions = new long[SessionId.SHARDS];

    LogFollower(OperatorView view, RedisKeys keys) {
        this.view = view;
        this.keys = keys;
        Arrays.fill(positions, NOT_YET);
    }

    /**
     * What the logs have said since the last call, nothing the first time; of shards that do not answer nothing, see
     * {@link OperatorView#troubles}.
     *
     * @throws dev.holdfast.session.StoreUnavailableException if none of them does
     */
    public List<LogEntry> news() {
        String what = "read the invalidation logs";
        Replies newest = view.askEach(what, shard -> RedisCommand.plain(Command.ZREVRANGE, keys.log(shard), 0L, 0L));
        Replies behind = view.askEach(
                what,
                shard -> RedisCommand.plain(
                        Command.ZRANGEBYSCORE,
                        keys.log(shard),
                        "(" + Math.max(0, positions[shard]),
                        "+inf",
                        "LIMIT",
                        0L,
                        PAGE));
        List<LogEntry> news = new ArrayList<>();
        for (int shard = 0; shard < SessionId.SHARDS; shard++) {
            if (!view.isAnswered(what, newest, shard) || !view.isAnswered(what, behind, shard)) {
                continue;
            }
            List<String> last = newest.texts(shard);
            long top = last.isEmpty() ? 0 : LogEntry.sequenceOf(last.get(0));
            boolean began = positions[shard] != NOT_YET;
            if (!began || top < positions[shard]) {
                positions[shard] = began ? 0 : top; // all of a log that begins anew is news, the next time
                continue;
            }
            for (String member : behind.texts(shard)) {
                LogEntry entry = LogEntry.parse(member);
                positions[shard] = Math.max(positions[shard], LogEntry.sequenceOf(member));
                if (entry != null) {
                    news.add(entry);
                }
            }
        }
        return news;
    }
}
