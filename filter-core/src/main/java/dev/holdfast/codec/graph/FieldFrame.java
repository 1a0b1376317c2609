package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;

/**
 * What stands before the value of a field, so that a version of the class without that field can leave it out.
 *
 * @param length bytes of the value after this frame
 * @param objects how many objects of the graph it holds
 */
record FieldFrame(int length, int objects) {
    static FieldFrame read(GuardedInput input) {
        int length = input.readVarInt(true);
        int objects = input.readVarInt(true);
        // Each object takes a byte at least; a larger count would only make the reader allocate.
        if (length < 0 || length > input.remaining() || objects < 0 || objects > length) {
            throw new MalformedBytesException("the length of a field is wrong");
        }
        return new FieldFrame(length, objects);
    }

    /** Puts the frame of what was written since {@code start} before it. */
    static void insert(Output output, int start, int objects) {
        int end = output.position();
        int length = end - start;
        output.writeVarInt(length, true);
        output.writeVarInt(objects, true);
        int frame = output.position() - end;
        byte[] moved = new byte[frame];
        byte[] buffer = output.getBuffer();
        System.arraycopy(buffer, end, moved, 0, frame);
        System.arraycopy(buffer, start, buffer, start + frame, length);
        System.arraycopy(moved, 0, buffer, start, frame);
    }
}
