package dev.holdfast.codec.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.esotericsoftware.kryo.io.Output;
import dev.holdfast.codec.policy.ClassPatterns;
import dev.holdfast.codec.policy.ClassPolicy;
import dev.holdfast.codec.policy.MalformedBytesException;
import dev.holdfast.codec.policy.NotKryoSafeException;
import dev.holdfast.codec.policy.StorableClasses;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

    private static GraphCodec kryo() {
        ClassPolicy policy = ClassPolicy.strict(ClassPatterns.NONE, name -> false);
        ClassLoader loader = CollectionSerializerTest.class.getClassLoader();
        return GraphCodec.create(new StorableClasses(loader, policy, KnownTypes::contains), loader, 10_000_000);
    }

    private static CollectionSerializer of(Supplier<Collection<Object>> factory, boolean concurrent) {
        return new CollectionSerializer(order -> factory.get(), null, concurrent);
    }

    private static List<Object> numbers(int size) {
        return IntStream.range(0, size).<Object>mapToObj(i -> i).toList();
    }

    @Test
    void collectionIsWrittenWithAsManyElementsAsItClaimsOrNotAtAll() {
        GraphCodec kryo = kryo();
        CollectionSerializer serializer = of(ArrayList::new, false);

        assertThatThrownBy(() -> serializer.write(kryo, new Output(100), lying(1, "a", "b")))
                .isInstanceOf(ConcurrentModificationException.class);
        assertThatThrownBy(() -> serializer.write(kryo, new Output(100), lying(3, "a", "b")))
                .isInstanceOf(ConcurrentModificationException.class);
        assertThatCode(() -> serializer.write(kryo, new Output(100), lying(2, "a", "b")))
                .doesNotThrowAnyException();
    }

    /** One by one each element copies those before it: minutes, where this takes no time. */
    @Test
    @Timeout(60)
    void listThatCopiesItselfWithEachChangeIsFilledAtOnce() throws Exception {
        List<Object> list = new CopyOnWriteArrayList<>(numbers(1_000_000));

        assertThat(kryo().read(kryo().write(list, 0), 0))
                .isInstanceOf(CopyOnWriteArrayList.class)
                .isEqualTo(list);
    }

    @Test
    void setThatComparesAllItsElementsIsLeftToJdkSerializationIfItIsLarge() {
        Collection<Object> most = new CopyOnWriteArraySet<>(numbers(CollectionSerializer.MOST_COMPARED));
        Collection<Object> more = new CopyOnWriteArraySet<>(numbers(CollectionSerializer.MOST_COMPARED + 1));
        CollectionSerializer serializer = of(CopyOnWriteArraySet::new, true);

        assertThatCode(() -> serializer.write(kryo(), new Output(100, -1), most))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> serializer.write(kryo(), new Output(100, -1), more))
                .isInstanceOf(NotKryoSafeException.class);
    }

    @Test
    void setOfMoreElementsThanAreWrittenIsNotRead() {
        List<Object> most = numbers(CollectionSerializer.MOST_COMPARED);
        List<Object> more = numbers(CollectionSerializer.MOST_COMPARED + 1);
        byte[] set = kryo().write(new CopyOnWriteArraySet<>(most), 0);
        int type = Arrays.mismatch(kryo().write(new CopyOnWriteArrayList<>(most), 0), set);
        byte[] forged = kryo().write(new CopyOnWriteArrayList<>(more), 0);
        forged[type] = set[type];

        assertThatThrownBy(() -> kryo().read(forged, 0))
                .isInstanceOf(MalformedBytesException.class)
                .hasMessageContaining("CopyOnWriteArraySet");
    }
}
