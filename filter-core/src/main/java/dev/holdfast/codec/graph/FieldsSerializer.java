package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import dev.holdfast.codec.policy.NotStorableException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An object or record of the application by its fields, found again by name: fields may come and go between two
 * versions of the class, in both directions, and numbers may change their type if nothing is lost.
 *
 * <p>Implementation note: Kryo's own CompatibleFieldSerializer skips a field it does not know without counting the
 * objects in it, so that later references mean other objects, and its RecordSerializer knows no versions at all.
 */
final class FieldsSerializer extends Serializer<Object> {
    private final Class<?> type;
    private final Field[] fields;
    private final byte[] kinds;
    private final String[] names;
    private final Instantiator newObject;

    /** For each stored field the index of ours, or -1; valid while one graph is read. */
    private int[] expected = new int[0];

    private byte[] expectedKinds = new byte[0];

    FieldsSerializer(Class<?> type, List<Field> fields, Instantiator newObject) {
        this.type = type;
        this.fields = fields.toArray(Field[]::new);
        this.newObject = newObject;
        this.kinds = new byte[this.fields.length];
        this.names = new String[this.fields.length];
        for (int i = 0; i < this.fields.length; i++) {
            Field field = this.fields[i];
            kinds[i] = FieldKind.of(field.getType());
            names[i] = field.getDeclaringClass() == type
                    ? field.getName()
                    : field.getDeclaringClass().getSimpleName() + "." + field.getName();
        }
    }

    /** Writes this class's part of the table of classes. */
    void writeFields(Output output) {
        output.writeVarInt(fields.length, true);
        for (int i = 0; i < fields.length; i++) {
            output.writeByte(kinds[i]);
            output.writeString(names[i]);
        }
    }

    /** Takes over what the table of classes says about this class in the graph that is about to be read. */
    void expect(String[] storedNames, byte[] storedKinds) {
        int[] indices = new int[storedNames.length];
        for (int i = 0; i < storedNames.length; i++) {
            // Mostly nothing has changed since.
            boolean same = i < names.length && names[i].equals(storedNames[i]);
            indices[i] = same ? i : Arrays.asList(names).indexOf(storedNames[i]);
        }
        expected = indices;
        expectedKinds = storedKinds;
    }

    @Override
    public void write(Kryo kryo, Output output, Object object) {
        GraphKryo graph = (GraphKryo) kryo;
        GraphReferences references = graph.references();
        if (type.isRecord()) {
            references.unfinished(object);
        }
        for (int i = 0; i < fields.length; i++) {
            try {
                writeField(graph, output, object, i);
            } catch (NotStorableException e) {
                throw e.in(fields[i].getName());
            } catch (IllegalAccessException e) {
                throw new NotKryoSafeException(type.getName());
            }
        }
        if (type.isRecord()) {
            references.finished();
        }
    }

    private void writeField(GraphKryo kryo, Output output, Object object, int index) throws IllegalAccessException {
        Field field = fields[index];
        switch (kinds[index]) {
            case 'Z' -> output.writeBoolean(field.getBoolean(object));
            case 'B' -> output.writeByte(field.getByte(object));
            case 'C' -> output.writeChar(field.getChar(object));
            case 'S' -> output.writeShort(field.getShort(object));
            case 'I' -> output.writeVarInt(field.getInt(object), false);
            case 'J' -> output.writeVarLong(field.getLong(object), false);
            case 'F' -> output.writeFloat(field.getFloat(object));
            case 'D' -> output.writeDouble(field.getDouble(object));
            default -> writeObject(kryo, output, field.get(object));
        }
    }

    private static void writeObject(GraphKryo kryo, Output output, @Nullable Object value) {
        if (value == null) {
            output.writeByte(Kryo.NULL);
            return;
        }
        Registration registration = kryo.writeClass(output, value.getClass());
        Serializer<Object> serializer = GraphKryo.serializer(registration);
        if (kryo.isLeaf(registration)) {
            kryo.writeObject(output, value, serializer);
            return;
        }
        GraphReferences references = kryo.references();
        int start = output.position();
        int before = references.writtenCount();
        kryo.writeObject(output, value, serializer);
        FieldFrame.insert(output, start, references.writtenCount() - before);
    }

