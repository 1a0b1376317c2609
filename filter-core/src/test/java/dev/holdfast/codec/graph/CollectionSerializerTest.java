package dev.holdfast.codec.graph;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.codec.policy.StorableClasses;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Collections that change, or lie about their size, while they are written. */
class CollectionSerializerTest {
    /** As a list that another thread changes between its size and its iteration. */
    private static Collection<Object> lying(int size, Object... elements) {
        return new AbstractCollection<>() {
            @Override
            public Iterator<Object> iterator() {
                return List.of(elements).iterator();
            }

            @Override
            public int size() {
                return size;
            }
        };
    }

    @Test
    void collectionIsWrittenWithAsManyElementsAsItClaimsOrNotAtAll() {
        ClassPolicy policy = ClassPolicy.strict(ClassPatterns.NONE, name -> false);
        GraphCodec kryo = GraphCodec.create(
                new StorableClasses(getClass().getClassLoader(), policy, KnownTypes::contains),
                getClass().getClassLoader(),
                2000);
        CollectionSerializer serializer = new CollectionSerializer(order -> new ArrayList<>(), null, false);

        assertThatThrownBy(() -> serializer.write(kryo, new Output(100), lying(1, "a", "b")))
                .isInstanceOf(ConcurrentModificationException.class);
        assertThatThrownBy(() -> serializer.write(kryo, new Output(100), lying(3, "a", "b")))
                .isInstanceOf(ConcurrentModificationException.class);
        assertThatCode(() -> serializer.write(kryo, new Output(100), lying(2, "a", "b")))
                .doesNotThrowAnyException();
    }
}
