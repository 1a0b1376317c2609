package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The clock that stands still while this process does. */
class OwnTimeTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private long real = -17;
    private final OwnTime time = new OwnTime(() -> real);

    private long millisSince(long moment) {
        return (time.nanos() - moment) / MILLI;
    }

    private void sleepAndWake(long millis) {
        real += millis * MILLI;
        time.wake();
    }

    @Test
    void goesAsTheOtherWhileItsThreadWakesUpInTime() {
        time.wake();
        long begin = time.nanos();
        for (int i = 0; i < 100; i++) {
            sleepAndWake(i % 2 == 0 ? 25 : 50);
        }
        assertThat(millisSince(begin)).isEqualTo(3750);
        assertThat(time.stalledNanos()).isZero();
    }

    @Test
    void takesAPauseOff() {
        time.wake();
        long begin = time.nanos();
        sleepAndWake(5_050);
        assertThat(millisSince(begin)).isEqualTo(50);
        assertThat(time.stalledNanos()).isEqualTo(5_000 * MILLI);
        sleepAndWake(25);
        assertThat(millisSince(begin)).isEqualTo(75);
    }

    @Test
    void whoRunsBeforeItsThreadBehindAPauseSeesNoneOfItEither() {
        time.wake();
        long begin = time.nanos();
        real += 3_000 * MILLI;
        assertThat(millisSince(begin)).isEqualTo(50);
        assertThat(time.stalledNanos()).isEqualTo(2_950 * MILLI);
        time.wake();
        assertThat(millisSince(begin)).isEqualTo(50);
        assertThat(time.stalledNanos()).isEqualTo(2_950 * MILLI);
    }

    @Test
    void goesAsTheOtherWhereNobodyWatches() {
        long begin = time.nanos();
        real += 60_000 * MILLI;
        assertThat(millisSince(begin)).isEqualTo(60_000);
        time.wake();
        assertThat(millisSince(begin)).isEqualTo(60_000);
    }
}
