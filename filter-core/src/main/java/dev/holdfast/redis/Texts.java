package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Text as Redis has it. */
final class Texts {
    private Texts() {}

    static String of(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
