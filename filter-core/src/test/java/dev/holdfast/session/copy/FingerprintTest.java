package dev.holdfast.session.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    /** The first half of what FIPS 180-4 gives as example. */
    private static final Fingerprint OF_ABC = new Fingerprint(0xba7816bf8f01cfeaL, 0x414140de5dae2223L);

    private static Fingerprint of(String text) {
        return Fingerprint.of(text.getBytes(UTF_8));
    }

    @Test
    void isThatOfTheBytesAloneWhateverTheThreadHasSeenBefore() {
        assertThat(of("abc")).isEqualTo(OF_ABC);
        assertThat(of("abd")).isNotEqualTo(OF_ABC);
        assertThat(of("abc")).isEqualTo(OF_ABC);
    }

    @Test
    void isTheSameOnEachThread() {
        assertThat(of("ab")).isNotEqualTo(OF_ABC);

        assertThat(CompletableFuture.supplyAsync(() -> of("abc")).join()).isEqualTo(OF_ABC);
    }
}
