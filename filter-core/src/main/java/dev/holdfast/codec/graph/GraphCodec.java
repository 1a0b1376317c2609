package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import dev.holdfast.codec.policy.NotStorableException;
import dev.holdfast.codec.policy.StorableClasses;

/**
 * Graphs as bytes: a Kryo that handles nothing but what it gives back faithfully, which is {@link KnownTypes}, arrays,
 * enums, and plain classes by their fields. For one thread at a time.
 */
public final class GraphCodec extends GraphKryo {
    /** How deep objects may nest: a collection in an object counts as two. */
    static final int MAX_DEPTH = 256;

    private static final int FIRST_BUFFER = 1024;

    /** Larger buffers are given up after use. */
    private static final int KEPT_BUFFER = 256 * 1024;

    private final StorableClasses shapes;
    private final int maxSize;
    private final Output table;
    private Output body;

    private GraphCodec(
            StorableClasses shapes, ClassTable classes, GraphReferences references, ClassLoader loader, int maxSize) {
        super(classes, references);
        this.shapes = shapes;
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

    public static GraphCodec create(StorableClasses shapes, ClassLoader loader, int maxSize) {
        GraphCodec kryo = new GraphCodec(shapes, new ClassTable(shapes), new GraphReferences(), loader, maxSize);
        KnownTypes.register(kryo);
        return kryo;
    }

    /**
     * Writes a graph behind so many free bytes.
     *
     * @throws NotKryoSafeException if Kryo would not give it back as it is
     * @throws NotStorableException if it cannot be stored at all
     */
    public byte[] write(Object root, int free) {
        try {
            shapes.requireStorable(root.getClass());
            writeClassAndObject(body, root);
            classes().writeTable(table);
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
     * @throws MalformedBytesException if the bytes do not follow the format or the policy
     */
    public Object read(byte[] bytes, int offset) {
        GuardedInput source = new GuardedInput(bytes, offset, bytes.length - offset);
        reads(source);
        classes().readTable(source);
        Object root = readClassAndObject(source);
        if (root == null || source.remaining() > 0) {
            throw new MalformedBytesException("it does not end where it should");
        }
        reads(null);
        reset();
        return root;
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
        return new FieldsSerializer(asked, shapes.fieldsOf(asked), Instantiator.of(asked));
    }

    @Override
    boolean isLeaf(Registration registration) {
        return KnownTypes.isLeaf(registration);
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
}
