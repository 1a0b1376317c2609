package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * What stands in the store for an attribute whose value stays on the node where it was set, because it cannot be stored
 * or is not to be: by it other nodes see that the attribute was written, and by whom, and that it is absent there.
 *
 * <pre>
 * offset  length  content
 * 0       1       high half: number of the format, 1; low half: 2
 * 1       1-32    the incarnation of the node that holds the value, as epochs call it: characters of A-Za-z0-9_-
 * </pre>
 *
 * <p>Without a checksum: whatever else damage makes of it is no marker, and what is still one names no live node.
 */
public final class LocalMarker {
    /** Differs from the first byte of every value, see the codec's envelope. */
    private static final byte FORMAT = 0x12;

    private LocalMarker() {}

    /** @param owner the incarnation of the node that holds the value, as {@link Epoch#ownerOf} makes it */
    public static byte[] of(String owner) {
        byte[] name = owner.getBytes(US_ASCII);
        byte[] marker = new byte[1 + name.length];
        marker[0] = FORMAT;
        System.arraycopy(name, 0, marker, 1, name.length);
        return marker;
    }

    /** Whether stored bytes are a marker and no value. */
    public static boolean isMarker(byte[] bytes) {
        if (bytes.length < 2 || bytes.length > 1 + Epoch.MAX_OWNER || bytes[0] != FORMAT) {
            return false;
        }
        for (int i = 1; i < bytes.length; i++) {
            if (!RandomToken.isTokenCharacter((char) bytes[i])) {
                return false;
            }
        }
        return true;
    }

    /** The route of the node that holds the value, as far as the marker has it: untrusted text, for messages. */
    public static String route(byte[] marker) {
        return Epoch.routeOf(new String(marker, 1, marker.length - 1, US_ASCII));
    }
}
