package dev.holdfast.session;

import org.jspecify.annotations.Nullable;

/**
 * An attribute's value that cannot be stored. The message names the attribute, the field and the class, and the remedy.
 */
public final class UnencodableAttributeException extends Exception implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    public UnencodableAttributeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
