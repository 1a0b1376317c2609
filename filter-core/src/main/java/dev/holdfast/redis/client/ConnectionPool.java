package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one Redis, shared by all applications of a server. Safe for use by many threads; has none of its own.
 *
 * <p><b>Implementation note.</b> Nobody uses a connection to another primary before the listeners have been told: a
 * connection made anew asks for the server's run id, and one with another id than before is handed out only after them;
 * idle ones to the former are dropped. Nobody goes back to a primary once another one was found in its place. Proved
 * by {@code RedisServerIT}, {@code SentinelIT} and {@code ConnectionPoolIT}.
 */
final class ConnectionPool implements AutoCloseable {
    static final int SIZE = 32;

    /**
     * What has been idle for longer may be forgotten by a firewall in between, the first of which do so after minutes.
     */
    private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** So long is listened for a late answer: twice what {@code holdfast.timeout} may be. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Of those that were asked within this time one is listened to: its late answer tells as much as all of theirs. */
    private static final long LATE_APART_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

    private static final int MOST_GIVEN_UP = 64;

    private final Connector connector;
    private final PrimaryLocator primary;
    private final Permits permits = new Permits(SIZE);
    private final ConcurrentLinkedDeque<RedisConnection> idle = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<GivenUp> givenUp = new ConcurrentLinkedDeque<>();
    private final List<Runnable> otherPrimary = new CopyOnWriteArrayList<>();
    private final Object primaryLock = new Object();
    private volatile boolean closed;

    @GuardedBy("primaryLock")
    private boolean connectedBefore;

    private volatile @Nullable String runId; // written under primaryLock, read without

    /** @param asked when something went out on it last, by {@link OwnTime} */
    private record GivenUp(RedisConnection connection, long asked) {}

    ConnectionPool(Connector connector, PrimaryLocator primary) {
        this.connector = connector;
        this.primary = primary;
    }

    /**
     * Takes an idle connection or makes one.
     *
     * @param deadline by {@link OwnTime}
     * @param fresh true to make one: what an idle one was told may be lost on the way, by a firewall that forgot it
     * @param waiter hears what comes, and may give up before; null for none
     * @throws TimeoutException if all connections stayed busy
     * @throws IOException if none could be made
     * @throws redis.clients.jedis.exceptions.JedisException if Redis refused us or did not answer
     */
    RedisConnection take(long deadline, boolean fresh, @Nullable Waiter waiter)
            throws IOException, InterruptedException, TimeoutException {
        if (closed) {
            throw new IOException("its connections were closed here");
        }
        permits.acquire(deadline, waiter);
        boolean taken = false;
        try {
            RedisConnection connection = fresh ? null : takeIdle();
            if (connection == null) {
                connection = open(deadline, waiter);
            }
            connection.permit(true);
            taken = true;
            return connection;
        } finally {
            if (!taken) {
                permits.release();
            }
        }
    }

    /**
     * Makes one more for who has one on which nothing came: it counts in place of that one, which is to be given back
     * all the same.
     *
     * @throws IOException as {@link #take}, with all that that throws
     */
    RedisConnection takeAnother(RedisConnection silent, long deadline, Waiter waiter)
            throws IOException, InterruptedException, TimeoutException {
        if (!silent.isPermitted()) {
            return take(deadline, true, waiter);
        }
        RedisConnection connection = open(deadline, waiter);
        silent.permit(false);
        connection.permit(true);
        return connection;
    }

    private @Nullable RedisConnection takeIdle() {
        // Last in, first out: what is not needed grows old at the other end and is closed by the server.
        long now = OwnTime.now();
        for (RedisConnection connection = idle.pollFirst(); connection != null; connection = idle.pollFirst()) {
            if (leadsToThePrimary(connection)
                    && now - connection.restingSince() < OLD_NANOS
                    && !connection.hasEnded()) {
                return connection;
            }
            connection.close();
        }
        return null;
    }

