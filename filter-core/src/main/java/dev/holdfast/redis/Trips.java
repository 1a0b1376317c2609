package dev.holdfast.redis;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Lack;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Sends round trips until they are answered, or until their time is over. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> A round trip is sent again at most once after an unknown outcome (a time-out or a break after its first
 * byte), with the same arguments: scripts recognise their own stamp. What was refused before anything ran, for a reason that passes or
 * because a cluster has it elsewhere, is tried again until the time is over; the round trip then goes out whole, as after an unknown
 * outcome, so that all of it ran on one connection. Proved by {@code RedisServerIT} and {@code ClusterIT}.
 */
final class Trips {
    private static final int MAX_UNKNOWN = 2;
    private static final int MAX_BROKEN = 3;
    private static final int MAX_REDIRECTS = 5;
    private static final long RENEWAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Places places;
    private final Duration timeout;
    private volatile long renewed = System.nanoTime() - RENEWAL_NANOS;

    /** @param timeout of one attempt */
    Trips(Places places, Duration timeout) {
        this.places = places;
        this.timeout = timeout;
    }

    /**
     * Sends one to the place of its slots.
     *
     * @param end of its time, by {@link System#nanoTime}
     * @param budget for messages
     * @throws StoreUnavailableException if there was no answer in time, or none is to be expected: that place is away
     */
    Replies run(RoundTrip trip, List<Integer> slots, long end, Duration budget) {
        Place asked = places.known(slots.get(0));
        if (!asked.gate().mayAsk()) {
            throw new StoreUnavailableException(
                    "Cannot " + trip.what() + ": Redis " + asked + " was not asked, it has been away for "
                            + asked.gate().awayMillis()
                            + "ms. "
                            + "HF-402: The log says what it did, by the code HF-105.",
                    false,
                    Lack.AWAY,
                    null);
        }
        return new Trip(trip, slots, end, budget, asked).run();
    }

    /** One round trip, until it is answered. */
    private final class Trip {
        private final RoundTrip trip;
        private final List<Integer> slots;
        private final long end;
        private final Duration budget;
        /** Whose gate let it through. */
        private final Place permitted;
        /** Where the attempt went. */
        private Place place;
        /** Where the next attempt goes, for this once; null for the owner of the slots. */
        private @Nullable Place asking;

        private int unknown;
        private int broken;
        private int redirects;
        private boolean ranInPart;

        private Trip(RoundTrip trip, List<Integer> slots, long end, Duration budget, Place place) {
            this.permitted = place;
            this.trip = trip;
            this.slots = slots;
            this.end = end;
            this.budget = budget;
            this.place = place;
        }

        Replies run() {
            @Nullable List<@Nullable Object> refused = null;
            long pause = PAUSE_NANOS;
            for (int number = 1; ; number++) {
                Attempt attempt = attempt();
                if (attempt.unknown()) {
                    unknown++;
                }
                if (attempt.replies() != null) {
                    refused = attempt.replies();
                }
                boolean again = switch (attempt.next()) {
                    case NOTHING -> false;
                    case AT_ONCE -> unknown < MAX_UNKNOWN && ++broken < MAX_BROKEN;
                    case ELSEWHERE -> true;
                    // A try that is cut short would make an unknown outcome of a refusal.
                    case AFTER_A_PAUSE -> end - System.nanoTime() > 2 * pause;
                };
                if (again && attempt.next() == Next.AFTER_A_PAUSE) {
                    LockSupport.parkNanos(pause);
                    pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
                }
                if (again && end - System.nanoTime() > 0) {
                    continue;
                }
                if (attempt.replies() != null) {
                    return answered(attempt.replies());
                }
                if (refused != null && unknown == 0) {
                    // What Redis said tells more than that there was no time to hear it again.
                    return answered(refused);
                }
                throw unanswered(attempt, number);
            }
        }

        private Replies answered(List<@Nullable Object> all) {
            leavePermitted();
            Replies replies = trip.replies(all, unknown > 0 || ranInPart);
            JedisDataException refused = replies.refusal(0);
            if (refused != null && Refusal.of(refused).isLack()) {
                place.gate().lacked("said \"" + Refusal.words(refused) + "\"");
            } else {
                place.gate().answered();
            }
            return replies;
        }

        /** It went elsewhere, and nothing was learnt about the one whose gate it passed. */
        private void leavePermitted() {
            if (!permitted.equals(place)) {
                permitted.gate().undecided();
            }
        }

        private StoreUnavailableException unanswered(Attempt attempt, int number) {
            leavePermitted();
            Lack lack = attempt.problem().lack() == Lack.NONE && unknown > 0
                    ? Lack.SILENT
                    : attempt.problem().lack();
            if (lack == Lack.NONE) {
                place.gate().undecided();
            } else {
                place.gate().lacked(attempt.problem().what());
            }
            return new StoreUnavailableException(
                    "Cannot " + trip.what() + ": Redis " + place + " "
                            + attempt.problem().what() + " (attempt " + number + ", "
                            + place.pool().busy() + " of " + ConnectionPool.SIZE + " connections busy, budget "
                            + budget.toMillis() + "ms). "
                            + (unknown > 0 ? "It may or may not be applied. " : "")
                            + attempt.problem().remedy(),
                    unknown > 0,
                    place.gate().isAway() ? Lack.AWAY : lack,
                    attempt.cause());
        }

