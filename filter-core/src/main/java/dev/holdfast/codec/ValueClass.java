package dev.holdfast.codec;

import dev.holdfast.codec.graph.RootClass;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.session.Shown;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.ObjectStreamConstants;
import org.jspecify.annotations.Nullable;

/**
 * Of which class a stored value is, for people: read off its bytes, which may be anybody's. No class is looked up, and
 * no object is made.
 */
public final class ValueClass {
    private ValueClass() {}

    /** The name of its class as far as the bytes say it, else why they do not, in parentheses. */
    public static String shown(byte[] stored) {
        int way;
        try {
            way = Envelope.open(stored, Integer.MAX_VALUE);
        } catch (MalformedBytesException e) {
            return "(unreadable: " + Shown.text(e.reason()) + ")";
        }
        String name = way == Envelope.JDK ? nameInStream(stored) : RootClass.nameIn(stored, Envelope.SIZE);
        return name == null ? "(unreadable)" : Shown.text(name);
    }

    /** What a stream of the JDK begins with, as the Java Object Serialization Specification has it in its chapter 6. */
    private static @Nullable String nameInStream(byte[] stored) {
        int offset = Envelope.SIZE;
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(stored, offset, stored.length - offset))) {
            if (in.readShort() != ObjectStreamConstants.STREAM_MAGIC
                    || in.readShort() != ObjectStreamConstants.STREAM_VERSION) {
                return null;
            }
            byte content = in.readByte();
            if (content == ObjectStreamConstants.TC_STRING || content == ObjectStreamConstants.TC_LONGSTRING) {
                return String.class.getName();
            }
            if (content != ObjectStreamConstants.TC_OBJECT
                    && content != ObjectStreamConstants.TC_ENUM
                    && content != ObjectStreamConstants.TC_ARRAY) {
                return null;
            }
            return switch (in.readByte()) {
                case ObjectStreamConstants.TC_CLASSDESC -> in.readUTF();
                case ObjectStreamConstants.TC_PROXYCLASSDESC -> "(proxy)";
                default -> null;
            };
        } catch (IOException cutOff) {
            return null;
        }
    }
}
