package dev.holdfast.codec;

import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import java.util.Map;
import java.util.Set;

/**
 * Attributes of Faces in which values that every class policy allows become code: Mojarra and MyFaces look for bytes
 * in them, which they read by a stream of their own with whatever classes it names, or for the key by which such bytes
 * are taken from a browser. The policy decides by class, so these are told by their names.
 */
final class FacesState {
    /**
     * Where the views of a session are, with the longest array of bytes in them. In 12 bytes a stream of JDK
     * serialization can name a class, the interface of a proxy, and in fewer none. MyFaces has its views under keys of
     * 12, and of bytes that it reads as a stream it takes the first for itself.
     */
    private static final Map<String, Integer> VIEWS = Map.of(
            "com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap", 11,
            "org.glassfish.mojarra.renderkit.ServerSideStateHelper.LogicalViewMap", 11, // from 5 on
            "org.glassfish.mojarra.renderkit.ServerSideStateHelper.StatefulPageMap", 11,
            "org.apache.myfaces.application.viewstate.ServerSideStateCacheImpl.SERIALIZED_VIEW", 12,
            "org.apache.myfaces.application.viewstate.StateCacheServerSide.SERIALIZED_VIEW", 12); // from 4 on

    private static final Set<String> KEYS = Set.of("com.sun.faces.SK", "org.glassfish.mojarra.SK");

    /** The longest array of bytes in any other attribute. */
    static final int ANY = Integer.MAX_VALUE;

    private FacesState() {}

    /**
     * The longest array of bytes that an attribute may hold anywhere, {@link #ANY} if it is no attribute of views. To
     * look for arrays where Faces would find them does not suffice: a map may hand out what it does not show. An
     * attribute with a limit is stored by JDK serialization alone, which sees each array.
     */
    static int longestBytes(String attribute) {
        return VIEWS.getOrDefault(attribute, ANY);
    }

    /** @throws NotStorableException if the attribute is never stored, whatever it holds */
    static void requireStorable(String attribute, Object value) {
        if (KEYS.contains(attribute)) {
            throw NotStorableException.trustedKey(value.getClass().getName());
        }
    }

    /** @throws MalformedBytesException if the attribute is never stored, so that somebody else has written it */
    static void requireReadable(String attribute) {
        if (KEYS.contains(attribute)) {
            throw new MalformedBytesException("it is a key that Faces would trust, and is never stored");
        }
    }
}
