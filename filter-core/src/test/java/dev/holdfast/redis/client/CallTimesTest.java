package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallTimesTest {
    private final CallTimes times = new CallTimes();

    @Test
    void eachCallIsInTheFirstBucketThatIsLongEnough() {
        assertThat(CallTimes.bounds())
                .startsWith(0.000_25, 0.000_5, 0.001)
                .endsWith(1.0, 2.5)
                .isSorted();

        times.note(0);
        times.note(TimeUnit.MICROSECONDS.toNanos(250));
        times.note(TimeUnit.MICROSECONDS.toNanos(251));
        times.note(TimeUnit.MILLISECONDS.toNanos(2_500));
        times.note(TimeUnit.MILLISECONDS.toNanos(2_501));

        assertThat(times.counts()).hasSize(CallTimes.bounds().size() + 1);
        assertThat(times.counts().subList(0, 3)).containsExactly(2L, 1L, 0L);
        assertThat(times.counts().subList(12, 14)).containsExactly(1L, 1L);
        assertThat(times.seconds()).isEqualTo(5.001_501);
    }
}
