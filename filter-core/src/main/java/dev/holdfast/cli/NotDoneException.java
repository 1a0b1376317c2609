package dev.holdfast.cli;

/** A command cannot do what it was told; the message is what its user reads. */
final class NotDoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    NotDoneException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
