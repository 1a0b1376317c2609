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

    /** Two clocks that a test moves, in milliseconds. */
    private static final class Clocks {
        private long monotonic = 5_000;
        private long wall = 1_700_000_000_000L;
        private long pause;
        private final Ticker ticker = new SystemTicker(() -> monotonic * 1_000_000, this::readWall);

        /** The next time that both are read, a thread is held up for so long in between. */
        void pauseBetweenReads(long millis) {
            pause = millis;
        }

        private long readWall() {
            pass(pause, pause);
            pause = 0;
            return wall;
        }

        void pass(long byMonotonic, long byWall) {
            monotonic += byMonotonic;
            wall += byWall;
        }

        long millis() {
            return ticker.nanos() / 1_000_000;
        }
    }

    @Test
    void timeInWhichTheMonotonicClockStoodStillCounts() {
        Clocks clocks = new Clocks();
        long start = clocks.millis();

        clocks.pass(1_000, 61_000);

        assertThat(clocks.millis() - start).isEqualTo(61_000);
        clocks.pass(1_000, 1_000);
        assertThat(clocks.millis() - start).isEqualTo(62_000);
    }

    @Test
    void pauseBetweenTheReadsOfTheTwoClocksCountsOnce() {
        Clocks clocks = new Clocks();
        long start = clocks.millis();

        for (int i = 0; i < 10; i++) {
            clocks.pass(1_000, 1_000);
            clocks.pauseBetweenReads(500);
            clocks.millis();
        }

        clocks.pass(1_000, 1_000);
        assertThat(clocks.millis() - start).isEqualTo(16_000);
    }

    @Test
    void smallDifferencesOfTheClocksCountWhenTheyAreALargeOneTogether() {
        Clocks clocks = new Clocks();
        long start = clocks.millis();

        clocks.pass(1_000, 1_150);
        assertThat(clocks.millis() - start).isEqualTo(1_000);
        clocks.pass(1_000, 1_150);

        assertThat(clocks.millis() - start).isEqualTo(2_300);
    }

    @Test
    void wallClockThatIsSetBackCostsNothing() {
        Clocks clocks = new Clocks();
        long start = clocks.millis();

        clocks.pass(1_000, -3_600_000);
        assertThat(clocks.millis() - start).isEqualTo(1_000);
        clocks.pass(1_000, 31_000); // and stands still from then on

        assertThat(clocks.millis() - start).isEqualTo(32_000);
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
