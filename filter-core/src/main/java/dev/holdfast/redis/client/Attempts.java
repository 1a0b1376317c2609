package dev.holdfast.redis.client;

import dev.holdfast.redis.client.AttemptResult.Next;
import dev.holdfast.session.StoreUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisMovedDataException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * The attempts at one round trip on the wire, one after the other: each looks for the primary, waits at its gate, takes
 * a connection, sends and reads. Whether there is to be another one is not decided here. Used by one thread, which
 * closes it.
 *
 * <p><b>Implementation note.</b> Invariant: the round trip waits at the gate of {@link #node} and at no other, as
 * {@link #waiter}; and one connection at most is kept beside that of the attempt: the first on which nothing came, see
 * {@link LateAnswer}.
 */
final class Attempts implements AutoCloseable {
    private final RoundTrip trip;
    private final Topology topology;
    private final Doubts doubts;
    private RedisNode node;
    private Waiter waiter;
    /** Where the next attempt goes, for this once; null for the owner of the slots. */
    private @Nullable RedisNode asking;

    /** Of what was sent first, if nothing has come yet. */
    private @Nullable LateAnswer lateAnswer;

    private int unknown;
    private int broken;
    /** Whether something was changed by an attempt before the last, which is to be made again as a whole. */
    private boolean ranBefore;

    /** Of the last one; null if it has none. */
    private @Nullable List<@Nullable Object> replies;

    /** @throws StoreUnavailableException if it must not wait for that primary, as it is known now */
    Attempts(RoundTrip trip, Topology topology, Doubts doubts) {
        this.trip = trip;
        this.topology = topology;
        this.doubts = doubts;
        this.node = topology.known(trip.slot());
        this.waiter = enter(node);
    }

    private Waiter enter(RedisNode there) {
        Waiter entered = there.gate().enter(trip.waitBegan(), trip.budget().isBackground(), trip.slot(), trip.key());
        if (entered != null) {
            return entered;
        }
        if (there.gate().isAway()) {
            throw trip.away(there, isRepeated());
        }
        there.gate().sayTooMany();
        throw trip.tooMany(there, isRepeated());
    }

    /** Where the last attempt went. */
    RedisNode node() {
        return node;
    }

    /** What waits for it there. */
    Waiter waiter() {
        return waiter;
    }

    /** How many have an unknown outcome. */
    int unknown() {
        return unknown;
    }

    boolean isUnknown() {
        return unknown > 0;
    }

    /** Whether something may have been applied before the last attempt, or by it where it has no answer. */
    boolean isRepeated() {
        return isUnknown() || ranBefore;
    }

    /** Whether something was changed by the last attempt. */
    boolean hasRun() {
        return replies != null && trip.pipeline().hasRun(replies);
    }

    /** On how many nothing, or nothing of use, came behind what was sent. */
    int broken() {
        return broken;
    }

    /**
     * Makes one more attempt, or reads the answer to the first if that has come by now.
     *
     * @throws StoreUnavailableException if it must not wait for the primary that it would go to
     */
    AttemptResult next() {
        ranBefore |= hasRun();
        AttemptResult attempt = isAnsweredAfterAll() ? answerAfterAll() : attempt();
        if (attempt.unknown()) {
            unknown++;
        }
        if (attempt.replies() == null && isHeardAfterAll()) {
            attempt = answerAfterAll();
        }
        if (attempt.next() == Next.AT_ONCE) {
            broken++;
        }
        replies = attempt.replies();
        return attempt;
    }

    /** Whether the first attempt may have an answer that counts. */
    boolean mayBeAnsweredAfterAll() {
        return lateAnswer != null && lateAnswer.mayCome(node);
    }

    /** Whether it has, and it is none that the second attempt may do better than. */
    boolean isAnsweredAfterAll() {
        return lateAnswer != null && lateAnswer.isThere(node);
    }

    boolean isHeardAfterAll() {
        return lateAnswer != null && lateAnswer.isHeard(node);
    }

    /** Reads it. */
    AttemptResult answerAfterAll() {
        Sent first = Objects.requireNonNull(lateAnswer).sent();
        lateAnswer = null;
        waiter.alsoListens(() -> false);
        boolean done = false;
        boolean late = false;
        try {
            AttemptResult attempt = exchange(first, true);
            done = true;
            late = attempt.problem().isSilence();
            if (attempt.replies() != null) {
                unknown--; // what became of it is known now
            }
            replies = attempt.replies();
            return attempt;
        } finally {
            giveBack(first, done, late);
        }
    }

    private AttemptResult attempt() {
        long start = OwnTime.now();
        if (trip.end() - start <= 0) {
            return AttemptResult.notSent(ConnectionFailure.NO_TIME_LEFT);
        }
        // Where another try may lead elsewhere, one has to be over before the request's time is.
        long deadline = topology.moves() ? Math.min(trip.end(), start + trip.half()) : trip.end();
        RedisNode detour = asking;
        asking = null;
        RedisConnection connection;
        try {
            goTo(detour == null ? topology.find(trip.slot(), deadline) : detour);
            connection = take(deadline);
        } catch (TimeoutException | InterruptedException | IOException | JedisException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return notConnected(e, ConnectionFailure.whenConnecting(e, millisSince(start)));
        }
        Pipeline pipeline = detour == null ? trip.pipeline() : trip.pipeline().asking();
        Sent sent = new Sent(node, connection, pipeline, OwnTime.now());
        boolean done = false;
        boolean late = false;
        try {
            if (detour == null) {
                topology.goingTo(trip.slots(), connection);
            }
            if (!pipeline.wanted().getAsBoolean()) {
                done = true;
                return AttemptResult.notSent(ConnectionFailure.ANOTHER_PRIMARY);
            }
            AttemptResult attempt = exchange(sent, false);
            done = true;
            late = attempt.problem().isSilence();
            return attempt;
        } finally {
            if (lateAnswer == null || !sent.equals(lateAnswer.sent())) {
                giveBack(sent, done, late);
            }
        }
    }

    private void goTo(RedisNode next) {
        if (!next.equals(node)) {
            node.gate().unanswered(waiter, "");
            waiter = enter(next);
            node = next;
        }
    }

    private RedisConnection take(long deadline) throws IOException, InterruptedException, TimeoutException {
        if (lateAnswer == null) {
            return node.pool().take(deadline, isUnknown() || broken > 0, waiter);
        }
        waiter.alsoListens(this::isAnsweredAfterAll);
        return node.equals(lateAnswer.node())
                ? node.pool().takeAnother(lateAnswer.connection(), deadline, waiter)
                : node.pool().take(deadline, true, waiter);
    }

    private static void giveBack(Sent sent, boolean done, boolean late) {
        ConnectionPool pool = sent.node().pool();
        if (!done) {
            sent.connection().close(); // it may be in the middle of a reply
        }
        if (late) {
            pool.giveUp(sent.connection());
        } else {
            pool.giveBack(sent.connection());
        }
    }

    private AttemptResult notConnected(Exception e, ConnectionFailure problem) {
        if (e instanceof FormerPrimaryException) {
            waiter.heardNothingOfUse();
            return new AttemptResult(null, false, Next.AFTER_A_PAUSE, ConnectionFailure.ANOTHER_PRIMARY, e);
        }
        if (problem.isLackingAnswer()) {
            waiter.heardNothingOfUse();
        }
        boolean interrupted = Thread.currentThread().isInterrupted();
        boolean silent = e instanceof IOException || e instanceof JedisConnectionException;
        if (silent && topology.moves() && !interrupted) {
            // Also where a certificate is wrong: its address may be another server's by now.
            topology.doubt(node);
        }
        // What is gone is back soon, or has a successor. What the sentinels say, or Redis refuses for good, stays
        // as it is.
        boolean later = silent
                ? !(e instanceof RedisConnectException told && !told.isSilence())
                : e instanceof JedisDataException refused
                        && RedisError.of(refused).isPassing();
        boolean closed = node.pool().isClosed() && !topology.moves();
        return new AttemptResult(
                null, false, later && !interrupted && !closed ? Next.AFTER_A_PAUSE : Next.NOTHING, problem, e);
    }

    /** @param before whether it has been sent, and nothing was heard */
    private AttemptResult exchange(Sent sent, boolean before) {
        RedisConnection connection = sent.connection();
        long patience = isUnknown() ? Long.MAX_VALUE : trip.half();
        long sentBefore = connection.bytesSent();
        boolean begins = !before;
        try {
            if (begins) {
                sent.pipeline().send(connection, trip.end(), patience, waiter);
                waiter.alsoListens(() -> false); // this one is being answered
                begins = false;
            }
            List<@Nullable Object> replies = sent.pipeline().receive(connection, trip.end(), patience, waiter);
            boolean oneSlot = trip.slots().size() == 1;
            JedisRedirectionException elsewhere = oneSlot && topology.moves() ? Pipeline.redirection(replies) : null;
            if (elsewhere instanceof JedisAskDataException && trip.pipeline().isHalfRead(replies)) {
                return AttemptResult.answered(trip.pipeline().tryAgain(replies), true);
            }
            if (elsewhere != null) {
                return redirected(elsewhere, replies);
            }
            RedisError first = replies.get(0) instanceof JedisDataException refused ? RedisError.of(refused) : null;
            if (first != null && first.isLack()) {
                waiter.heardNothingOfUse();
            }
            if (first == RedisError.READONLY || first == RedisError.MASTERDOWN) {
                // The name may lead to the new primary by now, connections of before never will.
                connection.close();
                doubts.denied(node);
            }
            // One slot's move is no reason to send the calls about the others again.
            boolean passing = first != null && first.isPassing() && (oneSlot || !first.isElsewhere());
            return AttemptResult.answered(replies, passing);
        } catch (RuntimeException e) {
            // Whatever Jedis throws at a reply that is none: what was sent may be done.
            ConnectionFailure problem = ConnectionFailure.whenAsking(e, millisSince(sent.at()));
            if (!problem.isSilence()) {
                connection.close();
                waiter.heardNothingOfUse();
            }
            doubts.unanswered(node);
            boolean left = connection.bytesSent() > sentBefore;
            if (begins && problem.isSilence() && lateAnswer == null && connection.mayBeAnswered()) {
                lateAnswer = new LateAnswer(trip, topology, sent);
            }
            return new AttemptResult(null, left, Next.AT_ONCE, problem, e);
        }
    }

    private AttemptResult redirected(JedisRedirectionException elsewhere, List<@Nullable Object> replies) {
        RedisNode named = topology.named(elsewhere.getTargetNode(), node);
        if (elsewhere instanceof JedisMovedDataException) {
            topology.moved(trip.slot(), named);
        } else {
            asking = named;
        }
        return AttemptResult.redirected(replies);
    }

    private static long millisSince(long moment) {
        return TimeUnit.NANOSECONDS.toMillis(OwnTime.now() - moment);
    }

    /** Leaves the gate, if it has not, and gives up what is silent still. */
    @Override
    public void close() {
        node.gate().unanswered(waiter, "");
        if (lateAnswer != null) {
            lateAnswer.giveUp();
        }
    }
}
