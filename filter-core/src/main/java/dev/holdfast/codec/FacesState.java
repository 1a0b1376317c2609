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
    /** Where the views of a session are: in Mojarra up to 4 and from 5 on, in MyFaces from 4 on and up to 3. */
    private static final Set<String> VIEWS = Set.of(
            "com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap",
            "org.glassfish.mojarra.renderkit.ServerSideStateHelper.LogicalViewMap",
            "org.glassfish.mojarra.renderkit.ServerSideStateHelper.StatefulPageMap",
            "org.apache.myfaces.application.viewstate.StateCacheServerSide.SERIALIZED_VIEW",
            "org.apache.myfaces.application.viewstate.ServerSideStateCacheImpl.SERIALIZED_VIEW");

    private static final Set<String> KEYS = Set.of("com.sun.faces.SK", "org.glassfish.mojarra.SK");

    /** The longest array of bytes in any other attribute. */
    static final int ANY = Integer.MAX_VALUE;

    /**
     * That in views: the keys by which MyFaces finds them have 12, and a stream of JDK serialization takes 20 to name a
     * class.
     */
    private static final int NO_STREAM = 12;

    private FacesState() {}

    /**
     * The longest array of bytes that an attribute may hold anywhere, {@link #ANY} if it is no attribute of views. To
     * look for arrays where Faces would find them does not suffice: a map may hand out what it does not show. An
     * attribute with a limit is stored by JDK serialization alone, which sees each array.
     */
    static int longestBytes(String attribute) {
        return VIEWS.contains(attribute) ? NO_STREAM : ANY;
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
