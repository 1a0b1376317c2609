package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/** The store did not give an answer that the protocol can use. The message says what failed, on which server, and what to do. */
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean maybeApplied;

    /** @param maybeApplied true if the command may have run, or may still run later */
    public StoreUnavailableException(String message, boolean maybeApplied, @Nullable Throwable cause) {
        super(message, cause);
        this.maybeApplied = maybeApplied;
    }

    /** True if the command may have run, or may still run later. */
    public boolean maybeApplied() {
        return maybeApplied;
    }
}
