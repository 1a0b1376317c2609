package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.io.Input;
import dev.holdfast.codec.policy.MalformedBytesException;

/**
 * Input that lets nobody allocate for more elements than there are bytes.
 *
 * <p>Implementation note: each element of a collection, array or string takes at least one byte of its own, so the sum
 * of all lengths claimed anywhere in one value is at most its size. Checking each length alone would let nested arrays
 * claim the whole rest once per level.
 */
final class GuardedInput extends Input {
    private int unclaimed;

    GuardedInput(byte[] bytes, int offset, int count) {
        super(bytes, offset, count);
        unclaimed = count;
    }

    /** Reads the number of elements of something and claims it. */
    int readLength() {
        int length = readVarInt(true);
        claim(length);
        return length;
    }

    void claim(int length) {
        if (length < 0 || length > unclaimed) {
            throw new MalformedBytesException("it claims more elements than it has bytes");
        }
        unclaimed -= length;
    }

    int remaining() {
        return limit - position;
    }

    @Override
    public byte[] readBytes(int length) {
        claim(length);
        return super.readBytes(length);
    }

    @Override
    public int[] readInts(int length) {
        claim(length);
        return super.readInts(length);
    }

    @Override
    public int[] readInts(int length, boolean optimizePositive) {
        claim(length);
        return super.readInts(length, optimizePositive);
    }

    @Override
    public long[] readLongs(int length) {
        claim(length);
        return super.readLongs(length);
    }

    @Override
    public long[] readLongs(int length, boolean optimizePositive) {
        claim(length);
        return super.readLongs(length, optimizePositive);
    }

    @Override
    public float[] readFloats(int length) {
        claim(length);
        return super.readFloats(length);
    }

    @Override
    public double[] readDoubles(int length) {
        claim(length);
        return super.readDoubles(length);
    }

    @Override
    public short[] readShorts(int length) {
        claim(length);
        return super.readShorts(length);
    }

    @Override
    public char[] readChars(int length) {
        claim(length);
        return super.readChars(length);
    }

    @Override
    public boolean[] readBooleans(int length) {
        claim(length);
        return super.readBooleans(length);
    }

    @Override
    public String readString() {
        claimText();
        return super.readString();
    }

    @Override
    public StringBuilder readStringBuilder() {
        claimText();
        return super.readStringBuilder();
    }

    /** Looks ahead at the length, for which Kryo would allocate first. */
    private void claimText() {
        int start = position;
        if (readVarIntFlag()) {
            int charsPlusOne = readVarIntFlag(true);
            if (charsPlusOne != 0) {
                claim(charsPlusOne - 1);
            }
            position = start;
        }
    }
}
