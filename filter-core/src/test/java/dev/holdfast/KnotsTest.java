package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KnotsTest {
    @Test
    void knotIsWhatReachesEachOther() {
        Map<String, Set<String>> arrows = Map.of(
                "face", Set.of("a"),
                "a", Set.of("b"),
                "b", Set.of("c", "leaf"),
                "c", Set.of("a"),
                "d", Set.of("e"),
                "e", Set.of("d"),
                "leaf", Set.of());

        assertThat(Knots.largest(arrows)).containsExactly("a", "b", "c");
    }

    @Test
    void nothingIsAKnotWithoutAWayBack() {
        assertThat(Knots.largest(Map.of("a", Set.of("a", "b"), "b", Set.of("c"), "c", Set.of())))
                .hasSizeLessThan(2);
    }
}
