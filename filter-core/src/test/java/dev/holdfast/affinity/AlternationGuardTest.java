package dev.holdfast.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Filter;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

class AlternationGuardTest {
    private final AtomicLong nanos = new AtomicLong(TimeUnit.HOURS.toNanos(7));
    private final AlternationGuard guard = new AlternationGuard(nanos::get);

    @Test
    void letsASessionMoveThreeTimesAndThenLeavesItsCookieAlone() {
        assertThat(guard.mayMove("a")).isTrue();
        assertThat(guard.mayMove("a")).isTrue();
        assertThat(guard.mayMove("a")).isTrue();

        assertThat(guard.mayMove("a")).isFalse();
        assertThat(guard.mayMove("a")).isFalse();
    }

    @Test
    void countsAnewAfterAMinuteWithoutMoves() {
        moveTimes(300);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));

        assertThat(guard.mayMove("a")).isTrue();
    }

    @Test
    void staysAwayAsLongAsTheSessionKeepsAlternating() {
        moveTimes(4);
        for (int i = 0; i < 10; i++) {
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(59));
            assertThat(guard.mayMove("a")).isFalse();
        }
    }

    @Test
    void doesNotBlameOneSessionForAnother() {
        moveTimes(4);

        assertThat(guard.mayMove("b")).isTrue();
    }

    @Test
    void saysOnceThatTheBalancerDoesNotFollow() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.holdfast.affinity.AlternationGuard");
        Filter before = logger.getFilter();
        logger.setFilter(line -> {
            lines.add(new SimpleFormatter().formatMessage(line));
            return false;
        });
        try {
            moveTimes(10);
        } finally {
            logger.setFilter(before);
        }

        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("HF-301: The balancer does not follow the route: a session came to this node 4 times");
    }

    private void moveTimes(int times) {
        for (int i = 0; i < times; i++) {
            guard.mayMove("a");
        }
    }
}
