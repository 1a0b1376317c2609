package dev.holdfast.codec.graph;

/** A value whose bytes exceed the limit. */
public final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLargeException() {
        super(null, null, false, false);
    }
}
