package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

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

    /** @param build of its elements, as below */
    static FixedSerializer<List<Object>> ofList(Function<Object[], List<Object>> build) {
        return new FixedSerializer<>(List::toArray, build);
    }

    static FixedSerializer<Set<Object>> ofSet(Function<Object[], Set<Object>> build) {
        return new FixedSerializer<>(Set::toArray, build);
    }

    /** @param build of each key, followed by its value */
    static FixedSerializer<Map<Object, Object>> ofMap(Function<Object[], Map<Object, Object>> build) {
        return new FixedSerializer<>(FixedSerializer::keysAndValues, build);
    }

    private static Object[] keysAndValues(Map<Object, Object> map) {
        Object[] values = new Object[2 * map.size()];
        int i = 0;
        for (Map.Entry<Object, Object> entry : map.entrySet()) {
            values[i++] = entry.getKey();
            values[i++] = entry.getValue();
        }
        return values;
    }

    static Object only(Object[] values) {
        if (values.length != 1) {
            throw new MalformedBytesException("a collection of one element has another number of them");
        }
        return values[0];
    }

    /** Lists made by {@code Stream.toList()} are of the same class and may hold null. */
    static List<Object> listOf(Object[] values) {
        return Stream.of(values).anyMatch(Objects::isNull) ? Stream.of(values).toList() : List.of(values);
    }

    static Map<Object, Object> mapOf(Object[] values) {
        Map<Object, Object> map = new HashMap<>();
        for (int i = 0; i + 1 < values.length; i += 2) {
            map.put(values[i], values[i + 1]);
        }
        return Map.copyOf(map);
    }
}
