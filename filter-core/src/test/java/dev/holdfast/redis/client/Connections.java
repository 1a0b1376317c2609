package dev.holdfast.redis.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Connections of a client that a test has taken, so that nobody else gets them. */
public final class Connections {
    /** All that there are. */
    public static final int ALL = ConnectionPool.SIZE;

    private final ConnectionPool pool;
    private final List<RedisConnection> taken = new ArrayList<>();

    private Connections(ConnectionPool pool) {
        this.pool = pool;
    }

    /** @param room for how long it may take */
    public static Connections take(int count, RedisClient client, Duration room) {
        Connections connections = new Connections(client.pool());
        for (int i = 0; i < count; i++) {
            try {
                connections.taken.add(connections.pool.take(OwnTime.now() + room.toNanos(), false, null));
            } catch (IOException | InterruptedException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }
        return connections;
    }

    public void giveBack() {
        taken.forEach(pool::giveBack);
    }

    /** How many are in use. */
    public static int busy(RedisClient client) {
        return client.pool().busy();
    }

    /** Has the thread that sees pauses of this process run something, which may hold it up as one of them does. */
    public static void holdUpTheClock(Runnable pause) {
        OwnTime.watch(pause);
    }

    public static void letTheClockGo(Runnable pause) {
        OwnTime.forget(pause);
    }
}
