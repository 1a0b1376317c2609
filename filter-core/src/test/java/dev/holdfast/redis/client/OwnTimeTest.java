package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Filter;
import java.util.logging.Logger;
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

    /** Without its thread nothing is found to be away any more. */
    @Test
    void watcherThatFailsIsToldAndRunsAgain() {
        List<String> lines = new CopyOnWriteArrayList<>();
        Logger logger = Logger.getLogger("dev.holdfast.redis.OwnTime");
        Filter before = logger.getFilter();
        logger.setFilter(line -> {
            lines.add(line.getMessage());
            return false;
        });
        AtomicInteger runs = new AtomicInteger();
        Runnable failing = () -> {
            runs.incrementAndGet();
            throw new IllegalStateException("on purpose");
        };
        OwnTime.watch(failing);
        try {
            await().until(() -> runs.get() > 1);
        } finally {
            OwnTime.forget(failing);
            logger.setFilter(before);
        }

        assertThat(lines)
                .isNotEmpty()
                .allMatch(line -> line.startsWith("HF-132: The look for whether Redis is away failed"));
    }
}