    /** Whether it leads to the server that was there when somebody connected last, and no other one was found since. */
    boolean leadsToThePrimary(RedisConnection connection) {
        PrimaryLocator.Location location = connection.location();
        return Objects.equals(connection.runId(), runId) && (location == null || !primary.isFormer(location));
    }

    private RedisConnection open(long deadline, @Nullable Waiter waiter) throws IOException {
        PrimaryLocator.Location location = primary.find(deadline);
        RedisConnection connection = connector.open(location.endpoint(), deadline, waiter, this::listenTo);
        connection.leadsTo(location);
        boolean told = false;
        try {
            tellIfOther(connection.runId(), location);
            told = true;
            return connection;
        } finally {
            if (!told) {
                connection.close();
            }
        }
    }

    private void tellIfOther(@Nullable String now, PrimaryLocator.Location location) throws IOException {
        synchronized (primaryLock) {
            // It stood still, it may be, while it was replaced, and does not know that yet.
            if (primary.isFormer(location)) {
                throw new FormerPrimaryException(location.endpoint());
            }
            if (connectedBefore && (now == null || !now.equals(runId))) {
                otherPrimary.forEach(Runnable::run);
            }
            connectedBefore = true;
            runId = now;
        }
    }

    /** Gives a connection back; one that is broken, or leads to a former primary, is closed. */
    void giveBack(RedisConnection connection) {
        boolean permitted = withdraw(connection);
        try {
            if (!closed && leadsToThePrimary(connection) && !connection.isSpent()) {
                connection.restsSince(OwnTime.now());
                idle.addFirst(connection);
            } else {
                connection.close();
            }
        } finally {
            release(permitted);
        }
    }

    /**
     * As {@link #giveBack}, where no answer came in time: it is listened to for a while, because one that comes late is
     * a sign of life. Nothing is sent on it any more.
     */
    void giveUp(RedisConnection connection) {
        boolean permitted = withdraw(connection);
        try {
            listenTo(connection);
        } finally {
            release(permitted);
        }
    }

    /** Before it is there for others to take. */
    private static boolean withdraw(RedisConnection connection) {
        boolean permitted = connection.isPermitted();
        connection.permit(false);
        return permitted;
    }

    private void release(boolean permitted) {
        if (permitted) {
            permits.release();
        }
        if (closed) {
            close();
        }
    }

    private void listenTo(RedisConnection connection) {
        long asked = connection.movedAt();
        connection.restsSince(asked); // whoever closes it waits for nothing
        boolean tellsMore = givenUp.stream().noneMatch(each -> Math.abs(each.asked() - asked) < LATE_APART_NANOS);
        if (!tellsMore || givenUp.size() >= MOST_GIVEN_UP) {
            connection.close();
            return;
        }
        givenUp.addLast(new GivenUp(connection, asked));
        if (closed) {
            close(); // which may have been through before
        }
    }

    /** Whether an answer has come on a connection that was given up. Does not wait. */
    boolean hasHeardLate() {
        boolean heard = false;
        long now = OwnTime.now();
        for (GivenUp each : givenUp) {
            HeardSocket.Late late = each.connection().late();
            heard |= late == HeardSocket.Late.HEARD;
            if ((late != HeardSocket.Late.SILENT || now - each.asked() > LATE_NANOS) && givenUp.remove(each)) {
                each.connection().close();
            }
        }
        return heard;
    }

    /** Number of connections in use now, for messages. */
    int busy() {
        return permits.taken();
    }

    /**
     * The listener runs before the first command on a connection to another primary; it must be quick and not use the
     * store.
     */
    void onOtherPrimary(Runnable listener) {
        otherPrimary.add(listener);
    }

    void forget(Runnable listener) {
        otherPrimary.remove(listener);
    }

    @Override
    public void close() {
        closed = true;
        closeIdle();
        for (GivenUp each = givenUp.pollFirst(); each != null; each = givenUp.pollFirst()) {
            each.connection().close();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes what is idle; the next connection is made where the primary is then. */
    void closeIdle() {
        for (RedisConnection connection = idle.pollFirst(); connection != null; connection = idle.pollFirst()) {
            connection.close();
        }
    }
}
