package dev.holdfast.session.copy;

import dev.holdfast.session.ContainerSession;
import dev.holdfast.session.UnencodableAttributeException;
import org.jspecify.annotations.Nullable;

/** Live values of sessions as bytes, while others may be changing them. */
public interface FieldEncoder {
    /**
     * Encodes one value, and waits for nobody.
     *
     * @throws UnencodableAttributeException if it cannot be stored, or was being changed by another thread each time it
     *     was tried
     */
    byte[] encodeField(String field, Object live) throws UnencodableAttributeException;

    /**
     * Encodes one value.
     *
     * @param known of what is stored; null if the store has no such value
     * @param local has the value
     * @return null if it was worth waiting for, and another one has taken its place meanwhile
     * @throws UnencodableAttributeException as above
     */
    byte @Nullable [] encodeUnlessReplaced(
            String field, Object live, @Nullable KnownField known, ContainerSession local)
            throws UnencodableAttributeException;

    /** Whether a value can never change in place. */
    boolean isImmutable(Object live);
}
