package dev.holdfast.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Kryo that handles nothing but what it gives back faithfully: {@link KnownTypes}, arrays, enums, and plain classes by their fields.
 * For one thread at a time.
 */
final class GraphKryo extends Kryo {
    /** How deep objects may nest: a collection in an object counts as two. */
    static final int MAX_DEPTH = 256;

    private static final int FIRST_BUFFER = 1024;

    /** Larger buffers are given up after use. */
    private static final int KEPT_BUFFER = 256 * 1024;

    private final ClassShapes shapes;
    private final ClassTable classes;
    private final GraphReferences references;
    private final int maxSize;
    private final Output table;
    private Output body;
    private @Nullable GuardedInput input;

    private GraphKryo(
            ClassShapes shapes, ClassTable classes, GraphReferences references, ClassLoader loader, int maxSize) {
        super(classes, references);
        this.shapes = shapes;
        this.classes = classes;
        this.references = references;
        this.maxSize = maxSize;
        this.table = new Output(FIRST_BUFFER, maxSize);
        this.body = new Output(FIRST_BUFFER, maxSize);
        setClassLoader(loader);
        setRegistrationRequired(false);
        setWarnUnregisteredClasses(false);
        setOptimizedGenerics(false); // what a field declares may differ in the next version of its class
        setMaxDepth(MAX_DEPTH);
        setAutoReset(false); // the table of classes is written after the graph
    }

    static GraphKryo create(ClassShapes shapes, ClassLoader loader, int maxSize) {
        GraphKryo kryo = new GraphKryo(shapes, new ClassTable(shapes), new GraphReferences(), loader, maxSize);
        KnownTypes.register(kryo);
        return kryo;
    }

    /**
     * Writes a graph behind so many free bytes.
     *
     * @throws UnsuitableException if Kryo would not give it back as it is
     * @throws RefusedException if it cannot be stored at all
     */
    byte[] write(Object root, int free) {
        try {
            shapes.requireStorable(root.getClass());
            writeClassAndObject(body, root);
            classes.writeTable(table);
            if ((long) table.position() + body.position() + free > maxSize) {
                throw new TooLargeException();
            }
            byte[] bytes = new byte[free + table.position() + body.position()];
            System.arraycopy(table.getBuffer(), 0, bytes, free, table.position());
            System.arraycopy(body.getBuffer(), 0, bytes, free + table.position(), body.position());
            return bytes;
        } finally {
            reset();
            table.reset();
            body.reset();
            if (body.getBuffer().length > KEPT_BUFFER) {
                body = new Output(FIRST_BUFFER, maxSize);
            }
        }
    }

    /**
     * Reads a graph; after an exception this object must not be used again.
     *
     * @throws DamagedException if the bytes do not follow the format or the policy
     */
    Object read(byte[] bytes, int offset) {
        GuardedInput source = new GuardedInput(bytes, offset, bytes.length - offset);
        input = source;
        classes.readTable(source);
        Object root = readClassAndObject(source);
        if (root == null || source.remaining() > 0) {
            throw new DamagedException("it does not end where it should");
        }
        input = null;
        reset();
        return root;
    }

    /** What is being read. */
    GuardedInput input() {
        return Objects.requireNonNull(input);
    }

    GraphReferences references() {
        return references;
    }

    ClassTable classes() {
        return classes;
    }

    @Override
    @SuppressWarnings("rawtypes") // Kryo's signature
    public Serializer getDefaultSerializer(Class type) {
        Class<?> asked = type;
        shapes.requireStorable(asked);
        if (asked.isArray()) {
            return new ArraySerializer(asked.getComponentType());
        }
        if (asked.isEnum()) {
            return new EnumSerializer(asked);
        }
        return new FieldsSerializer(asked, shapes.fieldsOf(asked), NewObject.of(asked));
    }

    /** Kryo would treat proxies and lambdas as if they could be written. */
    @Override
    @SuppressWarnings("rawtypes") // Kryo's signature
    public boolean isProxy(Class type) {
        return false;
    }

    @Override
    @SuppressWarnings("rawtypes") // as above
    public boolean isClosure(Class type) {
        return false;
    }

    void writeElements(Output output, @Nullable Object[] elements) {
        output.writeVarInt(elements.length, true);
        for (int i = 0; i < elements.length; i++) {
            writeElement(output, elements[i], i);
        }
    }

    void writeElement(Output output, @Nullable Object element, int index) {
        try {
            writeClassAndObject(output, element);
        } catch (RefusedException e) {
            throw e.in("[" + index + "]");
        }
    }

    void writeStep(Output output, @Nullable Object element, String step) {
        try {
            writeClassAndObject(output, element);
        } catch (RefusedException e) {
            throw e.in(step);
        }
    }

    /** Writes something that must be read before its owner can be made. */
    void writeUnfinished(Output output, Object owner, @Nullable Object part) {
        references.unfinished(owner);
        writeStep(output, part, "[order]");
        references.finished();
    }

    @SuppressWarnings("unchecked") // a wrong one fails when it compares
    static @Nullable Comparator<Object> readComparator(Kryo kryo, Input input) {
        Object order = kryo.readClassAndObject(input);
        if (order != null && !(order instanceof Comparator)) {
            throw new DamagedException("its order is none");
        }
        return (Comparator<Object>) order;
    }

    @SuppressWarnings("unchecked") // a registration's serializer takes objects of its type
    static Serializer<Object> serializer(Registration registration) {
        return registration.getSerializer();
    }

    @SuppressWarnings("unchecked") // as above
    static Class<Object> type(Registration registration) {
        return registration.getType();
    }
}
