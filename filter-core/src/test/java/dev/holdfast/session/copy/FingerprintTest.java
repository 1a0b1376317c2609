package dev.holdfast.session.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.MessageDigestSpi;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    /** The first half of what FIPS 180-4 gives as example. */
    private static final Fingerprint OF_ABC = new Fingerprint(0xba7816bf8f01cfeaL, 0x414140de5dae2223L, 3);

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

    /** Of an application, whose class loader no thread of the container is to keep. */
    public static final class Foreign extends MessageDigestSpi {
        @Override
        protected void engineUpdate(byte input) {}

        @Override
        protected void engineUpdate(byte[] input, int offset, int length) {}

        @Override
        protected byte[] engineDigest() {
            return new byte[32];
        }

        @Override
        protected void engineReset() {}
    }

    @Test
    void takesNoDigestThatAnApplicationHasPutInFrontOfTheJdks() throws Exception {
        Provider foreign = new Provider("Foreign", "1", "of an application") {
            private static final long serialVersionUID = 1;
        };
        foreign.put("MessageDigest.SHA-256", Foreign.class.getName());
        Security.insertProviderAt(foreign, 1);
        try {
            assertThat(MessageDigest.getInstance("SHA-256").getProvider()).isSameAs(foreign);
            FutureTask<Fingerprint> task = new FutureTask<>(() -> of("abc"));
            new Thread(task).start();
            assertThat(task.get()).isEqualTo(OF_ABC);
        } finally {
            Security.removeProvider("Foreign");
        }
    }
}
