package dev.holdfast.redis.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/** What several servers did, one after the other, none of which told where a primary is. Used by one thread. */
final class ConnectionFailures {
    private final List<String> each = new ArrayList<>();
    private @Nullable RedisConnectException told;
    private boolean others;
    private boolean lack;

    void add(Endpoint server, String what) {
        each.add(server + " " + what);
        others = true;
        lack = true;
    }

    void add(Endpoint server, Exception failure) {
        if (failure instanceof JedisDataException refused) {
            add(server, "refused it, \"" + RedisError.words(refused) + "\"");
        } else if (failure instanceof RedisConnectException reason) {
            each.add(server + " " + reason.getMessage());
            lack |= reason.isLack();
            if (told == null || told.isLack()) {
                told = reason;
            }
        } else {
            add(server, "did not answer");
        }
    }

    /**
     * Nobody told. A wrong certificate, even of one of them, has a remedy of its own; a handshake that broke off has,
     * too, unless another of them is silent without TLS.
     *
     * @param remedy for everything else
     */
    RedisConnectException unknown(String remedy) {
        RedisConnectException reason = told;
        String said = reason == null || (reason.isLack() && others) ? remedy : reason.remedy();
        return new RedisConnectException("is not known, " + String.join(", ", each), said, lack, reason);
    }

    /** Somebody named one that had a successor: who asks again soon may hear of that. */
    RedisConnectException behind(String remedy) {
        return RedisConnectException.silence("is not known, " + String.join(", ", each), remedy, null);
    }

    /** Somebody answered, and did not know it. */
    RedisConnectException unknownToSome(String remedy) {
        return new RedisConnectException("is not known, " + String.join(", ", each), remedy, false, told);
    }
}
