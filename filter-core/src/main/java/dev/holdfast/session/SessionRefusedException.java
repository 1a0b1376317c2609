package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The request must be answered 503 with {@code Retry-After}: what it did to its session is not acknowledged. The
 * message begins with the code under which Holdfast has logged it and says why; it holds no whole session id and no
 * value.
 *
 * <p>What the store, or the connection to it, has thrown is no cause of it: applications and containers look for
 * time-outs and broken connections among the causes, and would take Redis' for their client's, or for their own.
 */
public final class SessionRefusedException extends RuntimeException implements SerializedAsJdk {
    /** What the 503 says about when to come back: most refusals are over by then. */
    public static final String RETRY_AFTER_SECONDS = "1";

    private static final long serialVersionUID = 1L;

    private final transient @Nullable Throwable reason;

    /**
     * @param reason what it is refused for, for the protocol and the log; only a fault of the application's own value
     *     becomes the cause
     */
    public SessionRefusedException(String code, String message, @Nullable Throwable reason) {
        // No stack: the container logs it for each request, and the message says all there is to say.
        super(code + ": " + message, reason instanceof UnencodableAttributeException ? reason : null, false, false);
        this.reason = reason;
    }

    @Nullable
    public Throwable reason() {
        return reason;
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
