package dev.holdfast.session;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * An exception of Holdfast's that is an exception of the JDK's wherever it is serialized, with its message and stack
 * trace: a framework may keep what it has caught in the session, and no node, no class policy and no other product
 * needs a class of Holdfast's to store or read it.
 *
 * <p>Each such class has a {@code writeReplace} that returns {@link #form}.
 */
public interface SerializedAsJdk extends Serializable {
    /** A chain of causes may have a ring. */
    int MOST_CAUSES = 16;

    /**
     * What is serialized in place of an exception: of the nearest of IllegalStateException, RuntimeException and
     * Exception, so that it fits into a field that the exception was in. Its causes are plain exceptions, too, whose
     * messages are what the causes print: fields that they have are not known to be storable.
     */
    static Throwable form(Throwable own) {
        return form(own, own.getMessage(), MOST_CAUSES);
    }

    private static Throwable form(Throwable of, @Nullable String message, int causes) {
        Throwable cause = of.getCause();
        Throwable plain = cause == null || causes == 0 ? null : form(cause, cause.toString(), causes - 1);
        Throwable form = of instanceof IllegalStateException
                ? new IllegalStateException(message, plain)
                : of instanceof RuntimeException ? new RuntimeException(message, plain) : new Exception(message, plain);
        form.setStackTrace(of.getStackTrace());
        return form;
    }
}
