package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.codec.policy.LibraryPreset.Kept;
import dev.holdfast.session.UnencodableAttributeException;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import kotlin.Lazy;
import kotlin.LazyKt;
import kotlin.LazyThreadSafetyMode;
import kotlin.Pair;
import kotlin.Triple;
import kotlin.collections.CollectionsKt;
import kotlin.collections.MapsKt;
import kotlin.collections.SetsKt;
import kotlin.text.Regex;
import kotlin.text.RegexOption;
import kotlin.time.Instant;
import kotlin.uuid.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that Kotlin's standard library makes: its list allows them, and nothing else. */
class KotlinPresetTest {
    private static final LibraryPreset KOTLIN = LibraryPreset.of(Pair.class);

    /** What the compiler makes of {@code buildList}, {@code buildSet} and {@code buildMap}. */
    static Stream<Kept> built() {
        List<String> list = CollectionsKt.createListBuilder();
        list.addAll(List.of("tea", "cake", "pie"));
        Set<String> set = SetsKt.createSetBuilder();
        set.addAll(list);
        Map<String, Integer> map = MapsKt.createMapBuilder();
        map.put("tea", 4);
        List<String> all = CollectionsKt.build(list);
        return Stream.of(
                new Kept("built list", all),
                new Kept("part of a built list", all.subList(1, 3)),
                new Kept("built set", SetsKt.build(set)),
                new Kept("built map", MapsKt.build(map)));
    }

    static Stream<Kept> values() {
        return Stream.of(
                new Kept("pair", new Pair<>("tea", 4)),
                new Kept("triple", new Triple<>("tea", 4, List.of())),
                new Kept("no list", CollectionsKt.emptyList()),
                new Kept("list of one", CollectionsKt.listOf("tea")),
                new Kept("list", CollectionsKt.listOf("tea", "cake")),
                new Kept("no set", SetsKt.emptySet()),
                new Kept("set", SetsKt.setOf("tea", "cake")),
                new Kept("no map", MapsKt.emptyMap()),
                new Kept("map", MapsKt.toMap(List.of(new Pair<>("tea", 4), new Pair<>("cake", 5)))),
                new Kept("instant", Instant.Companion.fromEpochSeconds(1_700_000_000, 5)),
                new Kept("UUID", Uuid.Companion.fromLongs(1, 2)));
    }

    /** Values that are equal to themselves only. */
    private static List<Object> others() {
        return List.of(LazyKt.lazyOf("tea"), new Regex("[a-z]+", RegexOption.IGNORE_CASE));
    }

    @ParameterizedTest
    @MethodSource("values")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        assertThat(KOTLIN.again(kept.value())).isEqualTo(kept.value());
    }

    /** Four bytes of them say how much is allocated before there is an element. */
    @ParameterizedTest
    @MethodSource("built")
    void whatIsBuiltIsNotStored(Kept kept) {
        assertThatThrownBy(() -> KOTLIN.again(kept.value()))
                .isInstanceOf(UnencodableAttributeException.class)
                .hasMessageContaining("kotlin.collections.builders.Serialized");
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        assertThat(KOTLIN.list())
                .isEqualTo(KOTLIN.neededFor(Stream.concat(values().map(Kept::value), others().stream())));
    }

    @Test
    void aRegexIsStoredWithItsOptions() throws Exception {
        Regex read = (Regex) KOTLIN.again(new Regex("[a-z]+", RegexOption.IGNORE_CASE));

        assertThat(read.getPattern()).isEqualTo("[a-z]+");
        assertThat(read.getOptions()).containsExactly(RegexOption.IGNORE_CASE);
    }

    /** A property {@code by lazy}: the function that finds its value is never stored. */
    static final class Cart implements Serializable {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("serial") // all of Kotlin's own are
        private final Lazy<Integer> total;

        Cart(LazyThreadSafetyMode mode) {
            total = LazyKt.lazy(mode, () -> 4 + 5);
        }
    }

    @Test
    void aLazyValueIsStoredAsWhatItComesToBe() throws Exception {
        for (LazyThreadSafetyMode mode : LazyThreadSafetyMode.values()) {
            Cart read = (Cart) KOTLIN.again(new Cart(mode));

            assertThat(read.total.isInitialized()).as("%s", mode).isTrue();
            assertThat(read.total.getValue()).isEqualTo(9);
        }
    }
}
