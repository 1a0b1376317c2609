package dev.holdfast.redis.client;

import dev.holdfast.redis.client.AttemptResult.Next;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Sends round trips until they are answered, or until their time is over: decides, after each of their {@link
 * Attempts}, about the next. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A round trip is sent again at most once after an unknown outcome (a time-out or a
 * break after its first byte), with the same arguments: scripts recognise their own stamp. That second attempt takes no
 * connection that was idle, because a firewall that forgot one forgot them all; it begins when nothing came or went on
 * the first for half of the time, and from then on the answer of either does: a Redis that is merely slow would be as
 * slow again. What was refused before anything ran, for a reason that passes or because a cluster has it elsewhere, is
 * tried again until the time is over, and so is connecting; the round trip then goes out whole, as after an unknown
 * outcome, so that all of it ran on one connection. Proved by {@code RedisServerIT} and {@code ClusterIT}.
 */
final class CommandExecutor {
    private static final int MAX_UNKNOWN = 2;
    private static final int MAX_BROKEN = 3;
    private static final int MAX_REDIRECTS = 5;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    /** What was refused is tried again while this part of the time is left. */
    private static final int LEAST_PART = 8;

    private final Topology topology;
    private final Doubts doubts;

    CommandExecutor(Topology topology) {
        this.topology = topology;
        this.doubts = new Doubts(topology);
    }

    /**
     * Sends one to the primary of its slots.
     *
     * @param end of its time, by {@link OwnTime}
     * @param budget for messages, and whether a request waits
     * @throws StoreUnavailableException if there was no answer in time, or none is to be expected: that primary is
     *     away, or too many wait for it
     */
    Replies run(Pipeline pipeline, List<Integer> slots, long end, WaitBudget budget) {
        RoundTrip trip = new RoundTrip(pipeline, slots, end, budget);
        return new Execution(trip, new Attempts(trip, topology, doubts)).run();
    }

    /** One round trip, until it is answered. */
    private static final class Execution {
        private final RoundTrip trip;
        private final Attempts attempts;

        /** Where what is refused is tried again, if it is. */
        private @Nullable RedisNode triesAgainAt;

        /** What Redis refused last, if it did; a redirection is no refusal. */
        private @Nullable List<@Nullable Object> refused;

        /** What was heard last that was neither a silence nor a redirection. */
        private @Nullable EarlierFailure told;

        /** Since anything else was heard. */
        private int redirects;

        private Execution(RoundTrip trip, Attempts attempts) {
            this.trip = trip;
            this.attempts = attempts;
        }

        Replies run() {
            try (attempts) {
                return untilAnswered();
            } finally {
                if (triesAgainAt != null) {
                    triesAgainAt.refusals().leave();
                }
            }
        }

        private Replies untilAnswered() {
            long pause = PAUSE_NANOS;
            for (int number = 1; ; number++) {
                AttemptResult attempt = attempts.next();
                remember(attempt);
                boolean pauses = pauses(attempt);
                boolean wantsAgain =
                        attempt.next() != Next.NOTHING && attempts.unknown() < MAX_UNKNOWN && passes(attempt);
                boolean hasTime = wantsAgain && hasTimeBehind(pauses ? pause : 0);
                if (wantsAgain && pauses) {
                    stay(hasTime ? OwnTime.now() + pause : trip.end());
                    pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
                    hasTime = hasTime && hasTimeBehind(0); // this process may have stood still
                }
                if (wantsAgain
                        && (hasTime || attempts.isAnsweredAfterAll())
                        && !attempts.waiter().mustLeave()) {
                    continue;
                }
                if (attempt.replies() == null && attempts.mayBeAnsweredAfterAll()) {
                    attempts.waiter().alsoListens(attempts::isHeardAfterAll);
                    stay(trip.end());
                    attempt = attempts.isHeardAfterAll() ? attempts.answerAfterAll() : attempt;
                }
                boolean tellsLess = attempt.isRedirected() && !attempts.hasRun();
                if (attempt.replies() != null && (refused == null || !tellsLess)) {
                    return answered(attempt.replies());
                }
                if (refused != null && (!attempts.isUnknown() || attempt.replies() != null)) {
                    // What Redis said tells more than where it sent us, or that there was no time to hear it again.
                    return refusedBefore(attempt, refused);
                }
                throw unanswered(attempt, number);
            }
        }

        private void remember(AttemptResult attempt) {
            if (attempt.isRedirected()) {
                redirects++;
            } else if (attempt.replies() != null) {
                redirects = 0;
                refused = attempt.replies();
                if (refused.get(0) instanceof JedisDataException error) {
                    tell(ConnectionFailure.refused(error));
                }
            } else if (attempt.problem().isHeard()) {
                tell(attempt.problem());
            }
        }

