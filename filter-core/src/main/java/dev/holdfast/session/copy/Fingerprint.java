package dev.holdfast.session.copy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;

/**
 * Half of the SHA-256 of encoded bytes, for equality, and how many they are.
 *
 * <p>Strong, because an equal fingerprint decides that a change is not written; short, because a node holds one for
 * each attribute.
 */
public record Fingerprint(long high, long low, int length) {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Finding and making one costs more than a small value does. An object of the JDK, which keeps no class loader. */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Fingerprint::sha256);

    public static Fingerprint of(byte[] bytes) {
        MessageDigest sha256 = SHA_256.get();
        sha256.reset(); // whatever an Error has left behind
        byte[] digest = sha256.digest(bytes);
        return new Fingerprint((long) LONG.get(digest, 0), (long) LONG.get(digest, Long.BYTES), bytes.length);
    }

    /** The JDK's own first: one that an application has put in front of it would stay with the thread. */
    private static MessageDigest sha256() {
        Provider own = Security.getProvider("SUN");
        try {
            return own != null ? MessageDigest.getInstance("SHA-256", own) : MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java has no SHA-256, which every Java must have", e);
        }
    }
}
