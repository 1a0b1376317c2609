package dev.holdfast.check;

/** There was no answer to be looked at. The message says why, and what to do. */
final class UnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message) {
        super(message);
    }
}
