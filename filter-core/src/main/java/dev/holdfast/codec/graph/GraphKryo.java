package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotStorableException;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the serializers of a graph need of it. For one thread at a time. */
abstract class GraphKryo extends Kryo {
    private final ClassTable classes;
    private final GraphReferences references;
    private @Nullable GuardedInput input;

    GraphKryo(ClassTable classes, GraphReferences references) {
        super(classes, references);
        this.classes = classes;
        this.references = references;
    }

    /** @param source null behind the last object */
    void reads(@Nullable GuardedInput source) {
        input = source;
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

    /** Whether a value of this type holds no object of a class that a node may not know. */
    abstract boolean isLeaf(Registration registration);

    void writeElements(Output output, @Nullable Object[] elements) {
        output.writeVarInt(elements.length, true);
        for (int i = 0; i < elements.length; i++) {
            writeElement(output, elements[i], i);
        }
    }

    void writeElement(Output output, @Nullable Object element, int index) {
        try {
            writeClassAndObject(output, element);
        } catch (NotStorableException e) {
            throw e.in("[" + index + "]");
        }
    }

    void writeStep(Output output, @Nullable Object element, String step) {
        try {
            writeClassAndObject(output, element);
        } catch (NotStorableException e) {
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
            throw new MalformedBytesException("its order is none");
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