        private void tell(ConnectionFailure what) {
            told = new EarlierFailure(attempts.node(), what, OwnTime.now());
        }

        private boolean pauses(AttemptResult attempt) {
            return switch (attempt.next()) {
                case NOTHING -> false;
                case AT_ONCE -> attempts.broken() >= MAX_BROKEN;
                case ELSEWHERE -> redirects > MAX_REDIRECTS;
                case AFTER_A_PAUSE -> true;
            };
        }

        /** Whether it is worth trying again what was refused; all else is, as far as this is concerned. */
        private boolean passes(AttemptResult attempt) {
            RedisError refusal = attempt.refusal();
            if (refusal == null || !refusal.isPassingAnswer()) {
                return true;
            }
            PassingRefusals refusals = attempts.node().refusals();
            if (refusal.mayLast() && refusals.isLasting()) {
                return false;
            }
            if (triesAgainAt == null && refusals.enter()) {
                triesAgainAt = attempts.node();
            }
            return triesAgainAt != null;
        }

        /** Whether there is time for one more: one that is cut short would make an unknown outcome of a refusal. */
        private boolean hasTimeBehind(long pause) {
            long least = refused == null ? pause : (trip.end() - trip.began()) / LEAST_PART;
            return trip.end() - OwnTime.now() > pause + Math.max(pause, least);
        }

        /** Waits, unless it makes no sense any more. */
        private void stay(long until) {
            for (long left = until - OwnTime.now();
                    left > 0
                            && !attempts.waiter().waitsInVain()
                            && !Thread.currentThread().isInterrupted();
                    left = until - OwnTime.now()) {
                LockSupport.parkNanos(Math.min(left, MAX_PAUSE_NANOS));
            }
        }

        private Replies answered(List<@Nullable Object> all) {
            RedisNode node = attempts.node();
            Replies replies = trip.pipeline().replies(all, attempts.isRepeated());
            JedisDataException refusal = replies.refusal(0);
            if (node.refusals().areAny() && trip.pipeline().wasChange(replies)) {
                node.refusals().beginAnew();
            }
            if (refusal == null || !RedisError.of(refusal).isLack()) {
                node.gate().answered(attempts.waiter());
                return replies;
            }
            leave("said \"" + RedisError.words(refusal) + "\"");
            return replies.asOf(node.gate().isAway());
        }

        /**
         * What was refused by an attempt before the last, which has told no more: the one that answers is the caller's
         * reply, the last tells what became of Redis.
         */
        private Replies refusedBefore(AttemptResult last, List<@Nullable Object> all) {
            RedisNode node = attempts.node();
            if (last.replies() != null) {
                node.gate().answered(attempts.waiter());
            } else {
                leave(last.problem(), last.problem().reason() != Reason.NONE);
            }
            Replies replies = trip.pipeline().replies(all, attempts.isRepeated() || attempts.hasRun());
            JedisDataException refusal = replies.refusal(0);
            return refusal != null && RedisError.of(refusal).isLack()
                    ? replies.asOf(node.gate().isAway())
                    : replies;
        }

        /** @param lacking whether it tells that Redis may be away */
        private void leave(ConnectionFailure problem, boolean lacking) {
            if (problem.isAnswer()) {
                attempts.node().gate().answered(attempts.waiter());
            } else {
                leave(lacking && !attempts.waiter().isOneTooMany() ? problem.what() : "");
            }
        }

        /** Without an answer. Who has waited for nearly all that makes it away stays until that is decided. */
        private void leave(String what) {
            OutageGate gate = attempts.node().gate();
            if (!what.isEmpty()) {
                stay(OwnTime.now() + gate.nearlyAway());
            }
            gate.unanswered(attempts.waiter(), what);
        }

        private StoreUnavailableException unanswered(AttemptResult attempt, int number) {
            RedisNode node = attempts.node();
            ConnectionFailure problem = attempt.problem();
            // What this attempt says itself tells more, and so does a silence that lasted for half of the time.
            boolean saysLittle = problem.isSilence() || problem.isWithoutTime();
            EarlierFailure earlier =
                    saysLittle && told != null && OwnTime.now() - told.at() < trip.half() ? told : null;
            boolean unknown = attempts.isUnknown();
            boolean tooMany = attempts.waiter().isOneTooMany();
            boolean lacking = problem.reason() != Reason.NONE || unknown;
            leave(problem, lacking);
            if (tooMany && !node.gate().isAway()) {
                node.gate().sayTooMany();
                return trip.tooMany(node, attempts.isRepeated());
            }
            Reason reason = node.gate().isAway()
                    ? Reason.AWAY
                    : lacking || node.gate().isSilent() ? Reason.SILENT : Reason.NONE;
            return trip.unanswered(node, attempt, number, earlier, attempts.isRepeated(), reason);
        }
    }
}
