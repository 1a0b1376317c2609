package dev.holdfast.codec;

import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import java.util.Set;

/**
 * Attributes of Faces in which values that every class policy allows become code: Mojarra and MyFaces look for bytes
 * in them, which they read by a stream of their own with whatever classes it names, or for the key by which such bytes
 * are taken from a browser. The policy decides by class, so these are told by their names.
 */
final class FacesState {
    /** Where the views of a session are, in Mojarra, in MyFaces from version 4 on, and in MyFaces 3. */
    private static final Set<String> VIEWS = Set.of(
            "com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap",
            "org.apache.myfaces.application.viewstate.StateCacheServerSide.SERIALIZED_VIEW",
            "org.apache.myfaces.application.viewstate.ServerSideStateCacheImpl.SERIALIZED_VIEW");

    private static final String KEY = "com.sun.faces.SK";

    private FacesState() {}

    /**
     * Whether an attribute may hold arrays of bytes. If not, then nowhere: what a value gives out when it is asked for
     * something need not be what it shows to who looks through it. Such an attribute is stored by JDK serialization
     * alone, which names the class of each array.
     */
    static boolean mayHoldBytes(String attribute) {
        return !VIEWS.contains(attribute);
    }

    /** @throws NotStorableException if the attribute is never stored, whatever it holds */
    static void requireStorable(String attribute, Object value) {
        if (attribute.equals(KEY)) {
            throw NotStorableException.trustedKey(value.getClass().getName());
        }
    }

    /** @throws MalformedBytesException if the attribute is never stored, so that somebody else has written it */
    static void requireReadable(String attribute) {
        if (attribute.equals(KEY)) {
            throw new MalformedBytesException("it is a key that Faces would trust, and is never stored");
        }
    }

    /** @throws NotStorableException if a class is one of those that {@link #mayHoldBytes} is about */
    static void requireNoBytes(Class<?> type) {
        if (type == byte[].class) {
            throw NotStorableException.bytesOfViews(type.getName());
        }
    }

    /** The same of a class that stored bytes name. */
    static Class<?> noBytes(Class<?> type) {
        if (type == byte[].class) {
            throw new MalformedBytesException(
                    "it holds an array of bytes, which Faces would read past the class policy");
        }
        return type;
    }
}
