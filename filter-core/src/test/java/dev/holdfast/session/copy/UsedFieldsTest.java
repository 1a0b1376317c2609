package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsedFieldsTest {
    private final UsedFields used = new UsedFields();

    /** Looked through one by one, at the edge, and found by their hash. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 5, 16, 17, 100})
    void tellsWhatWasReadAndWhatWasWritten(int count) {
        for (int i = 0; i < count; i++) {
            if (i % 3 != 0) {
                used.read("a:" + i);
            }
            if (i % 3 != 1) {
                used.wrote("a:" + i);
                used.wrote("a:" + i);
            }
        }

        assertThat(used.isEmpty()).isEqualTo(count == 0);
        for (int i = 0; i < count; i++) {
            assertThat(used.hasRead("a:" + i)).as("read %d", i).isEqualTo(i % 3 != 0);
            assertThat(used.hasWritten("a:" + i)).as("written %d", i).isEqualTo(i % 3 != 1);
        }
        assertThat(used.hasRead("a:none")).isFalse();
        assertThat(used.committed(Rules.ALL)).hasSize(count).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20})
    void whatWasWrittenCountsAsReadWhenItIsSaved(int count) {
        for (int i = 0; i < count; i++) {
            used.wrote("a:" + i);
        }

        used.readWritten();

        for (int i = 0; i < count; i++) {
            assertThat(used.hasRead("a:" + i)).isTrue();
            assertThat(used.hasWritten("a:" + i)).isTrue();
        }
        assertThat(used.hasRead("a:none")).isFalse();
    }
}
