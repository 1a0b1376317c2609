package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.copy.EndMemory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** F, the deadline, and how long keys live, for each kind of max inactive. */
class LifetimesTest {
    private static final long HOUR = Duration.ofHours(1).toMillis();

    @ParameterizedTest(name = "max inactive {0} s: F is {1} ms")
    @CsvSource({
        "1, 500",
        "10, 5000",
        "19, 9500",
        "20, 10000",
        "59, 10000",
        "60, 10000",
        "66, 11000",
        "600, 100000",
        "1799, 299833",
        "1800, 300000",
        "86400, 300000",
        "2147483647, 300000",
        "0, 300000",
        "-1, 300000"
    })
    void graceIsASixthFromTenSecondsToFiveMinutesAndNeverOverHalf(int maxInactive, long grace) {
        assertThat(Lifetimes.graceMillis(maxInactive)).isEqualTo(grace);
    }

    @ParameterizedTest
    @CsvSource({"1", "60", "1800", "2147483647"})
    void deadlineIsMaxInactiveAndGraceAndKeysOutliveItByAnHour(int maxInactive) {
        long deadline = maxInactive * 1000L + Lifetimes.graceMillis(maxInactive);

        assertThat(Lifetimes.deadlineMillis(maxInactive)).isEqualTo(deadline);
        assertThat(Lifetimes.keyMillis(maxInactive)).isEqualTo(deadline + HOUR);
    }

    /** Each login and logout leaves a tombstone: nothing needs it as long as a session of weeks lives. */
    @ParameterizedTest(name = "max inactive {0} s: a tombstone lives {1} ms")
    @CsvSource({
        "1, 3601500",
        "1800, 5700000",
        "604000, 607900000",
        "604800, 608400000",
        "2592000, 608400000",
        "0, 608400000"
    })
    void tombstoneLivesAsLongAsTheKeyWouldAndNoLongerThanAWeekAndAnHour(int maxInactive, long millis) {
        assertThat(Lifetimes.tombstoneMillis(maxInactive)).isEqualTo(millis);
        assertThat(millis)
                .as("longer than a copy may be sent again")
                .isGreaterThan(Math.min(
                        TimeUnit.NANOSECONDS.toMillis(EndMemory.lifeNanos(maxInactive)),
                        Lifetimes.deadlineMillis(maxInactive) + 1));
    }

    @ParameterizedTest(name = "max inactive {0} s: gone {1} ms after the last use where nodes roam")
    @CsvSource({"1, 1500", "4, 6000", "10, 12000", "1800, 1802000", "0, 0"})
    void roamingNodesFindNoSessionTwoSecondsAfterItsTimeoutAndNeverAfterItsDeadline(int maxInactive, long millis) {
        assertThat(Lifetimes.roamingDeadlineMillis(maxInactive)).isEqualTo(millis);
    }

    @ParameterizedTest
    @CsvSource({"0", "-1"})
    void sessionWithoutTimeoutHasNoDeadlineAndLivesThirtyDays(int maxInactive) {
        assertThat(Lifetimes.deadlineMillis(maxInactive)).isZero();
        assertThat(Lifetimes.keyMillis(maxInactive))
                .isEqualTo(Duration.ofDays(30).toMillis());
    }

    @Test
    void logIsTrustedForTwoSeconds() {
        assertThat(Lifetimes.LOG_AGE).isEqualTo(Duration.ofSeconds(2));
    }
}
