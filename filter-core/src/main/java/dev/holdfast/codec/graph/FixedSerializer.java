package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.function.Function;

/**
 * Something that exists only when all it holds has been read: List.of, Collections.singleton, Optional and their like.
 */
final class FixedSerializer<T> extends Serializer<T> {
    private final Function<T, Object[]> elements;
    private final Function<Object[], T> build;

    FixedSerializer(Function<T, Object[]> elements, Function<Object[], T> build) {
        this.elements = elements;
        this.build = build;
    }

    @Override
    public void write(Kryo kryo, Output output, T object) {
        GraphKryo graph = (GraphKryo) kryo;
        graph.references().unfinished(object);
        graph.writeElements(output, elements.apply(object));
        graph.references().finished();
    }

    @Override
    @SuppressWarnings("NullAway") // which of the types may hold null is their own affair
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
        Object[] values = new Object[((GuardedInput) input).readLength()];
        for (int i = 0; i < values.length; i++) {
            values[i] = kryo.readClassAndObject(input);
        }
        return build.apply(values);
    }
}
