package dev.holdfast.examples.check;

/** A node that was killed did not come back, so the check cannot go on. */
public final class NodeDidNotStartException extends Exception {

    private static final long serialVersionUID = 1L;

    /** With the sentence that a person reads. */
    public NodeDidNotStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
