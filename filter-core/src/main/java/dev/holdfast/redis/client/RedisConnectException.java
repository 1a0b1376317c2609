package dev.holdfast.redis.client;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A connection that could not be made, for a reason that has its own remedy. The message is what Redis did, as the end
 * of a sentence.
 */
final class RedisConnectException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String remedy;
    private final boolean lack;
    private final boolean silence;

    private RedisConnectException(
            String problem, String remedy, boolean lack, boolean silence, @Nullable Exception cause) {
        super(problem, cause);
        this.remedy = remedy;
        this.lack = lack;
        this.silence = silence;
    }

    /** @param lack as in {@link ConnectionFailure} */
    RedisConnectException(String problem, String remedy, boolean lack, @Nullable Exception cause) {
        this(problem, remedy, lack, false, cause);
    }

    /** A server that took the connection and left it without an answer: a lack, and it may have a successor soon. */
    static RedisConnectException silence(String problem, String remedy, @Nullable Exception cause) {
        return new RedisConnectException(problem, remedy, true, true, cause);
    }

    boolean isSilence() {
        return silence;
    }

    /** Whether time ran out before anything was heard. */
    boolean isTimeout() {
        if (!silence) {
            return false;
        }
        for (Throwable e = getCause(); e != null; e = e.getCause()) {
            if (e instanceof SocketTimeoutException || e instanceof TimeoutException) {
                return true;
            }
        }
        return false;
    }

    boolean isLack() {
        return lack;
    }

    String remedy() {
        return remedy;
    }
}
