package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.DefaultClassResolver;
import com.esotericsoftware.kryo.util.IdentityObjectIntMap;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import dev.holdfast.codec.policy.NotStorableException;
import dev.holdfast.codec.policy.StorableClasses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Classes of one graph as small numbers: odd ones for types known to every node, even ones for the entries of a table
 * that stands before the graph and says each class's name and fields once.
 *
 * <p>Implementation note: the table comes first, so that a reader may skip a field in which a class appears for the
 * first time. A class is looked up when a value of it is read, not when the table is: a class that no longer exists
 * harms only if something still needs it.
 */
final class ClassTable extends DefaultClassResolver {
    /** One line of the table as read. */
    private static final class Entry {
        final String className;
        final String[] fieldNames;
        final byte[] fieldKinds;

        @Nullable
        Registration registration;

        Entry(String className, String[] fieldNames, byte[] fieldKinds) {
            this.className = className;
            this.fieldNames = fieldNames;
            this.fieldKinds = fieldKinds;
        }
    }

    private final StorableClasses shapes;
    private final IdentityObjectIntMap<Class<?>> writtenNumbers = new IdentityObjectIntMap<>();
    private final List<Registration> writtenClasses = new ArrayList<>();
    private Entry[] entries = new Entry[0];

    ClassTable(StorableClasses shapes) {
        this.shapes = shapes;
    }

    @Override
    @SuppressWarnings("rawtypes") // Kryo's signature
    public @Nullable Registration writeClass(Output output, @Nullable Class type) {
        if (type == null) {
            output.writeByte(Kryo.NULL);
            return null;
        }
        Registration registration = kryo.getRegistration(type);
        output.writeVarInt(code(registration), true);
        return registration;
    }

    private int code(Registration registration) {
        if (registration.getId() != NAME) {
            return (registration.getId() << 1) | 1;
        }
        Class<?> type = registration.getType();
        int number = writtenNumbers.get(type, -1);
        if (number < 0) {
            number = writtenClasses.size();
            writtenNumbers.put(type, number);
            writtenClasses.add(registration);
        }
        return (number + 1) << 1;
    }

    void writeTable(Output output) {
        output.writeVarInt(writtenClasses.size(), true);
        for (Registration registration : writtenClasses) {
            output.writeString(registration.getType().getName());
            if (registration.getSerializer() instanceof FieldsSerializer fields) {
                fields.writeFields(output);
            } else {
                output.writeVarInt(0, true);
            }
        }
    }

    void readTable(GuardedInput input) {
        entries = new Entry[input.readLength()];
        for (int i = 0; i < entries.length; i++) {
            String className = input.readString();
            int fields = input.readLength();
            String[] names = new String[fields];
            byte[] kinds = new byte[fields];
            for (int field = 0; field < fields; field++) {
                kinds[field] = input.readByte();
                names[field] = input.readString();
            }
            if (className == null || Arrays.asList(names).contains(null)) {
                throw new MalformedBytesException("its table of classes is incomplete");
            }
            entries[i] = new Entry(className, names, kinds);
        }
    }

    @Override
    public @Nullable Registration readClass(Input input) {
        int code = input.readVarInt(true);
        if (code == Kryo.NULL) {
            return null;
        }
        if ((code & 1) == 1) {
            return known(code);
        }
        int number = (code >>> 1) - 1;
        if (number >= entries.length) {
            throw new MalformedBytesException("it names a class that is not in its table");
        }
        Entry entry = entries[number];
        if (entry.registration == null) {
            entry.registration = resolve(entry);
        }
        return entry.registration;
    }

    private Registration resolve(Entry entry) {
        Class<?> type = shapes.load(entry.className);
        Registration registration;
        try {
            registration = kryo.getRegistration(type);
        } catch (NotKryoSafeException | NotStorableException e) {
            throw new MalformedBytesException("class " + entry.className
                    + " was stored by its fields, which this version of it does not allow (it has its own form"
                    + " of serialization, or none)");
        }
        if (registration.getId() != NAME || registration.getType() != type) {
            throw new MalformedBytesException(
                    "class " + entry.className + " is stored in another way than this version of Holdfast does");
        }
        if (registration.getSerializer() instanceof FieldsSerializer fields) {
            fields.expect(entry.fieldNames, entry.fieldKinds);
        } else if (entry.fieldNames.length > 0) {
            throw new MalformedBytesException(
                    "class " + entry.className + " was stored by its fields and no longer can be");
        }
        return registration;
    }

    /**
     * Reads the class of a value that is to be left out, without looking it up: its type if every node knows it, else
     * null.
     */
    @Nullable
    Registration peekClass(Input input) {
        int code = input.readVarInt(true);
        return (code & 1) == 1 ? known(code) : null;
    }

    private Registration known(int code) {
        Registration registration = getRegistration(code >>> 1);
        if (registration == null) {
            throw new MalformedBytesException("it holds a type that only a newer version of Holdfast knows");
        }
        return registration;
    }

    @Override
    public void reset() {
        writtenNumbers.clear();
        writtenClasses.clear();
        entries = new Entry[0];
    }
}
