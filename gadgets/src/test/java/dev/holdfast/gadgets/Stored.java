package dev.holdfast.gadgets;

import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.Set;
import java.util.zip.CRC32C;

/** Values as whoever may write to Redis puts them there: docs/attribute-format.md says how they look. */
final class Stored {
    static final int BY_KRYO = 0x10;
    static final int BY_JDK = 0x11;

    private static final int ENVELOPE = 5;
    private static final int FIRST_BUFFER = 1024;

    private Stored() {}

    /** An envelope around a stream of JDK serialization. */
    static byte[] byJdk(byte[] stream) {
        return sealed(BY_JDK, stream);
    }

    /** A value by Kryo that names the class and says nothing of its fields. */
    static byte[] byKryoNaming(String className) {
        try (Output output = new Output(FIRST_BUFFER, -1)) {
            output.writeVarInt(1, true); // one class in the table
            output.writeString(className);
            output.writeVarInt(0, true); // without fields
            output.writeVarInt(2, true); // an object of the first class
            output.writeVarInt(1, true); // met first
            return sealed(BY_KRYO, output.toBytes());
        }
    }

    private static byte[] sealed(int format, byte[] value) {
        CRC32C checksum = new CRC32C();
        checksum.update(format);
        checksum.update(value);
        return ByteBuffer.allocate(ENVELOPE + value.length)
                .put((byte) format)
                .putInt((int) checksum.getValue())
                .put(value)
                .array();
    }

    /** What the JDK writes. */
    static byte[] stream(Object graph) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(graph);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads as the JDK does without any filter.
     *
     * @param named takes the names of the classes in the stream
     */
    static Object readPlainly(byte[] stream, ClassLoader loader, Set<String> named)
            throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(stream)) {
            @Override
            protected Class<?> resolveClass(ObjectStreamClass description) throws ClassNotFoundException {
                named.add(description.getName());
                return Class.forName(description.getName(), false, loader);
            }

            @Override
            @SuppressWarnings("deprecation") // as ObjectInputStream does it
            protected Class<?> resolveProxyClass(String[] interfaces) throws ClassNotFoundException {
                Class<?>[] types = new Class<?>[interfaces.length];
                for (int i = 0; i < interfaces.length; i++) {
                    named.add(interfaces[i]);
                    types[i] = Class.forName(interfaces[i], false, loader);
                }
                return Proxy.getProxyClass(loader, types);
            }
        }) {
            return in.readObject();
        }
    }

    /**
     * A codec that is the product's but for its class policy, which allows everything. Nobody can have it: it is made
     * to show what the policy alone keeps from happening.
     */
    static KryoCodec trusting(ClassLoader application) {
        ClassPolicy policy = ClassPolicy.strict(ClassPatterns.NONE, name -> true);
        Forge.set(policy, "known", new Everything<String>());
        KryoCodec codec = new KryoCodec(application, policy, line -> {});
        Forge.set(get(codec, "shapes"), "lookedAbove", new Everything<Class<?>>());
        return codec;
    }

    private static Object get(Object target, String name) {
        try {
            Field field = target.getClass().getDeclaredField(name);
            field.setAccessible(true);
            return field.get(target);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    private static final class Everything<T> extends AbstractSet<T> {
        @Override
        public boolean contains(Object element) {
            return true;
        }

        @Override
        public boolean add(T element) {
            return false;
        }

        @Override
        public Iterator<T> iterator() {
            return Collections.emptyIterator();
        }

        @Override
        public int size() {
            return 0;
        }
    }

    static boolean isByKryo(byte[] value) {
        return value[0] == BY_KRYO;
    }
}
