package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.KryoException;
import dev.holdfast.codec.policy.MalformedBytesException;
import org.jspecify.annotations.Nullable;

/** Of which class a stored graph is, read off its bytes: no class is looked up, and nothing of the graph is made. */
public final class RootClass {
    private RootClass() {}

    /**
     * The name that stands in the bytes, which others may have written.
     *
     * @return null if the bytes do not say it
     */
    public static @Nullable String nameIn(byte[] bytes, int offset) {
        try {
            GuardedInput input = new GuardedInput(bytes, offset, bytes.length - offset);
            String[] classes = new String[input.readLength()];
            for (int i = 0; i < classes.length; i++) {
                classes[i] = input.readString();
                int fields = input.readLength();
                for (int field = 0; field < fields; field++) {
                    input.skip(1); // its kind
                    String ignored = input.readString();
                }
            }
            int code = input.readVarInt(true);
            if ((code & 1) == 1) {
                return KnownTypes.nameOf(code >>> 1);
            }
            int entry = (code >>> 1) - 1;
            return entry >= 0 && entry < classes.length ? classes[entry] : null;
        } catch (MalformedBytesException | KryoException damaged) {
            return null;
        }
    }
}
