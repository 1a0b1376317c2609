package dev.holdfast.codec.policy;

import dev.holdfast.session.SerializedAsJdk;

/**
 * Stored bytes that do not follow the format, or do not fit the classes of this application. The message is the reason.
 */
public final class MalformedBytesException extends RuntimeException implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    public MalformedBytesException(String reason) {
        super(reason, null, false, false);
    }

    /** The same, telling at which field; only the innermost is told. */
    public MalformedBytesException in(Class<?> type, String field) {
        String where = "at field " + field + " of " + type.getName() + " ";
        return reason().startsWith("at field ") ? this : new MalformedBytesException(where + reason());
    }

    public String reason() {
        return String.valueOf(getMessage());
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
