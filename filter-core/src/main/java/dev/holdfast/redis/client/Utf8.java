package dev.holdfast.redis.client;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Text as Redis has it. */
public final class Utf8 {
    private Utf8() {}

    public static String of(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    public static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
