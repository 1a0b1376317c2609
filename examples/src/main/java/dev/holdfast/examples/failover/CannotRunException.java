package dev.holdfast.examples.failover;

/** The example cannot be shown here; the message says what is missing and what to do about it. */
final class CannotRunException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String text;

    CannotRunException(String message) {
        super(message);
        text = message;
    }

    CannotRunException(String message, Throwable cause) {
        super(message, cause);
        text = message;
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return text;
    }
}
