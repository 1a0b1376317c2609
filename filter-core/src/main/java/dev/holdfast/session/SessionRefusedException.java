package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The request must be answered {@link #status}, 503 with {@code Retry-After} as a rule: what it did to its session is
 * not acknowledged. The message begins with the code under which Holdfast has logged it and says why; it holds no whole
 * session id and no value.
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

    /**
     * What the client is told: 503, with {@link #RETRY_AFTER_SECONDS}; or 500, without, where its next try would end in
     * the same way, since a value of the session cannot be stored for its classes.
     */
    public int status() {
        return isOfTheApplication() ? 500 : 503;
    }

    /** Whether it makes sense to try again. */
    public boolean isPassing() {
        return !isOfTheApplication();
    }

    private boolean isOfTheApplication() {
        return reason instanceof UnencodableAttributeException value && value.culprit() != null;
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
