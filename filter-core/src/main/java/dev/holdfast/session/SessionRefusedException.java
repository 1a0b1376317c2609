package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The request must be answered 503 with {@code Retry-After}: what it did to its session is not acknowledged. The message says why, for the
 * log; it holds no whole session id and no value.
 */
public final class SessionRefusedException extends RuntimeException {
    /** What the 503 says about when to come back: most refusals are over by then. */
    public static final String RETRY_AFTER_SECONDS = "1";

    private static final long serialVersionUID = 1L;

    public SessionRefusedException(String message, @Nullable Throwable cause) {
        // No stack: the container logs it for each request, and the message and its cause say all there is to say.
        super(message, cause, false, false);
    }
}
