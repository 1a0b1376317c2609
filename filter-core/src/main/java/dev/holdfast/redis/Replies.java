package dev.holdfast.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What Redis answered to one round trip.
 *
 * @param all one per call: byte[], Long, List, null, or JedisDataException for a refused one
 * @param repeated true if the outcome of an earlier attempt is unknown
 */
record Replies(List<@Nullable Object> all, boolean repeated) {
    @Nullable
    JedisDataException refusal(int index) {
        return all.get(index) instanceof JedisDataException refused ? refused : null;
    }
}
