package dev.holdfast.codec;

import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import java.util.Map;

/**
 * Attributes of Faces and PrimeFaces in which values that every class policy allows become code: Mojarra and MyFaces
 * look for bytes in them, which they read by a stream of their own with whatever classes it names, or for the key by
 * which such bytes are taken from a browser; PrimeFaces looks for the text of an expression, which it evaluates for
 * whoever sends its hash. The policy decides by class, so these are told by their names.
 */
final class FacesState {
    /** The longest array of bytes in any other attribute. */
    static final int ANY = Integer.MAX_VALUE;

    /** By which state is taken from a browser. */
    private static final int KEY = -1;

    private static final int EXPRESSIONS = -2;

    /**
     * Where the views of a session are, with the longest array of bytes in them, and what is not stored at all. In
     * 12 bytes a stream of JDK serialization can name a class, the interface of a proxy, and in fewer none. MyFaces has
     * its views under keys of 12, and of bytes that it reads as a stream it takes the first for itself.
     */
    private static final Map<String, Integer> LONGEST = Map.of(
            "com.sun.faces.SK", KEY,
            "org.glassfish.mojarra.SK", KEY,
            "primefaces.dynamicResourcesMapping", EXPRESSIONS,
            "com.sun.faces.renderkit.ServerSideStateHelper.LogicalViewMap", 11,
            "org.glassfish.mojarra.renderkit.ServerSideStateHelper.LogicalViewMap", 11, // from 5 on
            "org.glassfish.mojarra.renderkit.ServerSideStateHelper.StatefulPageMap", 11,
            "org.apache.myfaces.application.viewstate.ServerSideStateCacheImpl.SERIALIZED_VIEW", 12,
            "org.apache.myfaces.application.viewstate.StateCacheServerSide.SERIALIZED_VIEW", 12); // from 4 on

    private FacesState() {}

    /**
     * The longest array of bytes that an attribute may hold anywhere, {@link #ANY} if it is none of these. To look for
     * arrays where Faces would find them does not suffice: a map may hand out what it does not show. An attribute with
     * a limit is stored by JDK serialization alone, which sees each array.
     */
    static int longestBytes(String attribute) {
        Integer longest = LONGEST.get(attribute); // asked for each value of each request: nothing is boxed
        return longest == null ? ANY : longest;
    }

    /** @throws NotStorableException if the attribute is never stored, whatever it holds */
    static void requireStorable(String attribute, Object value) {
        int longest = longestBytes(attribute);
        if (longest == KEY) {
            throw NotStorableException.trustedKey(value.getClass().getName());
        }
        if (longest == EXPRESSIONS) {
            throw NotStorableException.evaluated(value.getClass().getName());
        }
    }

    /**
     * @param byJdk whether the value was stored by JDK serialization
     * @throws MalformedBytesException if the attribute is never stored, or not in this way, so that somebody else has
     *     written it
     */
    static void requireReadable(String attribute, boolean byJdk) {
        int longest = longestBytes(attribute);
        if (longest == KEY) {
            throw new MalformedBytesException("it is a key that Faces would trust, and is never stored");
        }
        if (longest == EXPRESSIONS) {
            throw new MalformedBytesException("it has expressions that PrimeFaces would evaluate, and is never stored");
        }
        if (longest != ANY && !byJdk) {
            throw new MalformedBytesException("it is stored in another way than the views of Faces are");
        }
    }
}
