package dev.holdfast.redis.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.LogCapture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When Redis counts as away, who may wait for it, and that its first answer is its return. */
class OutageGateTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int THREADS = 8;

    private final LogCapture log = new LogCapture("dev.holdfast.redis.OutageGate");
    private long now = Duration.ofDays(20_000).toNanos() / 7; // anything
    private int looked;
    private int backs;
    private final OutageGate gate =
            new OutageGate("10.0.0.5:6379", TIMEOUT.toNanos(), () -> now, () -> THREADS, () -> looked++, () -> backs++);

    @AfterEach
    void stopListening() {
        log.close();
    }

    private void pass(long millis) {
        now += Duration.ofMillis(millis).toNanos();
        gate.look();
    }

    private @Nullable Waiter tryToWait() {
        return gate.enter(now, false, 0, "key");
    }

    private Waiter waits() {
        return requireNonNull(tryToWait());
    }

    private void goAway() {
        Waiter waiter = waits();
        pass(TIMEOUT.toMillis());
        gate.unanswered(waiter, "did not answer within 2000ms");
    }

    @Test
    void redisIsAwayWhenNothingCameForTheWholeTimeThoughSomebodyWaited() {
        waits();
        pass(TIMEOUT.toMillis() - 1);
        assertThat(gate.isAway()).isFalse();
        pass(1);
        assertThat(gate.isAway()).isTrue();
        assertThat(looked).as("somebody looks for it").isEqualTo(1);
        pass(5_000);
        assertThat(looked).isEqualTo(1);
    }

    @Test
    void whoWaitedForAllOfTheTimeSeesThatItIsAway() {
        long began = now;
        pass(30); // before its thread came to it
        Waiter waiter = requireNonNull(gate.enter(began, false, 0, null));
        now = began + TIMEOUT.toNanos();
        gate.unanswered(waiter, "did not answer within 1970ms");
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void anyAnswerBeginsTheTimeAnew() {
        waits();
        pass(1_999);
        gate.answered(waits());
        pass(1_999);
        assertThat(gate.isAway()).isFalse();
        pass(1);
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void oneSlowReplyThatComesBitByBitIsNoSilence() {
        Waiter large = waits();
        waits();
        for (int i = 0; i < 100; i++) {
            pass(100);
            large.heard(now);
        }
        assertThat(gate.isAway()).isFalse();
        pass(1_999);
        assertThat(gate.isAway()).isFalse();
        pass(1);
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void whatWasHeardOfAReplyCountsAlsoIfItsRestNeverCame() {
        Waiter cut = waits();
        waits();
        pass(1_500);
        cut.heard(now);
        pass(10);
        gate.unanswered(cut, "broke the connection");
        pass(1_900);
        assertThat(gate.isAway()).isFalse();
    }

    @Test
    void timesInWhichNobodyWaitsAreNoSilence() {
        gate.unanswered(waits(), "");
        pass(60_000);
        waits();
        assertThat(gate.isAway()).isFalse();
        pass(1_000);
        assertThat(gate.isAway()).isFalse();
    }

    @Test
    void silencesWithAPauseBetweenThemAreOne() {
        for (int second = 0; second < 2; second++) {
            Waiter question = requireNonNull(gate.enter(now, true, 0, "key"));
            pass(999);
            gate.unanswered(question, "did not answer within 999ms");
            assertThat(gate.isAway()).isFalse();
            pass(1_000); // until the background asks again
        }
        waits();
        pass(2);
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void whoCanServeNobodyForTheWholeTimeIsAway() {
        Waiter waiter = waits();
        for (int i = 0; i < 20; i++) {
            assertThat(gate.isAway()).isFalse();
            pass(99);
            waiter.heard(now);
            waiter.heardNothingOfUse(); // LOADING
        }
        pass(20);
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void refusedConnectionsAreASilence() {
        for (int i = 0; i < 4; i++) {
            Waiter waiter = waits();
            pass(500);
            gate.unanswered(waiter, "cannot be reached, Connection refused");
        }
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void nobodyWaitsForARedisThatIsAway() {
        Waiter inside = waits();
        assertThat(inside.mustLeave()).isFalse();
        goAway();
        assertThat(inside.mustLeave()).as("who waits already leaves").isTrue();
        assertThat(tryToWait()).isNull();
    }

    @Test
    void theFirstAnswerIsItsReturn() {
        goAway();
        pass(4_000);
        assertThat(gate.awayMillis()).isEqualTo(4_000);
        gate.answered();
        assertThat(gate.isAway()).isFalse();
        assertThat(gate.awayMillis()).isZero();
        assertThat(backs).isEqualTo(1);
        waits();
        pass(1_999);
        assertThat(gate.isAway()).as("the silence of before is forgotten").isFalse();
        gate.answered(waits());
        assertThat(backs).as("told once").isEqualTo(1);
    }

    /** It would be away again with the next request: it is back when it answers in time, which the probe finds out. */
    @Test
    void aLateAnswerToSomebodyWhoGaveUpIsNoReturn() {
        goAway();
        gate.heardLate();
        assertThat(gate.isAway()).isTrue();
        assertThat(backs).isZero();
    }

    @Test
    void lateAnswersKeepItFromBeingAwayButLetNobodyWaitLonger() {
        List<Waiter> all = new ArrayList<>();
        for (int i = 0; i < THREADS / 2; i++) {
            all.add(waits());
        }
        for (int i = 0; i < 50; i++) {
            pass(100);
            gate.heardLate(); // a Redis that crawls
        }
        assertThat(gate.isAway()).isFalse();
        assertThat(tryToWait()).as("nobody was answered").isNull();
        assertThat(all).noneMatch(Waiter::mustLeave);
    }

    /** Requests that begin together are answered together, each time as late. */
    @Test
    void behindAnAnswerThatCameTooLateASilenceTakesTwiceAsLong() {
        waits();
        pass(1_999);
        gate.heardLate();
        pass(3_999);
        assertThat(gate.isAway()).isFalse();
        pass(1);
        assertThat(gate.isAway()).isTrue();
    }

    @Test
    void halfOfTheThreadsWaitForARedisThatHasSaidNothingForAWhile() {
        for (int i = 0; i < THREADS; i++) {
            waits();
        }
        pass(249);
        assertThat(tryToWait()).as("it is not silent yet").isNotNull();
        pass(1);
        assertThat(tryToWait()).isNull();
        assertThat(gate.enter(now, true, 0, "key"))
                .as("the background has no thread of the container")
                .isNotNull();
    }

    @Test
    void thoseWhoCameLastLeaveIfTooManyWait() {
        List<Waiter> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(waits());
        }
        pass(249);
        assertThat(all).noneMatch(Waiter::mustLeave);
        pass(1);
        assertThat(all.subList(0, THREADS / 2)).noneMatch(Waiter::mustLeave);
        assertThat(all.subList(THREADS / 2, THREADS)).allMatch(Waiter::mustLeave);
        gate.answered(all.get(0));
        assertThat(all).as("it answers again").noneMatch(Waiter::mustLeave);
    }

    @Test
    void howeverManyWaitWhileItAnswers() {
        List<Waiter> all = new ArrayList<>();
        for (int i = 0; i < 10 * THREADS; i++) {
            all.add(waits());
        }
        while (!all.isEmpty()) {
            pass(200);
            assertThat(all).noneMatch(Waiter::mustLeave);
            gate.answered(all.remove(0));
        }
        assertThat(gate.isAway()).isFalse();
    }

    @Test
    void whoHasWaitedForNearlyAllOfTheTimeMayWaitForTheRest() {
        waits();
        pass(1_899);
        assertThat(gate.nearlyAway()).isZero();
        pass(1);
        assertThat(gate.nearlyAway()).isEqualTo(Duration.ofMillis(100).toNanos());
        pass(100);
        assertThat(gate.nearlyAway()).isZero();
    }

    @Test
    void saysWhatItDidAndHowLongItWasAway() {
        goAway();
        gate.sayAway(500);
        tryToWait();
        tryToWait();
        pass(3_000);
        gate.answered();
        assertThat(log.messages())
                .containsExactly(
                        "HF-105: Redis 10.0.0.5:6379 is away: for 2000ms nothing of use came from it, it did not"
                                + " answer within 2000ms. Nobody waits for it from now on; it is looked for at least every"
                                + " 500ms.",
                        "HF-106: Redis 10.0.0.5:6379 is back after 3000ms; 2 calls were not sent meanwhile.");
    }

    @Test
    void saysOnceThatTooManyWaitUntilItAnswers() {
        gate.sayTooMany();
        gate.sayTooMany();
        gate.answered(waits());
        gate.sayTooMany();
        assertThat(log.messages())
                .hasSize(2)
                .allMatch(line -> line.startsWith("HF-131: Redis 10.0.0.5:6379 has answered nothing for 250ms"));
        assertThat(gate.tooMany()).isEqualTo(3);
    }
}
