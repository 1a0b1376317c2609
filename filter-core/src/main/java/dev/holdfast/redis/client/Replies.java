package dev.holdfast.redis.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What Redis answered to one round trip.
 *
 * @param all one per call: byte[], Long, List, null, JedisDataException for a refused one, or the exception that one of
 *     several primaries of a cluster was to blame for
 * @param repeated true if the outcome of an earlier attempt is unknown
 * @param replicas who has what was written; null if nobody was waited for
 * @param away true if Redis is taken for away although it answers: for long it has said nothing but that it can serve
 *     nobody
 */
public record Replies(
        List<@Nullable Object> all,
        boolean repeated,
        @Nullable Replicas replicas,
        boolean away) {
    public Replies(List<@Nullable Object> all, boolean repeated) {
        this(all, repeated, null);
    }

    public Replies(List<@Nullable Object> all, boolean repeated, @Nullable Replicas replicas) {
        this(all, repeated, replicas, false);
    }

    /** The same of a Redis that is taken for away, or is not. */
    Replies asOf(boolean isAway) {
        return new Replies(all, repeated, replicas, isAway);
    }

    /**
     * @param wanted how many replicas were waited for
     * @param reply how many have it, a Long; or JedisDataException for a wait that was refused
     */
    public record Replicas(int wanted, @Nullable Object reply) {
        public boolean areEnough() {
            return reply instanceof Long count && count >= wanted;
        }
    }

    public @Nullable JedisDataException refusal(int index) {
        return all.get(index) instanceof JedisDataException refused ? refused : null;
    }

    public List<?> list(int index) {
        return (List<?>) Objects.requireNonNull(all.get(index));
    }

    public long number(int index) {
        return (Long) Objects.requireNonNull(all.get(index));
    }

    /** The texts of a list of bulk replies. */
    public List<String> texts(int index) {
        List<?> list = list(index);
        List<String> texts = new ArrayList<>(list.size());
        for (Object reply : list) {
            texts.add(text(reply));
        }
        return texts;
    }

    /** Milliseconds since 1970, of the answer to TIME. */
    public long millis(int index) {
        List<String> parts = texts(index);
        return Long.parseLong(parts.get(0)) * 1000 + Long.parseLong(parts.get(1)) / 1000;
    }

    /** The text of a bulk reply, empty for a missing one. */
    public static String text(@Nullable Object reply) {
        return reply instanceof byte[] bytes ? Utf8.of(bytes) : "";
    }
}
