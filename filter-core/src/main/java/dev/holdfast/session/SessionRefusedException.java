package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The request must be answered 503 with {@code Retry-After}: what it did to its session is not acknowledged. The message says why, for the
 * log; it holds no whole session id and no value.
 */
public final class SessionRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SessionRefusedException(String message, @Nullable Throwable cause) {
        // No stack: the container logs it for each request, and the message and its cause say all there is to say.
        super(message, cause, false, false);
    }
}
