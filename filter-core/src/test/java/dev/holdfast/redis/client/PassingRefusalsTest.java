package dev.holdfast.redis.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long, and by how many, what is refused for a reason that passes is tried again. */
class PassingRefusalsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private long now = Duration.ofDays(20_000).toNanos() / 7; // anything
    private final PassingRefusals refusals = new PassingRefusals(TIMEOUT.toNanos(), () -> now, () -> 2);

    private void pass(long millis) {
        now += Duration.ofMillis(millis).toNanos();
    }

    private boolean triesAgain() {
        return !refusals.isLasting();
    }

    @Test
    void itIsTriedAgainUntilItHasBeenRefusedForTheTimeout() {
        assertThat(triesAgain()).isTrue();
        pass(1_999);
        assertThat(triesAgain()).isTrue();
        pass(1);
        assertThat(triesAgain()).isFalse();
    }

    @Test
    void aChangeThatWasTakenBeginsAnew() {
        triesAgain();
        pass(1_900);
        refusals.beginAnew();
        pass(1_900);
        assertThat(triesAgain()).isTrue();
        pass(1_999);
        assertThat(triesAgain()).isTrue();
    }

    @Test
    void aTimeInWhichNobodyAskedIsNoTimeOfRefusals() {
        triesAgain();
        pass(2_001);
        assertThat(triesAgain()).isTrue();
    }

    @Test
    void itStaysRefusedWhileSomebodyAsks() {
        for (int i = 0; i < 100; i++) {
            triesAgain();
            pass(1_000);
        }
        assertThat(triesAgain()).isFalse();
    }

    @Test
    void atMostHalfOfTheThreadsTryAgainAtATime() {
        assertThat(refusals.enter()).isTrue();
        assertThat(refusals.enter()).isTrue();
        assertThat(refusals.enter()).isFalse();
        refusals.leave();
        assertThat(refusals.enter()).isTrue();
    }
}
