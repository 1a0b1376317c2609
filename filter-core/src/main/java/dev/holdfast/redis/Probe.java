package dev.holdfast.redis;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Looks for a primary that is away, on a thread that lives as long as that. One question at a time, and nobody waits for it.
 *
 * <p><b>Implementation note.</b> What is asked needs the key of somebody who was not answered, so that a server that cannot serve that key
 * (LOADING, CLUSTERDOWN) is not taken for back, and a user with rights for few keys may ask it. Where the slot has another owner by then,
 * this one is left to itself. Proved by {@code RedisServerIT} and {@code ClusterIT}.
 */
final class Probe {
    /** At most so long one takes, and the next begins. */
    static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** At least so long one is behind the other. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private Probe() {}

    /** Begins to look; returns at once. */
    static void start(Places places, Place place) {
        Thread thread = new Thread(() -> look(places, place), "holdfast-probe");
        thread.setDaemon(true);
        thread.setContextClassLoader(Probe.class.getClassLoader());
        thread.start();
    }

    private static void look(Places places, Place place) {
        place.gate().sayAway(TimeUnit.NANOSECONDS.toMillis(APART_NANOS));
        while (place.gate().isAway() && !place.pool().isClosed()) {
            long began = OwnTime.now();
            try {
                ask(places, place, began + APART_NANOS);
            } catch (IOException | TimeoutException | JedisException e) {
                places.doubt(place);
            } catch (InterruptedException e) {
                return; // nobody else knows this thread
            }
            for (long left = began + PAUSE_NANOS - OwnTime.now();
                    left > 0 && place.gate().isAway();
                    left = began + PAUSE_NANOS - OwnTime.now()) {
                LockSupport.parkNanos(left);
            }
        }
    }

    private static void ask(Places places, Place place, long deadline)
            throws IOException, TimeoutException, InterruptedException {
        Waiter unanswered = place.gate().lastAsking();
        int slot = unanswered == null ? 0 : unanswered.slot();
        if (!places.find(slot, deadline).equals(place)) {
            place.gate().answered(); // by its successor
            return;
        }
        RedisConnection connection = place.pool().take(deadline, true, null);
        boolean answered = false;
        try {
            places.goingTo(List.of(slot), connection);
            Object reply =
                    connection.exchange(List.of(question(unanswered)), deadline).get(0);
            answered = !(reply instanceof JedisDataException refused
                    && Refusal.of(refused).isLack());
        } finally {
            if (!answered) {
                connection.close();
            }
            place.pool().giveBack(connection);
        }
        if (answered) {
            place.gate().answered();
        } else {
            places.doubt(place);
        }
    }

    private static CommandArguments question(@Nullable Waiter unanswered) {
        String key = unanswered == null ? null : unanswered.key();
        return key == null ? new CommandArguments(Command.TIME) : new CommandArguments(Command.EXISTS).key(key);
    }
}
