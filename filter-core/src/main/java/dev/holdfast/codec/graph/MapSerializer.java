package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.NotKryoSafeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One of the JDK's mutable maps; see {@link CollectionSerializer}. */
final class MapSerializer extends Serializer<Map<Object, Object>> {
    /** Makes an empty map. */
    interface Factory {
        Map<Object, Object> create(@Nullable Comparator<Object> order);
    }

    private final Factory factory;
    private final @Nullable Function<Map<Object, Object>, @Nullable Comparator<Object>> order;
    private final boolean concurrent;

    MapSerializer(
            Factory factory,
            @Nullable Function<Map<Object, Object>, @Nullable Comparator<Object>> order,
            boolean concurrent) {
        this.factory = factory;
        this.order = order;
        this.concurrent = concurrent;
    }

    @Override
    public void write(Kryo kryo, Output output, Map<Object, Object> map) {
        GraphKryo graph = (GraphKryo) kryo;
        if (order != null) {
            graph.writeUnfinished(output, map, order.apply(map));
        }
        Map<Object, Object> source =
                map instanceof LinkedHashMap<Object, Object> linked ? inInsertionOrder(linked) : map;
        Collection<Map.Entry<Object, Object>> entries =
                concurrent ? new ArrayList<>(source.entrySet()) : source.entrySet();
        int size = entries.size();
        output.writeVarInt(size, true);
        int written = 0;
        for (Map.Entry<Object, Object> entry : entries) {
            if (written++ == size) {
                throw new ConcurrentModificationException();
            }
            graph.writeStep(output, entry.getKey(), "[key]");
            graph.writeStep(output, entry.getValue(), "[value]");
        }
        if (written != size) {
            throw new ConcurrentModificationException();
        }
    }

    /**
     * Tells a map in order of access, which nothing but a look-up reveals: it is done in a copy, as the order of the
     * application's own map must not change.
     */
    @SuppressWarnings({"unchecked", "NonApiType"
    }) // a clone is of the same type; only this very type has an order of access
    private static Map<Object, Object> inInsertionOrder(LinkedHashMap<Object, Object> map) {
        LinkedHashMap<Object, Object> copy = (LinkedHashMap<Object, Object>) map.clone();
        LinkedHashMap<Object, Object> probe = copy;
        if (copy.size() < 2) {
            probe = (LinkedHashMap<Object, Object>) map.clone();
            probe.clear();
            probe.put("", "");
            probe.put(" ", "");
        }
        Object first = probe.keySet().iterator().next();
        probe.get(first);
        if (probe.keySet().iterator().next() != first) {
            throw new NotKryoSafeException("java.util.LinkedHashMap in access order");
        }
        return copy;
    }

    @Override
    public Map<Object, Object> read(Kryo kryo, Input input, Class<? extends Map<Object, Object>> type) {
        Map<Object, Object> map = factory.create(order == null ? null : GraphKryo.readComparator(kryo, input));
        kryo.reference(map);
        int size = ((GuardedInput) input).readLength();
        for (int i = 0; i < size; i++) {
            Object key = kryo.readClassAndObject(input);
            map.put(key, kryo.readClassAndObject(input));
        }
        return map;
    }
}
