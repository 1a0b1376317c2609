package dev.holdfast.redis.client;

import java.util.List;
import java.util.function.Function;

/**
 * The wait for replicas behind a round trip.
 *
 * @param replicas how many are waited for; 0 for no wait
 * @param before makes of a key writes to the slot of that key, for the wait to be behind
 */
public record ReplicaWait(int replicas, Function<String, List<RedisCommand>> before) {
    public static final ReplicaWait NONE = new ReplicaWait(0, key -> List.of());
}
