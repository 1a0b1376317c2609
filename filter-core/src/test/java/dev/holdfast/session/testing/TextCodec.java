package dev.holdfast.session.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.session.AttributeCodec;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;

/**
 * Texts as their characters behind a letter for their type. A text that begins with {@code damaged} cannot be read, one
 * that begins with {@code large} not now.
 */
public final class TextCodec implements AttributeCodec {
    /** A value that can never be encoded. */
    public static final Object UNENCODABLE = new Object();

    /** A value that is too large at any moment. */
    public static final Object HUGE = new Object();

    /** A value whose encoding fails in a way that nobody planned. */
    public static final Object BROKEN = new Object();

    /** A value that cannot be stored for its class, until somebody says that it can. */
    public static final class Socket {
        private final String text;
        public boolean isStorable;

        public Socket(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Whether the JVM has no room for large texts. */
    public boolean isMemoryShort;

    @Override
    public void check(String attribute, Object value) {
        if (!(value instanceof CharSequence)) {
            throw new IllegalArgumentException(attribute);
        }
    }

    @Override
    public byte[] encode(String attribute, Object value) throws UnencodableAttributeException {
        if (value == BROKEN) {
            throw new AssertionError("on purpose");
        }
        if (value == HUGE) {
            throw UnencodableAttributeException.ofSize("Attribute \"" + attribute + "\" is too large.", null);
        }
        if (value instanceof Socket socket) {
            if (socket.isStorable) {
                return ("S" + value).getBytes(UTF_8);
            }
            throw UnencodableAttributeException.ofClass(
                    "Socket",
                    () -> "Attribute \"" + attribute + "\" holds Socket, which is not serializable.",
                    new IllegalStateException());
        }
        if (value instanceof StringBuilder && value.toString().contains("+socket")) {
            throw UnencodableAttributeException.ofClass(
                    "Socket",
                    () -> "Attribute \"" + attribute + "\" holds Socket inside.",
                    new IllegalStateException());
        }
        if (!(value instanceof CharSequence)) {
            throw new UnencodableAttributeException("Attribute \"" + attribute + "\" cannot be stored.", null);
        }
        return ((value instanceof StringBuilder ? "B" : "S") + value).getBytes(UTF_8);
    }

    @Override
    public Object decode(String attribute, byte[] bytes) throws UnreadableAttributeException {
        String text = new String(bytes, UTF_8).substring(1);
        if (text.startsWith("damaged")) {
            throw new UnreadableAttributeException("Attribute \"" + attribute + "\" cannot be read.", null);
        }
        if (text.startsWith("large") && isMemoryShort) {
            throw new OutOfMemoryError("in a test");
        }
        return bytes[0] == 'B' ? mutable(text) : text;
    }

    @Override
    public boolean isImmutable(Object value) {
        return value instanceof String;
    }

    /** A value that is changed in place. */
    public static StringBuilder mutable(String text) {
        return new StringBuilder(text);
    }
}
