package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken for a marker, and what is not. */
class LocalMarkerTest {
    @Test
    void markerOfANodeIsOneAndNamesItsRoute() {
        byte[] marker = LocalMarker.of(Epoch.ownerOf("n1", "incarnation"));

        assertThat(LocalMarker.isMarker(marker)).isTrue();
        assertThat(LocalMarker.route(marker)).isEqualTo("n1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0012a", "\u0012abcdefghijklmnopqrstuvwxyz-_0123"})
    void markersOfOtherVersionsHaveUpTo32Characters(String bytes) {
        assertThat(LocalMarker.isMarker(bytes.getBytes(UTF_8))).isTrue();
    }

    /** As a value whose first byte was damaged. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0012",
                "\u0011n1_HmsgB8yV",
                "\u0012abcdefghijklmnopqrstuvwxyz-_01234",
                "\u0012n1\nHF-999",
                "\u0012n1\u0000",
                "\u0012n\u00e9"
            })
    void otherBytesAreNone(String bytes) {
        assertThat(LocalMarker.isMarker(bytes.getBytes(UTF_8))).isFalse();
    }
}
