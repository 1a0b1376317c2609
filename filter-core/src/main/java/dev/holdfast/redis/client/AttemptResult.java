package dev.holdfast.redis.client;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What became of one attempt at a round trip.
 *
 * @param replies null if there were none
 * @param unknown true if it may have been applied
 * @param next what may help
 * @param problem why there are no replies
 */
record AttemptResult(
        @Nullable List<@Nullable Object> replies,
        boolean unknown,
        Next next,
        ConnectionFailure problem,
        @Nullable Throwable cause) {
    enum Next {
        NOTHING,
        AT_ONCE,
        /** The replies tell no more than where it is to be tried. */
        ELSEWHERE,
        AFTER_A_PAUSE
    }

    /** @param passing whether it was refused, for a reason that passes */
    static AttemptResult answered(List<@Nullable Object> replies, boolean passing) {
        return new AttemptResult(
                replies, false, passing ? Next.AFTER_A_PAUSE : Next.NOTHING, ConnectionFailure.NONE, null);
    }

    static AttemptResult redirected(List<@Nullable Object> replies) {
        return new AttemptResult(replies, false, Next.ELSEWHERE, ConnectionFailure.NONE, null);
    }

    /** Nothing was sent, and it makes no sense to try again. */
    static AttemptResult notSent(ConnectionFailure why) {
        return new AttemptResult(null, false, Next.NOTHING, why, null);
    }

    boolean isRedirected() {
        return next == Next.ELSEWHERE;
    }

    /** What Redis said to the first call that it refused; null if it refused none. */
    @Nullable
    RedisError refusal() {
        if (replies != null) {
            for (Object reply : replies) {
                if (reply instanceof JedisDataException refused) {
                    return RedisError.of(refused);
                }
            }
        }
        return null;
    }
}
