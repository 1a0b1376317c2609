package dev.holdfast.session.copy;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Half of the SHA-256 of encoded bytes, for equality only.
 *
 * <p>Strong, because an equal fingerprint decides that a change is not written; short, because a node holds one for
 * each attribute.
 */
public record Fingerprint(long high, long low) {
    public static Fingerprint of(byte[] bytes) {
        ByteBuffer digest = ByteBuffer.wrap(sha256().digest(bytes));
        return new Fingerprint(digest.getLong(), digest.getLong());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which every Java must have", e);
        }
    }
}