    @Override
    public Object read(Kryo kryo, Input input, Class<? extends Object> ignored) {
        int[] indices = expected;
        byte[] storedKinds = expectedKinds;
        GraphKryo graph = (GraphKryo) kryo;
        GuardedInput guarded = (GuardedInput) input;
        if (type.isRecord()) {
            return readRecord(graph, guarded, indices, storedKinds);
        }
        Object object = newObject.create();
        kryo.reference(object);
        for (int i = 0; i < indices.length; i++) {
            int index = indices[i];
            if (index < 0) {
                skip(graph, guarded, storedKinds[i]);
            } else if (storedKinds[i] == kinds[index] && kinds[index] != FieldKind.OBJECT) {
                readPrimitive(guarded, object, index);
            } else {
                set(object, index, readValue(graph, guarded, storedKinds[i], index));
            }
        }
        return object;
    }

    private Object readRecord(GraphKryo kryo, GuardedInput input, int[] indices, byte[] storedKinds) {
        @Nullable Object[] values = new @Nullable Object[fields.length];
        for (int i = 0; i < fields.length; i++) {
            values[i] = FieldKind.fit(null, fields[i].getType());
        }
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0) {
                skip(kryo, input, storedKinds[i]);
            } else {
                values[indices[i]] = readValue(kryo, input, storedKinds[i], indices[i]);
            }
        }
        return newObject.create(names, values);
    }

    private @Nullable Object readValue(GraphKryo kryo, GuardedInput input, byte storedKind, int index) {
        try {
            Object value = storedKind == FieldKind.OBJECT
                    ? readObject(kryo, input)
                    : FieldKind.readPrimitive(storedKind, input);
            return FieldKind.fit(value, fields[index].getType());
        } catch (MalformedBytesException e) {
            throw e.in(type, fields[index].getName());
        }
    }

    private static @Nullable Object readObject(GraphKryo kryo, GuardedInput input) {
        Registration registration = kryo.readClass(input);
        if (registration == null) {
            return null;
        }
        Serializer<Object> serializer = GraphKryo.serializer(registration);
        if (kryo.isLeaf(registration)) {
            return kryo.readObject(input, GraphKryo.type(registration), serializer);
        }
        FieldFrame frame = FieldFrame.read(input);
        int end = input.position() + frame.length();
        Object value = kryo.readObject(input, GraphKryo.type(registration), serializer);
        if (input.position() != end) {
            throw new MalformedBytesException("the length of a field is wrong");
        }
        return value;
    }

    private static void skip(GraphKryo kryo, GuardedInput input, byte storedKind) {
        if (storedKind != FieldKind.OBJECT) {
            FieldKind.readPrimitive(storedKind, input);
            return;
        }
        int start = input.position();
        if (input.readVarInt(true) == Kryo.NULL) {
            return;
        }
        input.setPosition(start);
        Registration known = kryo.classes().peekClass(input);
        if (known != null && kryo.isLeaf(known)) {
            kryo.readObject(input, GraphKryo.type(known), GraphKryo.serializer(known));
            return;
        }
        FieldFrame frame = FieldFrame.read(input);
        kryo.references().skip(frame.objects(), start);
        input.setPosition(input.position() + frame.length());
    }

    private void readPrimitive(Input input, Object object, int index) {
        Field field = fields[index];
        try {
            switch (kinds[index]) {
                case 'Z' -> field.setBoolean(object, input.readBoolean());
                case 'B' -> field.setByte(object, input.readByte());
                case 'C' -> field.setChar(object, input.readChar());
                case 'S' -> field.setShort(object, input.readShort());
                case 'I' -> field.setInt(object, input.readVarInt(false));
                case 'J' -> field.setLong(object, input.readVarLong(false));
                case 'F' -> field.setFloat(object, input.readFloat());
                default -> field.setDouble(object, input.readDouble());
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // it was made accessible
        }
    }

    private void set(Object object, int index, @Nullable Object value) {
        try {
            fields[index].set(object, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // it was made accessible
        }
    }
}
