package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShownTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0000", "\n", "\r", "\u001b", "\u007f", "\u0085", "\u009b", "\u00ad", "\u200b", "\u200f", "\u202e",
                "\u2028", "\u2029", "\u2066", "\ufeff", "\ud800"
            })
    void nothingThatMovesACursorOrATextIsShown(String character) {
        assertThat(Shown.text("a" + character + "b")).isEqualTo("a?b");
        assertThat(Shown.line("a" + character + "b")).isEqualTo("a?b");
    }

    @Test
    void lettersOfAllLanguagesAreShown() {
        assertThat(Shown.text("Größe, цена, 値段, \ud83d\uded2")).isEqualTo("Größe, цена, 値段, \ud83d\uded2");
    }

    @Test
    void ofAForeignTextTwoHundredCharactersAreShown() {
        assertThat(Shown.text("x".repeat(200))).isEqualTo("x".repeat(200));
        assertThat(Shown.text("x".repeat(3_000_000))).isEqualTo("x".repeat(200) + "…");
    }
}
