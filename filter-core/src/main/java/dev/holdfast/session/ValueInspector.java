package dev.holdfast.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what a request stores of a session, and says what another node would not have as it is here. Safe for use by
 * many threads.
 */
@FunctionalInterface
public interface ValueInspector {
    /**
     * Looks at one value. Throws nothing for what it finds, or for what code of the application throws at it.
     *
     * @param bytes what is stored of it; null if nothing is, because of its classes
     * @return what is wrong, with the way from the attribute to where it is; no value's content, no line break; empty
     *     if all is well
     */
    List<String> inspect(String attribute, Object value, byte @Nullable [] bytes);
}
