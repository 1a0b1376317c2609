package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When Redis counts as away, and how soon it is found to be back. */
class BreakerGateTest {
    private final Logger logger = Logger.getLogger(BreakerGate.class.getName());
    private final Lines lines = new Lines();
    private long now = Duration.ofDays(20_000).toNanos() / 7; // anything
    private int backs;
    private final BreakerGate gate = new BreakerGate("10.0.0.5:6379", () -> now, () -> backs++);

    private static final class Lines extends Handler {
        private final List<String> all = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord record) {
            all.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @BeforeEach
    void listen() {
        logger.addHandler(lines);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(lines);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private void goAway() {
        for (int i = 0; i < BreakerGate.FAILURES; i++) {
            assertThat(gate.mayAsk()).isTrue();
            gate.lacked("cannot be reached");
        }
    }

    @Test
    void redisIsAwayAfterRoundTripsInARowThatFoundNone() {
        for (int i = 1; i < BreakerGate.FAILURES; i++) {
            assertThat(gate.mayAsk()).isTrue();
            gate.lacked("cannot be reached");
            assertThat(gate.isAway()).isFalse();
        }
        assertThat(gate.mayAsk()).isTrue();
        gate.lacked("cannot be reached");

        assertThat(gate.isAway()).isTrue();
        assertThat(gate.mayAsk()).isFalse();
    }

    @Test
    void oneAnswerInBetweenSaysThatItIsThere() {
        for (int i = 0; i < 20; i++) {
            assertThat(gate.mayAsk()).isTrue();
            if (i % BreakerGate.FAILURES == 0) {
                gate.answered();
            } else {
                gate.lacked("did not answer within 125ms");
            }
        }

        assertThat(gate.isAway()).isFalse();
    }

    @Test
    void whatNeverCameAsFarAsRedisSaysNothing() {
        for (int i = 0; i < 20; i++) {
            assertThat(gate.mayAsk()).isTrue();
            gate.undecided();
        }

        assertThat(gate.isAway()).isFalse();
    }

    @Test
    void oneRoundTripIsLetThroughAfterThePauseAndItsAnswerOpensForAll() {
        goAway();
        pass(BreakerGate.PAUSE.minusMillis(1));
        assertThat(gate.mayAsk()).isFalse();
        pass(Duration.ofMillis(2));

        assertThat(gate.mayAsk()).isTrue();
        assertThat(gate.mayAsk()).isFalse();
        gate.answered();

        assertThat(gate.isAway()).isFalse();
        assertThat(gate.mayAsk()).isTrue();
        assertThat(gate.mayAsk()).isTrue();
    }

    @Test
    void probeThatFindsNoRedisIsFollowedByAnotherWithinHalfASecond() {
        goAway();
        List<Long> probes = new ArrayList<>();
        long from = now;
        while (now - from < Duration.ofSeconds(5).toNanos()) {
            if (gate.mayAsk()) {
                probes.add(now);
                gate.lacked("cannot be reached");
            }
            pass(Duration.ofMillis(5));
        }

        assertThat(probes).hasSizeGreaterThan(10);
        for (int i = 1; i < probes.size(); i++) {
            assertThat(probes.get(i) - probes.get(i - 1))
                    .isLessThanOrEqualTo(Duration.ofMillis(500).toNanos());
        }
        assertThat(gate.isAway()).isTrue();
    }

    /** A packet that is swallowed is sent again after seconds: whoever waits for that must not keep the others from trying. */
    @Test
    void probeWithoutEndKeepsNobodyBack() {
        goAway();
        pass(BreakerGate.PAUSE.plusMillis(1));
        assertThat(gate.mayAsk()).isTrue(); // and never comes back
        assertThat(gate.mayAsk()).isFalse();

        pass(BreakerGate.PAUSE);
        assertThat(gate.mayAsk()).isTrue();
        assertThat(gate.mayAsk()).isFalse();
        gate.answered();

        assertThat(gate.isAway()).isFalse();
        gate.lacked("did not answer within 30000ms"); // the first one, long after
        assertThat(gate.isAway()).isFalse();
        assertThat(gate.mayAsk()).isTrue();
    }

    @Test
    void probeThatDidNotComeAsFarAsRedisLeavesItsPlaceToTheNext() {
        goAway();
        pass(BreakerGate.PAUSE.plusMillis(1));
        assertThat(gate.mayAsk()).isTrue();
        gate.undecided();

        assertThat(gate.isAway()).isTrue();
        assertThat(gate.mayAsk()).isTrue();
    }

    @Test
    void isLoggedOnceWhenRedisGoesAndOnceWhenItIsBack() {
        goAway();
        for (int i = 0; i < 7; i++) {
            assertThat(gate.mayAsk()).isFalse();
        }
        for (int i = 0; i < 3; i++) {
            pass(Duration.ofSeconds(1));
            assertThat(gate.mayAsk()).isTrue();
            gate.lacked("did not take a connection within 250ms");
        }
        pass(Duration.ofSeconds(1));
        assertThat(gate.mayAsk()).isTrue();
        gate.answered();
        assertThat(gate.mayAsk()).isTrue();
        gate.answered();

        assertThat(backs).as("who waits for it was told, once").isEqualTo(1);
        assertThat(lines.all)
                .containsExactly(
                        "HF-105: Redis 10.0.0.5:6379 is away: it cannot be reached. Nobody waits for it from now on; it is tried"
                                + " again every 250ms.",
                        "HF-106: Redis 10.0.0.5:6379 is back after 4000ms; 7 calls were not sent meanwhile.");
    }
}