        private Attempt attempt() {
            long start = System.nanoTime();
            if (end - start <= 0) {
                return new Attempt(null, false, Next.NOTHING, Problem.NO_TIME_LEFT, null);
            }
            // Where another try may lead elsewhere, one has to be over before the request's time is.
            long deadline = places.moves() ? Math.min(end, start + timeout.toNanos()) : end;
            Place detour = asking;
            asking = null;
            RedisConnection connection;
            try {
                place = detour == null ? places.find(slots.get(0), deadline) : detour;
                connection = place.pool().take(deadline);
            } catch (TimeoutException | InterruptedException | IOException | JedisException e) {
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                return notConnected(e, Problem.whenConnecting(e, millisSince(start)));
            }
            boolean done = false;
            try {
                if (detour == null) {
                    places.goingTo(slots, connection);
                }
                if (!trip.wanted().getAsBoolean()) {
                    done = true;
                    return new Attempt(null, false, Next.NOTHING, Problem.ANOTHER_PRIMARY, null);
                }
                Attempt attempt = exchange(connection, detour == null ? trip : trip.asking());
                done = true;
                return attempt;
            } finally {
                if (!done) {
                    connection.close(); // it may be in the middle of a reply
                }
                place.pool().giveBack(connection);
            }
        }

        private Attempt notConnected(Exception e, Problem problem) {
            boolean mayBeElsewhere = places.moves()
                    && (e instanceof IOException || e instanceof JedisConnectionException)
                    && !Thread.currentThread().isInterrupted();
            if (mayBeElsewhere) {
                // Also where a certificate is wrong: its address may be another server's by now.
                places.doubt(place);
            }
            // A primary that is gone has a successor soon. What the sentinels say, or Redis refuses, stays as it is.
            boolean elsewhereLater = mayBeElsewhere && !(e instanceof NoConnectionException told && !told.isSilence());
            return new Attempt(null, false, elsewhereLater ? Next.AFTER_A_PAUSE : Next.NOTHING, problem, e);
        }

        private Attempt exchange(RedisConnection connection, RoundTrip sent) {
            long start = System.nanoTime();
            long deadline = start + Math.min(end - start, timeout.toNanos());
            long sentBefore = connection.bytesSent();
            try {
                List<@Nullable Object> replies = sent.exchange(connection, deadline, end);
                JedisRedirectionException elsewhere = slots.size() == 1 && places.moves() ? redirection(replies) : null;
                if (elsewhere != null) {
                    return redirected(elsewhere, replies);
                }
                Refusal first = replies.get(0) instanceof JedisDataException refused ? Refusal.of(refused) : null;
                if (first == Refusal.READONLY || first == Refusal.MASTERDOWN) {
                    // The name may lead to the new primary by now, connections of before never will.
                    connection.close();
                    renew();
                }
                // One slot's move is no reason to send the calls about the others again.
                boolean passing = first != null && first.isPassing() && (slots.size() == 1 || !first.isElsewhere());
                return Attempt.answered(replies, passing);
            } catch (RuntimeException e) {
                // Whatever Jedis throws at a reply that is none: what was sent may be done.
                connection.close();
                renewWhereItMayHelp();
                boolean left = connection.bytesSent() > sentBefore;
                return new Attempt(null, left, Next.AT_ONCE, Problem.whenAsking(e, millisSince(start)), e);
            }
        }

        private Attempt redirected(JedisRedirectionException elsewhere, List<@Nullable Object> replies) {
            Place named = places.named(elsewhere.getTargetNode(), place);
            if (elsewhere instanceof JedisMovedDataException) {
                places.moved(slots.get(0), named);
            } else {
                asking = named;
            }
            ranInPart |= replies.stream().anyMatch(reply -> !(reply instanceof JedisDataException));
            return new Attempt(
                    replies,
                    false,
                    ++redirects <= MAX_REDIRECTS ? Next.ELSEWHERE : Next.AFTER_A_PAUSE,
                    Problem.NONE,
                    null);
        }

        // At most once a second: a primary that is merely slow is not helped by connections that are made anew.
        private void renewWhereItMayHelp() {
            long now = System.nanoTime();
            if (places.moves() && now - renewed > RENEWAL_NANOS) {
                renewed = now;
                renew();
            }
        }

        private void renew() {
            places.doubt(place);
            place.pool().closeIdle();
        }
    }

    private static @Nullable JedisRedirectionException redirection(List<@Nullable Object> replies) {
        for (Object reply : replies) {
            if (reply instanceof JedisMovedDataException || reply instanceof JedisAskDataException) {
                return (JedisRedirectionException) reply;
            }
        }
        return null;
    }

    private static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
    }

    private enum Next {
        NOTHING,
        AT_ONCE,
        ELSEWHERE,
        AFTER_A_PAUSE
    }

    /**
     * @param replies null if there were none
     * @param unknown true if it may have been applied
     * @param next what may help
     */
    private record Attempt(
            @Nullable List<@Nullable Object> replies,
            boolean unknown,
            Next next,
            Problem problem,
            @Nullable Throwable cause) {
        static Attempt answered(List<@Nullable Object> replies, boolean passing) {
            return new Attempt(replies, false, passing ? Next.AFTER_A_PAUSE : Next.NOTHING, Problem.NONE, null);
        }
    }
}
