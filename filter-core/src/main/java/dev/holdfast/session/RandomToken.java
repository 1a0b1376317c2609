package dev.holdfast.session;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * Sixteen random bytes as 22 characters of URL-safe base64: marks, stamps, internal ids and generations.
 *
 * <p>They are always drawn by a node, never in Redis: {@code math.random} of Lua is seeded alike in every script run.
 */
public final class RandomToken {
    /** Length of a token in characters. */
    public static final int LENGTH = 22;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private RandomToken() {}

    /** A token that was never drawn before. Safe for use by many threads. */
    public static String next() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return ENCODER.encodeToString(bytes);
    }

    static boolean isToken(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            if (!isTokenCharacter(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
