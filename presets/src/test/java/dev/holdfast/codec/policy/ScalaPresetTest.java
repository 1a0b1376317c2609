package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.KryoCodec;
import dev.holdfast.codec.policy.LibraryPreset.Kept;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.UnreadableAttributeException;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.Option;
import scala.Some;
import scala.Tuple2;
import scala.Tuple2$mcDD$sp;
import scala.Tuple2$mcDI$sp;
import scala.Tuple2$mcDJ$sp;
import scala.Tuple2$mcID$sp;
import scala.Tuple2$mcII$sp;
import scala.Tuple2$mcIJ$sp;
import scala.Tuple2$mcJD$sp;
import scala.Tuple2$mcJI$sp;
import scala.Tuple2$mcJJ$sp;
import scala.Tuple3;
import scala.Tuple4;
import scala.Tuple5;
import scala.collection.immutable.List;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;
import scala.collection.immutable.Set$;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;
import scala.math.BigInt;
import scala.runtime.ModuleSerializationProxy;
import scala.util.Left;
import scala.util.Right;

/** Values of Scala's standard library: its list allows those that are data alone, and nothing else. */
class ScalaPresetTest {
    private static final LibraryPreset SCALA = LibraryPreset.of(Tuple2.class);

    static Stream<Kept> values() {
        return Stream.of(
                        new Some<>("tea"),
                        new Left<>("no tea"),
                        new Right<>(4),
                        new Tuple2<>("tea", 4),
                        new Tuple3<>("tea", 4, java.util.List.of()),
                        new Tuple4<>(1, 2, 3, 4),
                        new Tuple5<>(1, 2, 3, 4, 5),
                        new Tuple2$mcII$sp(1, 2),
                        new Tuple2$mcIJ$sp(1, 2),
                        new Tuple2$mcID$sp(1, 2),
                        new Tuple2$mcJI$sp(1, 2),
                        new Tuple2$mcJJ$sp(1, 2),
                        new Tuple2$mcJD$sp(1, 2),
                        new Tuple2$mcDI$sp(1, 2),
                        new Tuple2$mcDJ$sp(1, 2),
                        new Tuple2$mcDD$sp(1, 2),
                        BigInt.apply("123456789012345678901234567890"),
                        BigInt.apply(7),
                        new FiniteDuration(90, TimeUnit.SECONDS))
                .map(value -> new Kept(value.getClass().getSimpleName() + " " + value, value));
    }

    @ParameterizedTest
    @MethodSource("values")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        assertThat(SCALA.again(kept.value())).isEqualTo(kept.value()).hasSameClassAs(kept.value());
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        assertThat(SCALA.list()).isEqualTo(SCALA.neededFor(values().map(Kept::value)));
    }

    private static List<Object> list(Object... items) {
        return CollectionConverters.asScala(java.util.List.of(items)).toList();
    }

    private static Map<Object, Object> map(java.util.Map<Object, Object> map) {
        return Map$.MODULE$.from(CollectionConverters.asScala(map));
    }

    static Stream<Kept> collections() {
        List<Object> items = list("tea", "cake", "pie", "milk", "bread");
        java.util.Map<Object, Object> prices = new LinkedHashMap<>();
        Stream.Builder<Kept> all = Stream.builder();
        all.add(new Kept("None", Option.empty()));
        all.add(new Kept("no list", list()));
        all.add(new Kept("list", items));
        all.add(new Kept("vector", items.toVector()));
        for (int size = 0; size <= items.length(); size++) {
            all.add(new Kept("set of " + size, Set$.MODULE$.from(items.take(size))));
            all.add(new Kept("map of " + size, map(prices)));
            prices.put("item " + size, size);
        }
        return all.build();
    }

    /** Each is read by way of a singleton that is named, and initialised, by its class. */
    @ParameterizedTest
    @MethodSource("collections")
    void collectionsAndSingletonsAreAllowedByName(Kept kept) throws Exception {
        assertThatThrownBy(() -> SCALA.codec().encode("a", kept.value()))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining(
                        ", which the class policy does not allow. Before you allow it, read what that opens up:"
                                + " docs/frameworks.md#scalas-collections. Add it: ");

        KryoCodec allowing = SCALA.codecAllowing(Documented.allow("ScalaPresetTest"));
        assertThat(allowing.decode("a", allowing.encode("a", kept.value()))).isEqualTo(kept.value());
    }

    @Test
    void documentsNameWhatTheseCollectionsNeedAndNothingElse() throws Exception {
        Set<String> needed = SCALA.neededFor(collections().map(Kept::value));
        needed.removeAll(SCALA.list());

        assertThat(Documented.names("ScalaPresetTest")).isEqualTo(needed);
    }

    private static final AtomicInteger STARTED = new AtomicInteger();

    /** As the compiler makes it of {@code object Main extends App}, which is nothing for a session. */
    public static final class Main$ {
        public static final Main$ MODULE$ = new Main$();

        private Main$() {
            STARTED.incrementAndGet();
        }
    }

    /** Why singletons are not in the list: whoever writes one has its class initialised. */
    @Test
    void aSingletonInitialisesWhateverItNames() throws Exception {
        KryoCodec allowing = SCALA.codecAllowing(Documented.allow("ScalaPresetTest"));
        byte[] forged = allowing.encode("a", new ModuleSerializationProxy(Main$.class));

        assertThatThrownBy(() -> SCALA.codec().decode("a", forged))
                .isInstanceOf(UnreadableAttributeException.class)
                .hasMessageContaining("it needs class scala.runtime.ModuleSerializationProxy, which the class policy");
        assertThat(STARTED).hasValue(0);

        assertThat(allowing.decode("a", forged)).isInstanceOf(Main$.class);
        assertThat(STARTED).hasValue(1);
    }
}
