package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * The store did not give an answer that the protocol can use. The message says what failed, on which server, and what
 * to do.
 */
public final class StoreUnavailableException extends RuntimeException implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    /** What a call that failed says about the store. */
    public enum Reason {
        /** Nothing: it was not asked, it has no time for this call, or it is there and refused it. */
        NONE,
        /** It is there, and what it has of this session this node cannot read: what is in memory may be older. */
        FOREIGN,
        /** It is there, has lost data, and is not settled yet: what is in memory is as good as it was. */
        UNSETTLED,
        /** It said nothing in time. */
        SILENT,
        /** It says nothing, and as many requests as may wait for it do: this one was not let wait. */
        CROWDED,
        /** Nobody is there who can serve, or others before found so: it is away. */
        AWAY
    }

    private final boolean maybeApplied;
    private final Reason reason;

    /** @param maybeApplied true if the command may have run, or may still run later */
    public StoreUnavailableException(String message, boolean maybeApplied, @Nullable Throwable cause) {
        this(message, maybeApplied, Reason.NONE, cause);
    }

    /** @param maybeApplied true if the command may have run, or may still run later */
    public StoreUnavailableException(String message, boolean maybeApplied, Reason reason, @Nullable Throwable cause) {
        super(message, cause);
        this.maybeApplied = maybeApplied;
        this.reason = reason;
    }

    /** True if the command may have run, or may still run later. */
    public boolean maybeApplied() {
        return maybeApplied;
    }

    /** What the failure says about the store. */
    public Reason reason() {
        return reason;
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
