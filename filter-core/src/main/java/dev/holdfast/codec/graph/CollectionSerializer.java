package dev.holdfast.codec.graph;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One of the JDK's mutable collections: its order if it has one of its own, the number of elements, the elements.
 *
 * <p>Implementation note: the elements are counted while they are written. A collection that another thread changes
 * between {@code size()} and the iteration would otherwise be written as something that no reader can follow. Those
 * that copy themselves with each change are filled at once: one by one takes the square of their size, and the bytes
 * of one value suffice to hold a processor for hours.
 */
final class CollectionSerializer extends Serializer<Collection<Object>> {
    /** Makes an empty collection. */
    interface Factory {
        Collection<Object> create(@Nullable Comparator<Object> order);
    }

    /**
     * Elements of a {@link CopyOnWriteArraySet} at most. A larger one is left to JDK serialization: also when it is
     * filled at once, it compares each element with all others.
     */
    static final int MOST_COMPARED = 1024;

    private final Factory factory;
    private final @Nullable Function<Collection<Object>, @Nullable Comparator<Object>> order;
    private final boolean concurrent;

    /**
     * @param order null if the type has no order of its own
     * @param concurrent whether the type allows changes while it is read
     */
    CollectionSerializer(
            Factory factory,
            @Nullable Function<Collection<Object>, @Nullable Comparator<Object>> order,
            boolean concurrent) {
        this.factory = factory;
        this.order = order;
        this.concurrent = concurrent;
    }

    @Override
    public void write(Kryo kryo, Output output, Collection<Object> collection) {
        GraphKryo graph = (GraphKryo) kryo;
        if (order != null) {
            graph.writeUnfinished(output, collection, order.apply(collection));
        }
        if (concurrent) {
            Object[] elements = collection.toArray();
            if (collection instanceof CopyOnWriteArraySet && elements.length > MOST_COMPARED) {
                throw new NotKryoSafeException("java.util.concurrent.CopyOnWriteArraySet of many elements", false);
            }
            graph.writeElements(output, elements);
            return;
        }
        int size = collection.size();
        output.writeVarInt(size, true);
        int written = 0;
        for (Object element : collection) {
            if (written == size) {
                throw new ConcurrentModificationException();
            }
            graph.writeElement(output, element, written++);
        }
        if (written != size) {
            throw new ConcurrentModificationException();
        }
    }

    @Override
    public Collection<Object> read(Kryo kryo, Input input, Class<? extends Collection<Object>> type) {
        Collection<Object> collection = factory.create(order == null ? null : GraphKryo.readComparator(kryo, input));
        kryo.reference(collection);
        int size = ((GuardedInput) input).readLength();
        boolean copying = collection instanceof CopyOnWriteArraySet || collection instanceof CopyOnWriteArrayList;
        if (collection instanceof CopyOnWriteArraySet && size > MOST_COMPARED) {
            throw new MalformedBytesException("it has a CopyOnWriteArraySet of more elements than are written");
        }
        Collection<Object> target = copying ? new ArrayList<>(size) : collection;
        for (int i = 0; i < size; i++) {
            target.add(kryo.readClassAndObject(input));
        }
        if (copying) {
            collection.addAll(target);
        }
        return collection;
    }
}
