package dev.holdfast.kryo;

/** A value whose bytes exceed the limit. */
final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLargeException() {
        super(null, null, false, false);
    }
}
