package dev.holdfast.redis;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Lack;
import dev.holdfast.session.WaitBudget;
import java.io.IOException;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The connections of one server process to one Redis or Valkey, shared by its applications. Safe for use by many threads; has none of
 * its own.
 *
 * <p><b>Implementation note.</b> A round trip is sent again at most once after an unknown outcome (a time-out or a break after its first
 * byte), with the same arguments: scripts recognise their own stamp. What was refused before anything ran, for a reason that passes, is
 * tried again until the budget ends.
 * Everything, waiting for a connection included, ends with the request's budget. Proved by {@code RedisServerIT}.
 */
public final class RedisServer implements AutoCloseable {
    private static final int MAX_UNKNOWN = 2;
    private static final int MAX_BROKEN = 3;
    private static final long RENEWAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long MAX_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Primary primary;
    private final Duration timeout;
    private final int replicas;
    private final ConnectionPool pool;
    private final OutageGate gate;
    private volatile long renewed = System.nanoTime() - RENEWAL_NANOS;

    private RedisServer(Primary primary, Connector connector, Duration timeout, int replicas) {
        this.primary = primary;
        this.timeout = timeout;
        this.replicas = replicas;
        this.pool = new ConnectionPool(connector, primary);
        this.gate = new BreakerGate(primary, System::nanoTime);
    }

    /**
     * Names the server; connects with the first command, so Redis may be down.
     *
     * @param uri {@code redis://[user:password@]host:port[/db]}, {@code rediss://…} for TLS, or {@code
     *     redis-sentinel://[user:password@]host:port,host:port/name}
     * @param authorities who may have signed the certificate of a server with TLS; empty: whom Java believes
     * @param timeout of one attempt, never more than what is left of the request's budget
     * @param replicas how many must have a change before it counts as done
     * @throws IllegalArgumentException if the URI is of another form
     */
    public static RedisServer connect(URI uri, List<X509Certificate> authorities, Duration timeout, int replicas) {
        RedisAddress address = RedisAddress.parse(uri);
        Tls tls = address.secure() ? Tls.trusting(authorities) : null;
        return new RedisServer(address.primary(), new Connector(address.login(), tls), timeout, replicas);
    }

    static RedisServer connect(URI uri, Duration timeout) {
        return connect(uri, List.of(), timeout, 0);
    }

    ConnectionPool pool() {
        return pool;
    }

    /**
     * Asks for a sign of life.
     *
     * @throws StoreUnavailableException if none came within the budget
     */
    public void check(WaitBudget budget) {
        // A command that the user may use anyway.
        Replies replies = run("ask for the time", budget, List.of(new Call(null, Command.TIME, List.of(), List.of())));
        JedisDataException refused = replies.refusal(0);
        if (refused != null) {
            throw new StoreUnavailableException(
                    "Cannot ask for the time: Redis " + primary + " refused it, \"" + Refusal.words(refused) + "\". "
                            + Refusal.of(refused).remedy(),
                    false,
                    null);
        }
    }

    /** Host and port, for messages. */
    @Override
    public String toString() {
        return primary.toString();
    }

    /** Closes idle connections at once, and those in use when they come back. */
    @Override
    public void close() {
        pool.close();
    }

    /**
     * One round trip: all calls on one connection, in order.
     *
     * @param what for the message, as in "load session 4f2a…"
     * @throws StoreUnavailableException if there was no answer within the budget, or none is to be expected: Redis is away
     */
    Replies run(String what, WaitBudget budget, List<Call> calls) {
        return run(budget, new RoundTrip(what, calls, 0));
    }

    /**
     * As {@link #run}, and in the same round trip waits until so many replicas as {@code holdfast.durability} says have all that Redis had
     * when it answered.
     */
    Replies runReplicated(String what, WaitBudget budget, List<Call> calls) {
        return run(budget, new RoundTrip(what, calls, replicas));
    }

    private Replies run(WaitBudget budget, RoundTrip trip) {
        if (!gate.mayAsk()) {
            throw new StoreUnavailableException(
                    "Cannot " + trip.what() + ": Redis " + primary + " was not asked, it has been away for "
                            + gate.awayMillis()
                            + "ms. "
                            + "HF-402: The log says what it did, by the code HF-105.",
                    false,
                    Lack.AWAY,
                    null);
        }
        long start = System.nanoTime();
        try {
            Replies replies = run(trip, start + budget.remainingNanos(), budget);
            JedisDataException refused = replies.refusal(0);
            if (refused != null && Refusal.of(refused).isLack()) {
                gate.lacked("said \"" + Refusal.words(refused) + "\"");
            } else {
                gate.answered();
            }
            return replies;
        } finally {
            budget.spend(System.nanoTime() - start);
        }
    }

