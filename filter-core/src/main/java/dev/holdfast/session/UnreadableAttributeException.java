package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * Stored bytes that this node cannot or may not turn into an object. The message names the attribute, the reason and
 * the remedy.
 */
public final class UnreadableAttributeException extends Exception implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    public UnreadableAttributeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
