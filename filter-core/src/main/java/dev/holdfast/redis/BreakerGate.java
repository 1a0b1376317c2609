package dev.holdfast.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuit breaker of resilience4j as {@link OutageGate}.
 *
 * <p><b>Implementation note.</b> Invariant: while the gate is closed, at least one round trip may begin in any {@link #PAUSE}, whatever
 * became of the one before it. The library lets one probe through and waits for its end, and that may be as far as the longest
 * {@code holdfast.timeout} away: packets that a firewall swallowed are sent again after seconds. So a probe that has not ended in time keeps
 * nobody back. It has no thread: requests and the background work of each second are the probes. Its clock is the monotonic one, or a wall
 * clock set back would keep Redis away. Proved by {@code BreakerGateTest}.
 */
final class BreakerGate implements OutageGate {
    /** Half of what a probe may be apart from the next: one that is answered by nobody takes some time, too. */
    static final Duration PAUSE = Duration.ofMillis(250);

    /** Round trips in a row. Each has tried twice by then, where a second try could help. */
    static final int FAILURES = 3;

    private static final Logger LOG = LoggerFactory.getLogger(BreakerGate.class);
    private static final long NO_PROBE = Long.MIN_VALUE;

    private final Object redis;
    private final LongSupplier nanos;
    private final Runnable back;
    private final CircuitBreaker breaker;
    private final AtomicLong probedAt = new AtomicLong(NO_PROBE);
    private final AtomicLong heldBack = new AtomicLong();
    private volatile String lastProblem = "";
    private volatile long awaySince;
    private volatile boolean away; // written by the library's transitions, which come one at a time

    /**
     * @param redis its text names it in messages
     * @param nanos a clock that never goes back
     * @param back runs when it was away and has answered; quick, and throws nothing
     */
    BreakerGate(Object redis, LongSupplier nanos, Runnable back) {
        this.redis = redis;
        this.nanos = nanos;
        this.back = back;
        this.breaker = CircuitBreaker.of(
                "redis",
                CircuitBreakerConfig.custom()
                        .slidingWindowType(SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(FAILURES)
                        .minimumNumberOfCalls(FAILURES)
                        .failureRateThreshold(100)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .waitDurationInOpenState(PAUSE)
                        .clock(new Monotonic(nanos))
                        .writableStackTraceEnabled(false)
                        .build());
        breaker.getEventPublisher()
                .onStateTransition(event -> entered(event.getStateTransition().getToState()));
    }

    @Override
    public boolean mayAsk() {
        boolean may = breaker.tryAcquirePermission() || isProbeOverdue();
        if (!may) {
            heldBack.incrementAndGet();
        } else if (breaker.getState() == State.HALF_OPEN) {
            probedAt.set(nanos.getAsLong());
        }
        return may;
    }

    /** Whether the probe before has not ended in time; only one caller is told so. */
    private boolean isProbeOverdue() {
        long before = probedAt.get();
        long now = nanos.getAsLong();
        return breaker.getState() == State.HALF_OPEN
                && before != NO_PROBE
                && now - before >= PAUSE.toNanos()
                && probedAt.compareAndSet(before, now);
    }

    @Override
    public void answered() {
        breaker.onSuccess(0, TimeUnit.NANOSECONDS);
    }

    @Override
    public void lacked(String problem) {
        lastProblem = problem;
        breaker.onError(0, TimeUnit.NANOSECONDS, new Lacking(problem));
    }

    @Override
    public void undecided() {
        breaker.releasePermission();
    }

    @Override
    public boolean isAway() {
        return away;
    }

    @Override
    public long awayMillis() {
        return away ? TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong() - awaySince) : 0;
    }

    private void entered(State state) {
        if (state == State.OPEN && !away) {
            heldBack.set(0);
            awaySince = nanos.getAsLong();
            away = true;
            LOG.warn(
                    "HF-105: Redis {} is away: it {}. Nobody waits for it from now on; it is tried again every {}ms.",
                    redis,
                    lastProblem,
                    PAUSE.toMillis());
        } else if (state == State.CLOSED && away) {
            long millis = awayMillis();
            away = false;
            LOG.warn(
                    "HF-106: Redis {} is back after {}ms; {} calls were not sent meanwhile.",
                    redis,
                    millis,
                    heldBack.get());
            back.run();
        }
    }

    /** The library wants to know why, and does nothing with it. */
    private static final class Lacking extends Exception {
        private static final long serialVersionUID = 1L;

        Lacking(String problem) {
            super(problem, null, false, false);
        }
    }

    /** For intervals only. */
    private static final class Monotonic extends Clock {
        private final LongSupplier nanos;

        Monotonic(LongSupplier nanos) {
            this.nanos = nanos;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(nanos.getAsLong());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this; // nobody reads a date from it
        }
    }
}
