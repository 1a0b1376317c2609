package dev.holdfast.codec;

import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import dev.holdfast.codec.policy.StorableClasses;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InvalidClassException;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whole attributes by JDK serialization, under the same policy and limits in both directions. */
final class JdkSerialization {
    /** Class.forName knows them by no name. */
    private static final Map<String, Class<?>> PRIMITIVES = Stream.of(
                    boolean.class,
                    byte.class,
                    char.class,
                    short.class,
                    int.class,
                    long.class,
                    float.class,
                    double.class,
                    void.class)
            .collect(Collectors.toUnmodifiableMap(Class::getName, type -> type));

    private static final int FIRST_BUFFER = 1024;

    /** Far beyond what the stack of a request's thread allows; the exhausted stack itself is caught. */
    private static final int MAX_DEPTH = 10_000;

    /** A hash table may be several times larger than the elements in it. */
    private static final int TABLE_FACTOR = 8;

    private static final int SMALL_ARRAY = 1024;

    private final StorableClasses shapes;
    private final int maxSize;

    JdkSerialization(StorableClasses shapes, int maxSize) {
        this.shapes = shapes;
        this.maxSize = maxSize;
    }

    /**
     * Writes a graph behind so many free bytes.
     *
     * @param longestBytes of an array of bytes that may be in it
     * @throws NotStorableException if the policy does not allow a class of it
     * @throws IOException as {@link ObjectOutputStream} throws it
     */
    byte[] write(Object root, int free, int longestBytes) throws IOException {
        Output output = new Output(FIRST_BUFFER, maxSize);
        output.setPosition(free);
        try (CheckedOutput stream = new CheckedOutput(output, longestBytes)) {
            stream.writeObject(root);
        }
        return output.toBytes();
    }

    /**
     * Reads a graph.
     *
     * @param longestBytes of an array of bytes that may be in it
     * @throws MalformedBytesException if the bytes do not follow the policy or the limits
     * @throws IOException as {@link ObjectInputStream} throws it
     * @throws ClassNotFoundException never: a missing class is a {@link MalformedBytesException}
     */
    Object read(byte[] bytes, int offset, int longestBytes) throws IOException, ClassNotFoundException {
        int size = bytes.length - offset;
        Limits limits = new Limits(size, longestBytes);
        try (CheckedInput stream = new CheckedInput(new ByteArrayInputStream(bytes, offset, size), limits)) {
            Object root = stream.readObject();
            if (root == null || stream.read() >= 0) {
                throw new MalformedBytesException("it does not end where it should");
            }
            return root;
        } catch (InvalidClassException e) {
            if (limits.longBytes) {
                throw new MalformedBytesException(
                        "it holds an array of bytes, which Faces would deserialize outside the class policy");
            }
            throw e;
        }
    }

    private final class CheckedOutput extends ObjectOutputStream {
        private final Set<String> superClasses = new HashSet<>();
        private final int longestBytes;
        private boolean annotations;

        CheckedOutput(OutputStream out, int longestBytes) throws IOException {
            super(out);
            this.longestBytes = longestBytes;
            if (longestBytes != FacesState.ANY) {
                enableReplaceObject(true);
            }
        }

        /** Called for each object, arrays among them, but where the length of arrays has no limit. */
        @Override
        protected Object replaceObject(Object object) {
            if (object instanceof byte[] array && array.length > longestBytes) {
                throw NotStorableException.bytesOfViews(array.getClass().getName());
            }
            return object;
        }

        /** Called once for each class that the reader will have to load. */
        @Override
        protected void annotateClass(Class<?> type) {
            if (!superClasses.contains(type.getName()) && !isForm(type.getName(), annotations)) {
                shapes.requireReadable(type);
            }
            addSuperClasses(type, superClasses);
        }

        @Override
        protected void annotateProxyClass(Class<?> type) {
            shapes.requireProxy(type);
            annotations |= isAnnotation(type);
            addSuperClasses(type, superClasses);
        }
    }

    /**
     * Whether the JDK itself writes the class for something else. A lambda: with it stands the class that made it,
     * which is looked up as any other, and which alone makes it again. An annotation: its handler, behind a proxy whose
     * one interface is an annotation that was looked up.
     */
    private boolean isForm(String className, boolean annotations) {
        return (className.equals(StorableClasses.LAMBDA_FORM) && shapes.allowsLambdas())
                || (annotations && className.equals(StorableClasses.ANNOTATION_HANDLER));
    }

    private static boolean isAnnotation(Class<?> proxy) {
        Class<?>[] interfaces = proxy.getInterfaces();
        return interfaces.length == 1 && interfaces[0].isAnnotation();
    }

    /** An allowed class brings its super classes. */
    private static void addSuperClasses(Class<?> type, Set<String> names) {
        for (Class<?> level = type.getSuperclass(); level != null; level = level.getSuperclass()) {
            names.add(level.getName());
        }
    }

    private final class CheckedInput extends ObjectInputStream {
        private final Set<String> superClasses = new HashSet<>();
        private boolean annotations;

        CheckedInput(ByteArrayInputStream in, Limits limits) throws IOException {
            super(in);
            setObjectInputFilter(limits);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) {
            String name = description.getName();
            Class<?> primitive = PRIMITIVES.get(name);
            if (primitive != null) {
                return primitive; // as a value: no object is of it
            }
            Class<?> type = superClasses.contains(name) || isForm(name, annotations)
                    ? shapes.loadSuperClass(name)
                    : shapes.load(name);
            addSuperClasses(type, superClasses);
            return type;
        }

        @Override
        protected Class<?> resolveProxyClass(String[] interfaces) {
            Class<?> type = shapes.loadProxy(interfaces);
            annotations |= isAnnotation(type);
            addSuperClasses(type, superClasses);
            return type;
        }
    }

    /** Refuses claims that the bytes cannot hold; classes are checked by name before, when they are resolved. */
    private static final class Limits implements ObjectInputFilter {
        private final long size;
        private final int longestBytes;
        private long unclaimed;

        /** Whether an array of bytes was too long: the stream says of all refusals the same. */
        private boolean longBytes;

        Limits(int size, int longestBytes) {
            this.size = size;
            this.longestBytes = longestBytes;
            this.unclaimed = (long) size * TABLE_FACTOR + SMALL_ARRAY;
        }

        @Override
        public Status checkInput(FilterInfo info) {
            if (info.arrayLength() > 0) {
                unclaimed -= info.arrayLength();
            }
            if (info.serialClass() == byte[].class && info.arrayLength() > longestBytes) {
                longBytes = true;
                return Status.REJECTED;
            }
            boolean within = unclaimed >= 0
                    && info.depth() <= MAX_DEPTH
                    && info.references() <= size
                    && info.streamBytes() <= size;
            return within ? Status.UNDECIDED : Status.REJECTED;
        }
    }
}
