package dev.holdfast.session;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An attribute's value that cannot be stored. The message names the attribute, the field and the class, and the remedy.
 */
public final class UnencodableAttributeException extends Exception implements SerializedAsJdk {
    private static final long serialVersionUID = 1L;

    /** Null where the message was given. */
    private final transient @Nullable Supplier<String> explanation;

    private final @Nullable String culprit;
    private final boolean passing;

    /** For a value that could not be stored now: another thread may have been changing it. */
    public UnencodableAttributeException(String message, @Nullable Throwable cause) {
        this(message, cause, true);
    }

    private UnencodableAttributeException(String message, @Nullable Throwable cause, boolean passing) {
        super(message, cause);
        this.explanation = null;
        this.culprit = null;
        this.passing = passing;
    }

    private UnencodableAttributeException(String culprit, Supplier<String> explanation, Throwable cause) {
        super(null, cause, false, false);
        this.explanation = explanation;
        this.culprit = culprit;
        this.passing = false;
    }

    /** For a value that is too large, or too deep, for what there is: the next moment makes it no smaller. */
    public static UnencodableAttributeException ofSize(String message, @Nullable Throwable cause) {
        return new UnencodableAttributeException(message, cause, false);
    }

    /**
     * For a value that cannot be stored as long as it holds an object of some class, whoever tries and whenever.
     *
     * @param culprit that class, and what is wrong with it
     * @param explanation makes the message: it may look for the object's place in the value
     */
    public static UnencodableAttributeException ofClass(String culprit, Supplier<String> explanation, Throwable cause) {
        return new UnencodableAttributeException(culprit, explanation, cause);
    }

    /** The class that cannot be stored, and why; null if the value's classes are not to blame. */
    public @Nullable String culprit() {
        return culprit;
    }

    /** Whether another attempt may go well at once, since it is only a matter of who else is at the value. */
    public boolean isPassing() {
        return passing;
    }

    @Override
    public @Nullable String getMessage() {
        return explanation == null ? super.getMessage() : explanation.get();
    }

    private Object writeReplace() {
        return SerializedAsJdk.form(this);
    }
}
