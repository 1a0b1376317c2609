package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogScanTest {
    private static final String ID = "1fab0123456789abcdef0123456789abcd";

    @ParameterizedTest
    @ValueSource(
            strings = {"Session " + ID + " is gone", "id=" + ID, "\"kept-secret-7\" is no number", "xseen-in-a-cookiex"
            })
    void secretInALineIsFound(String line) {
        List<String> leaks = new ArrayList<>();

        LogScan.leaks("n1: ", List.of("first", line), Set.of("seen-in-a-cookie"), leaks);

        assertThat(leaks).containsExactly("n1: " + line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Session 1fab… is gone", "sha256 0f" + ID, "epoch 0123456789abcdef0123456789abcdef"})
    void otherTextsAreLeftAlone(String line) {
        List<String> leaks = new ArrayList<>();

        LogScan.leaks("n1: ", List.of(line), Set.of("seen-in-a-cookie"), leaks);

        assertThat(leaks).isEmpty();
    }
}
