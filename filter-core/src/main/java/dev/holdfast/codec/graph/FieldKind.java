package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.io.Input;
import dev.holdfast.codec.policy.MalformedBytesException;
import java.lang.reflect.Array;
import org.jspecify.annotations.Nullable;

/**
 * How a field's value is written, by one letter in the table of classes, and what of it another version of the class
 * can use.
 *
 * <p>The letters are those of class files: a primitive, or {@code L} for anything with a class of its own.
 */
final class FieldKind {
    static final byte OBJECT = 'L';

    private FieldKind() {}

    static byte of(Class<?> fieldType) {
        return fieldType.isPrimitive() ? (byte) fieldType.descriptorString().charAt(0) : OBJECT;
    }

    static Object readPrimitive(byte kind, Input input) {
        return switch (kind) {
            case 'Z' -> input.readBoolean();
            case 'B' -> input.readByte();
            case 'C' -> input.readChar();
            case 'S' -> input.readShort();
            case 'I' -> input.readVarInt(false);
            case 'J' -> input.readVarLong(false);
            case 'F' -> input.readFloat();
            case 'D' -> input.readDouble();
            default -> throw new MalformedBytesException("it holds a field of an unknown kind");
        };
    }

    static Object zeroOf(Class<?> primitive) {
        return Array.get(Array.newInstance(primitive, 1), 0);
    }

    /**
     * Makes a stored value fit a field whose type may have changed: numbers become other numbers if nothing is lost.
     *
     * @throws MalformedBytesException if it cannot fit
     */
    static @Nullable Object fit(@Nullable Object value, Class<?> fieldType) {
        if (value == null) {
            return fieldType.isPrimitive() ? zeroOf(fieldType) : null;
        }
        if (fieldType.isInstance(value)) {
            return value;
        }
        Class<?> wanted = fieldType.isPrimitive() ? zeroOf(fieldType).getClass() : fieldType;
        if (wanted.isInstance(value)) {
            return value;
        }
        if (value instanceof Number number && isPrimitiveNumber(number.getClass())) {
            Object converted = convert(number, wanted);
            if (converted != null) {
                return converted;
            }
        }
        throw new MalformedBytesException(
                "a stored " + value.getClass().getName() + " does not fit its type " + fieldType.getName());
    }

    private static boolean isPrimitiveNumber(Class<?> type) {
        return type == Byte.class
                || type == Short.class
                || type == Integer.class
                || type == Long.class
                || type == Float.class
                || type == Double.class;
    }

    private static @Nullable Object convert(Number value, Class<?> wanted) {
        Number converted;
        if (wanted == Byte.class) {
            converted = value.byteValue();
        } else if (wanted == Short.class) {
            converted = value.shortValue();
        } else if (wanted == Integer.class) {
            converted = value.intValue();
        } else if (wanted == Long.class) {
            converted = value.longValue();
        } else if (wanted == Float.class) {
            converted = value.floatValue();
        } else if (wanted == Double.class) {
            converted = value.doubleValue();
        } else {
            return null;
        }
        boolean same = converted.longValue() == value.longValue()
                && (Double.compare(converted.doubleValue(), value.doubleValue()) == 0);
        return same ? converted : null;
    }
}
