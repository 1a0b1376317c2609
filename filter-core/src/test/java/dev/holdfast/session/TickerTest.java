package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The clock of all intervals. */
class TickerTest {
    @Test
    void clockNeverGoesBackAndFollowsTheMonotonicOne() {
        Ticker ticker = Ticker.system();
        long start = System.nanoTime();
        long first = ticker.nanos();
        long last = first;
        for (int i = 0; i < 100_000; i++) {
            long now = ticker.nanos();
            assertThat(now).isGreaterThanOrEqualTo(last);
            last = now;
        }

        assertThat(last - first)
                .isPositive()
                .isLessThan(System.nanoTime() - start + Duration.ofSeconds(1).toNanos());
    }

    @Test
    void waitEndsWhenTheMomentHasCome() {
        Ticker ticker = Ticker.system();
        long moment = ticker.nanos() + Duration.ofMillis(5).toNanos();

        ticker.await(moment);

        assertThat(ticker.nanos()).isGreaterThanOrEqualTo(moment);
    }

    @Test
    void interruptNeitherShortensAWaitNorIsLost() {
        AtomicInteger reads = new AtomicInteger();
        Ticker ticker = () -> reads.incrementAndGet() * 1000L;
        Thread.currentThread().interrupt();

        ticker.await(10_000);

        assertThat(reads).hasValueGreaterThanOrEqualTo(10);
        assertThat(Thread.interrupted()).isTrue();
    }
}
