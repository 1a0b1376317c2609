package dev.holdfast.redis.client;

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
 * Looks for a primary that is away, on threads that live as long as that. Nobody waits for it. A question may take as
 * long as a request may wait: a primary that is far away is back, too, when it answers. The next one does not wait for
 * that.
 *
 * <p><b>Implementation note.</b> What is asked needs the key of somebody who was not answered, so that a server that
 * cannot serve that key (LOADING, CLUSTERDOWN) is not taken for back, and a user with rights for few keys may ask it.
 * Where the slot has another owner by then, this one is left to itself. Proved by {@code RedisServerIT} and {@code
 * ClusterIT}.
 */
final class Probe {
    /** At most so long behind one the next begins. */
    static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** At least so long one is behind the other. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private Probe() {}

    /**
     * Begins to look; returns at once.
     *
     * @param timeout of one question, in nanoseconds
     */
    static void start(Topology topology, RedisNode node, long timeout) {
        start(() -> look(topology, node, timeout));
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "holdfast-probe");
        thread.setDaemon(true);
        thread.setContextClassLoader(Probe.class.getClassLoader());
        thread.start();
        return thread;
    }

    private static void look(Topology topology, RedisNode node, long timeout) {
        try {
            node.gate().sayAway(TimeUnit.NANOSECONDS.toMillis(APART_NANOS));
        } finally {
            while (goesOn(node)) {
                long began = OwnTime.now();
                Thread asking = ask(topology, node, began, timeout);
                while (goesOn(node)
                        && left(began, asking != null && asking.isAlive() ? APART_NANOS : PAUSE_NANOS) > 0) {
                    LockSupport.parkNanos(PAUSE_NANOS / 4);
                }
            }
        }
    }

    /** Whatever goes wrong, for lack of memory or threads: nobody else finds out that it is back. */
    private static @Nullable Thread ask(Topology topology, RedisNode node, long began, long timeout) {
        try {
            return start(() -> tryToAsk(topology, node, began + Math.max(timeout, APART_NANOS)));
        } catch (RuntimeException | Error e) {
            return null;
        }
    }

    private static boolean goesOn(RedisNode node) {
        return node.gate().isAway() && !node.pool().isClosed();
    }

    private static long left(long began, long nanos) {
        return began + nanos - OwnTime.now();
    }

    private static void tryToAsk(Topology topology, RedisNode node, long deadline) {
        try {
            ask(topology, node, deadline);
        } catch (FormerPrimaryException e) {
            // Somebody has heard of its successor: the next one goes there.
        } catch (IOException | TimeoutException | JedisException e) {
            topology.doubt(node);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody else knows this thread, which ends here
        }
    }

    private static void ask(Topology topology, RedisNode node, long deadline)
            throws IOException, TimeoutException, InterruptedException {
        Waiter unanswered = node.gate().lastAsking();
        int slot = unanswered == null ? 0 : unanswered.slot();
        if (!topology.find(slot, deadline).equals(node)) {
            node.gate().answered(); // by its successor
            return;
        }
        RedisConnection connection = node.pool().take(deadline, true, null);
        boolean answered = false;
        try {
            topology.goingTo(List.of(slot), connection);
            Object reply =
                    connection.exchange(List.of(question(unanswered)), deadline).get(0);
            answered = !(reply instanceof JedisDataException refused
                    && RedisError.of(refused).isLack());
        } finally {
            if (!answered) {
                connection.close();
            }
            node.pool().giveBack(connection);
        }
        if (answered) {
            node.gate().answered();
        } else {
            topology.doubt(node);
        }
    }

    private static CommandArguments question(@Nullable Waiter unanswered) {
        String key = unanswered == null ? null : unanswered.key();
        return key == null ? new CommandArguments(Command.TIME) : new CommandArguments(Command.EXISTS).key(key);
    }
}