    private Replies run(RoundTrip trip, long end, WaitBudget budget) {
        @Nullable List<@Nullable Object> refused = null;
        int unknown = 0;
        int broken = 0;
        long pause = PAUSE_NANOS;
        for (int number = 1; ; number++) {
            Attempt attempt = attempt(trip, end);
            if (attempt.unknown()) {
                unknown++;
            }
            if (attempt.replies() != null) {
                refused = attempt.replies();
            }
            boolean again = switch (attempt.next()) {
                case NOTHING -> false;
                case AT_ONCE -> unknown < MAX_UNKNOWN && ++broken < MAX_BROKEN;
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
                return trip.replies(attempt.replies(), unknown > 0);
            }
            if (refused != null && unknown == 0) {
                // What Redis said tells more than that there was no time to hear it again.
                return trip.replies(refused, false);
            }
            boolean lack = attempt.problem().lack() || unknown > 0;
            if (lack) {
                gate.lacked(attempt.problem().what());
            } else {
                gate.undecided();
            }
            throw new StoreUnavailableException(
                    "Cannot " + trip.what() + ": Redis " + primary + " "
                            + attempt.problem().what() + " (attempt " + number + ", "
                            + pool.busy() + " of " + ConnectionPool.SIZE + " connections busy, budget "
                            + budget.whole().toMillis() + "ms). "
                            + (unknown > 0 ? "It may or may not be applied. " : "")
                            + attempt.problem().remedy(),
                    unknown > 0,
                    lackIn(lack, unknown > 0),
                    attempt.cause());
        }
    }

    /** What is lacking is away if nobody was there to take the command, or if others found so, too. */
    private Lack lackIn(boolean lack, boolean unknown) {
        if (gate.isAway() || (lack && !unknown)) {
            return Lack.AWAY;
        }
        return lack ? Lack.SILENT : Lack.NONE;
    }

    private Attempt attempt(RoundTrip trip, long end) {
        long start = System.nanoTime();
        if (end - start <= 0) {
            return new Attempt(null, false, Next.NOTHING, Problem.NO_TIME_LEFT, null);
        }
        RedisConnection connection;
        try {
            // Where another try may lead elsewhere, one has to be over before the request's time is.
            connection = pool.take(primary.moves() ? Math.min(end, start + timeout.toNanos()) : end);
        } catch (TimeoutException | InterruptedException | IOException | JedisException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return notConnected(e, Problem.whenConnecting(e, millisSince(start)));
        }
        boolean done = false;
        try {
            Attempt attempt = exchange(connection, trip, end);
            done = true;
            return attempt;
        } finally {
            if (!done) {
                connection.close(); // it may be in the middle of a reply
            }
            pool.giveBack(connection);
        }
    }

    private Attempt notConnected(Exception e, Problem problem) {
        // A primary that is gone has a successor soon. What the sentinels say, or Redis refuses, stays as it is.
        boolean elsewhereLater = primary.moves()
                && (e instanceof IOException || e instanceof JedisConnectionException)
                && !(e instanceof NoConnectionException
                        || Thread.currentThread().isInterrupted());
        if (elsewhereLater) {
            primary.doubt();
        }
        return new Attempt(null, false, elsewhereLater ? Next.AFTER_A_PAUSE : Next.NOTHING, problem, e);
    }

    private Attempt exchange(RedisConnection connection, RoundTrip trip, long end) {
        long start = System.nanoTime();
        long deadline = start + Math.min(end - start, timeout.toNanos());
        long sentBefore = connection.bytesSent();
        try {
            List<@Nullable Object> replies = trip.exchange(connection, deadline, end);
            Refusal first = replies.get(0) instanceof JedisDataException refused ? Refusal.of(refused) : null;
            if (first == Refusal.READONLY || first == Refusal.MASTERDOWN) {
                // The name may lead to the new primary by now, connections of before never will.
                connection.close();
                pool.renew();
            }
            return Attempt.answered(replies, first != null && first.isPassing());
        } catch (RuntimeException e) {
            // Whatever Jedis throws at a reply that is none: what was sent may be done.
            connection.close();
            renewWhereItMayHelp();
            boolean sent = connection.bytesSent() > sentBefore;
            return new Attempt(null, sent, Next.AT_ONCE, Problem.whenAsking(e, millisSince(start)), e);
        }
    }

    // At most once a second: a primary that is merely slow is not helped by connections that are made anew.
    private void renewWhereItMayHelp() {
        long now = System.nanoTime();
        if (primary.moves() && now - renewed > RENEWAL_NANOS) {
            renewed = now;
            pool.renew();
        }
    }

    private static long millisSince(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
    }

    private enum Next {
        NOTHING,
        AT_ONCE,
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
