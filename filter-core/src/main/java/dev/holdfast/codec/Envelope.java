package dev.holdfast.codec;

import dev.holdfast.codec.policy.MalformedBytesException;
import java.util.zip.CRC32C;

/**
 * What stands before each value: one byte for the format, four of checksum.
 *
 * <pre>
 * offset  length  content
 * 0       1       high half: number of the format, 1; low half: 0 = Kryo, 1 = JDK serialization;
 *                          2 = no value, but a marker that it stays on a node: without checksum, see LocalMarker
 * 1       4       CRC-32C over byte 0 and all bytes from 5 on, big-endian
 * 5       n       the value
 * </pre>
 *
 * <p>A value by Kryo is the table of its classes and then the object, all integers as Kryo's variable-length ones:
 *
 * <pre>
 * table   := count, entry*                 a class that not every node knows, in the order of first use
 * entry   := class name, fields, field*    no fields for enums and arrays
 * field   := kind, name                    kind: ZBCSIJFD as in class files, L for anything else; name: "field",
 *                                          or "Class.field" of a super class by its simple name
 * object  := 0                             null
 *          | 2i+1, [reference], value      type i of KnownTypes
 *          | 2i+2, [reference], value      entry i of the table, counted from 0
 * reference := 1                           met first; it gets the next number, from 0
 *          | n+2                           object n again; no value follows. Values without identity have no reference
 * value of an object or record := for each field of its entry: the primitive, or an object, which has after its first
 *          number, unless it is null or a leaf of KnownTypes: length of the rest in bytes, how many numbers are given
 *          in it
 * </pre>
 *
 * <p>The checksum finds accidents. Against forgers there are the class policy, the limits, and encryption.
 */
final class Envelope {
    static final int SIZE = 5;
    static final int KRYO = 0;
    static final int JDK = 1;
    private static final int FORMAT = 1;

    private Envelope() {}

    /** Fills the first {@link #SIZE} bytes. */
    static void seal(byte[] bytes, int way) {
        bytes[0] = (byte) ((FORMAT << 4) | way);
        int checksum = checksum(bytes);
        for (int i = 0; i < 4; i++) {
            bytes[1 + i] = (byte) (checksum >>> (24 - 8 * i));
        }
    }

    /**
     * Checks the envelope and tells the way in which the value was written.
     *
     * @throws MalformedBytesException if it is not whole, or of a format of the future
     */
    static int open(byte[] bytes, int maxSize) {
        if (bytes.length <= SIZE) {
            throw new MalformedBytesException("it is cut off after " + bytes.length + " bytes");
        }
        if (bytes.length > maxSize) {
            throw new MalformedBytesException("it has " + bytes.length + " bytes, more than " + maxSize);
        }
        int stored = 0;
        for (int i = 0; i < 4; i++) {
            stored = (stored << 8) | (bytes[1 + i] & 0xff);
        }
        if (stored != checksum(bytes)) {
            throw new MalformedBytesException("its checksum is wrong, so the stored bytes were damaged");
        }
        int way = bytes[0] & 0xf;
        if ((bytes[0] & 0xff) >>> 4 != FORMAT || way > JDK) {
            throw new MalformedBytesException("its format " + (bytes[0] & 0xff) + " is of another version of Holdfast");
        }
        return way;
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, 1);
        crc.update(bytes, SIZE, bytes.length - SIZE);
        return (int) crc.getValue();
    }
}
