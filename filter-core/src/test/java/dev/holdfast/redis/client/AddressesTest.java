package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A name server that says nothing, or nothing any more. */
@Timeout(30)
class AddressesTest {
    private final InetAddress one = address(1);
    private final InetAddress two = address(2);
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch silence = new CountDownLatch(1);
    private volatile boolean silent;
    private volatile boolean unknown;
    private final Addresses addresses = new Addresses(host -> {
        asked.incrementAndGet();
        if (silent) {
            try {
                silence.await();
            } catch (InterruptedException e) {
                throw new UnknownHostException(host);
            }
        }
        if (unknown) {
            throw new UnknownHostException(host);
        }
        return new InetAddress[] {one, two};
    });

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static long in(Duration time) {
        return OwnTime.now() + time.toNanos();
    }

    @Test
    void aLookUpEndsWithTheDeadline() {
        silent = true;
        assertThatThrownBy(() -> addresses.of("redis.internal", in(Duration.ofMillis(20))))
                .isInstanceOf(RedisConnectException.class)
                .hasMessageContaining("has a name that was not looked up within")
                .extracting(e -> ((RedisConnectException) e).remedy())
                .asString()
                .startsWith("HF-455: ");
        assertThatThrownBy(() -> addresses.of("redis.internal", in(Duration.ofMillis(20))))
                .isInstanceOf(RedisConnectException.class);
        assertThat(asked).as("one thread waits for the name server").hasValue(1);
        silence.countDown();
    }

    @Test
    void whatWasKnownServesWhileTheNameServerSaysNothing() throws Exception {
        addresses.of("redis.internal", in(Duration.ofSeconds(10)));
        silent = true;
        assertThat(addresses.of("redis.internal", in(Duration.ofSeconds(10)))).containsExactly(one, two);
        assertThat(addresses.of("redis.internal", in(Duration.ofSeconds(10)))).containsExactly(one, two);
        silence.countDown();
    }

    @Test
    void whatWasKnownServesWhileTheNameIsNotKnownAnyMore() throws Exception {
        addresses.of("redis.internal", in(Duration.ofSeconds(10)));
        unknown = true;
        assertThat(addresses.of("redis.internal", in(Duration.ofSeconds(10)))).containsExactly(one, two);
    }

    @Test
    void aNameThatNobodyKnowsIsSaidToBeUnknown() {
        unknown = true;
        assertThatThrownBy(() -> addresses.of("redis.internal", in(Duration.ofSeconds(10))))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void theAddressThatTookAConnectionIsTriedFirstNextTime() throws Exception {
        addresses.of("redis.internal", in(Duration.ofSeconds(10)));
        addresses.took("redis.internal", two);
        assertThat(addresses.of("redis.internal", in(Duration.ofSeconds(10)))).containsExactly(two, one);
    }
}
