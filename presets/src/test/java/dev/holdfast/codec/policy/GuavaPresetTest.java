package dev.holdfast.codec.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Optional;
import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.EvictingQueue;
import com.google.common.collect.HashBasedTable;
import com.google.common.collect.HashMultimap;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableBiMap;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableMultiset;
import com.google.common.collect.ImmutableRangeMap;
import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.ImmutableSortedMultiset;
import com.google.common.collect.ImmutableSortedSet;
import com.google.common.collect.ImmutableTable;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.LinkedHashMultiset;
import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.Lists;
import com.google.common.collect.Maps;
import com.google.common.collect.Ordering;
import com.google.common.collect.Range;
import com.google.common.collect.Sets;
import com.google.common.collect.TreeMultimap;
import com.google.common.collect.TreeMultiset;
import dev.holdfast.codec.policy.LibraryPreset.Kept;
import dev.holdfast.session.UnencodableAttributeException;
import java.io.Serializable;
import java.time.DayOfWeek;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that Guava makes: its list allows them, and nothing else. */
class GuavaPresetTest {
    private static final LibraryPreset GUAVA = LibraryPreset.of(ImmutableList.class);

    private static final Map<String, Integer> PRICES = Map.of("tea", 4, "cake", 5);

    static Stream<Kept> values() {
        return Stream.of(immutable(), forms(), mutable(), ranges()).flatMap(part -> part);
    }

    private static Stream<Kept> immutable() {
        return Stream.of(
                new Kept("no list", ImmutableList.of()),
                new Kept("list of one", ImmutableList.of("tea")),
                new Kept("list", ImmutableList.of("tea", "cake")),
                new Kept(
                        "part of a list", ImmutableList.of("tea", "cake", "pie").subList(1, 3)),
                new Kept("list backwards", ImmutableList.of("tea", "cake").reverse()),
                new Kept("no set", ImmutableSet.of()),
                new Kept("set of one", ImmutableSet.of("tea")),
                new Kept("set", ImmutableSet.of("tea", "cake")),
                new Kept("set of constants", Sets.immutableEnumSet(DayOfWeek.MONDAY, DayOfWeek.FRIDAY)),
                new Kept("sorted set", ImmutableSortedSet.of("tea", "cake")),
                new Kept(
                        "set sorted backwards",
                        ImmutableSortedSet.orderedBy(Ordering.<String>natural().reverse())
                                .add("cake", "tea")
                                .build()),
                new Kept("no map", ImmutableMap.of()),
                new Kept("map of one", ImmutableMap.of("tea", 4)),
                new Kept("map", ImmutableMap.of("tea", 4, "cake", 5)),
                new Kept("map of constants", Maps.immutableEnumMap(Map.of(DayOfWeek.MONDAY, 1, DayOfWeek.FRIDAY, 5))),
                new Kept("sorted map", ImmutableSortedMap.copyOf(PRICES)),
                new Kept("map of both ways", ImmutableBiMap.copyOf(PRICES)),
                new Kept(
                        "keys of a map",
                        ImmutableMap.of("tea", 4, "cake", 5).keySet().asList()));
    }

    private static Stream<Kept> forms() {
        return Stream.of(
                new Kept("nothing", Optional.absent()),
                new Kept("something", Optional.of("tea")),
                new Kept("multiset", ImmutableMultiset.of("tea", "tea", "cake")),
                new Kept("sorted multiset", ImmutableSortedMultiset.of("tea", "tea", "cake")),
                new Kept("multimap of lists", ImmutableListMultimap.of("tea", 4, "tea", 4, "cake", 5)),
                new Kept("multimap of sets", ImmutableSetMultimap.of("tea", 4, "tea", 3, "cake", 5)),
                new Kept(
                        "table",
                        ImmutableTable.<String, String, Integer>builder()
                                .put("tea", "small", 3)
                                .put("tea", "large", 4)
                                .put("cake", "small", 5)
                                .build()));
    }

    private static Stream<Kept> mutable() {
        HashMultiset<String> counts = HashMultiset.create(List.of("tea", "tea", "cake"));
        HashMultimap<String, Integer> sizes = HashMultimap.create();
        sizes.putAll("tea", List.of(1, 2, 3));
        sizes.put("cake", 1);
        EvictingQueue<String> seen = EvictingQueue.create(2);
        seen.addAll(List.of("tea", "cake", "pie"));
        return Stream.of(
                new Kept("HashMultiset", counts),
                new Kept("LinkedHashMultiset", LinkedHashMultiset.create(counts)),
                new Kept("TreeMultiset", TreeMultiset.create(counts)),
                new Kept("ArrayListMultimap", ArrayListMultimap.create(sizes)),
                new Kept("HashMultimap", sizes),
                new Kept("LinkedHashMultimap", LinkedHashMultimap.create(sizes)),
                new Kept("LinkedListMultimap", LinkedListMultimap.create(sizes)),
                new Kept("TreeMultimap", TreeMultimap.create(sizes)),
                new Kept("entry", Maps.immutableEntry("tea", 4)),
                new Kept("last seen", new Seen(seen)));
    }

    private static Stream<Kept> ranges() {
        return Stream.of(
                new Kept("range", Range.closedOpen(1, 5)),
                new Kept("range up to", Range.lessThan(5)),
                new Kept("range of all", Range.all()),
                new Kept("ranges", ImmutableRangeSet.of(Range.closed(1, 5))),
                new Kept("map of ranges", ImmutableRangeMap.of(Range.openClosed(1, 5), "few")));
    }

    /** A queue is equal to itself only. */
    private record Seen(EvictingQueue<String> queue) implements Serializable {
        @Override
        public boolean equals(Object other) {
            return other instanceof Seen seen
                    && List.copyOf(queue).equals(List.copyOf(seen.queue))
                    && queue.remainingCapacity() == seen.queue.remainingCapacity();
        }

        @Override
        public int hashCode() {
            return List.copyOf(queue).hashCode();
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void isStoredAndReadAsItWas(Kept kept) throws Exception {
        assertThat(GUAVA.again(kept.value())).isEqualTo(kept.value());
        assertThat(GUAVA.again(List.of(kept.value()))).isEqualTo(List.of(kept.value()));
    }

    @Test
    void listNamesWhatTheseNeedAndNothingElse() throws Exception {
        assertThat(GUAVA.list()).isEqualTo(GUAVA.neededFor(values().map(Kept::value)));
    }

    /** What its fields name would be called: a supplier for the next row, a function for each element. */
    @Test
    void whatCallsWhatItsFieldsNameIsNotKnown() {
        HashBasedTable<String, String, Integer> table = HashBasedTable.create();
        table.put("tea", "small", 3);
        List<String> transformed = Lists.transform(
                List.of(1), (com.google.common.base.Function<Integer, String> & Serializable) String::valueOf);

        for (Object value : List.of(table, transformed)) {
            assertThatThrownBy(() -> GUAVA.codec().encode("a", value))
                    .isInstanceOf(UnencodableAttributeException.class)
                    .hasMessageContaining("com.google.common.collect.")
                    .hasMessageContaining(", which the class policy does not allow. Add it: ");
        }
    }
}
