package dev.holdfast.redis.client;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A primary that sentinels watch.
 *
 * <p><b>Implementation note.</b> They are asked for each new connection, and connections are made anew when one broke,
 * went unanswered or led to a replica. A sentinel that is cut off may name the former primary: that one refuses writes
 * or is gone, and the next question goes to the next sentinel. Proved by {@code SentinelIT}.
 */
final class SentinelLocator implements PrimaryLocator {
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final String name;
    private final List<Endpoint> sentinels;
    private final Connector connector;
    private volatile int first;
    private volatile @Nullable Endpoint found;

    /** @param tls to them; null for none */
    SentinelLocator(String name, List<Endpoint> sentinels, @Nullable Tls tls) {
        this.name = name;
        this.sentinels = List.copyOf(sentinels);
        this.connector = new Connector(Connector.Login.NONE, tls);
    }

    @Override
    public Endpoint find(long deadline) throws IOException {
        ConnectionFailures failures = new ConnectionFailures();
        boolean unknown = false;
        int begin = first;
        for (int i = 0; i < sentinels.size(); i++) {
            int number = (begin + i) % sentinels.size();
            Endpoint sentinel = sentinels.get(number);
            long now = OwnTime.now();
            // One that says nothing must leave time for the others.
            long share = Math.max(LEAST_NANOS, (deadline - now) / (sentinels.size() - i + 1));
            try {
                Endpoint answer = ask(sentinel, now + Math.min(share, deadline - now));
                if (answer != null) {
                    first = number;
                    found = answer;
                    return answer;
                }
                unknown = true;
                failures.add(sentinel, "does not know it");
            } catch (IOException | JedisException e) {
                failures.add(sentinel, e);
            }
        }
        throw unknown
                ? failures.unknownToSome(
                        "HF-451: Name in holdfast.redis, behind the slash, what sentinel monitor calls it.")
                : failures.unknown("HF-450: Check that the sentinels run, and holdfast.redis.");
    }

    private @Nullable Endpoint ask(Endpoint sentinel, long deadline) throws IOException {
        try (RedisConnection connection = connector.open(sentinel, deadline)) {
            CommandArguments question = new CommandArguments(Command.SENTINEL)
                    .add("GET-MASTER-ADDR-BY-NAME")
                    .add(name);
            Object reply = connection.exchange(List.of(question), deadline).get(0);
            if (reply instanceof JedisDataException refused) {
                throw refused;
            }
            return reply instanceof List<?> address && address.size() == 2
                    ? new Endpoint(Replies.text(address.get(0)), Integer.parseInt(Replies.text(address.get(1))))
                    : null;
        } catch (NumberFormatException e) {
            throw new IOException("no port", e);
        }
    }

    /** The next question goes to another sentinel. */
    @Override
    public void doubt() {
        first = (first + 1) % sentinels.size();
    }

    @Override
    public boolean moves() {
        return true;
    }

    @Override
    public String toString() {
        Endpoint now = found;
        String list = sentinels.stream().map(Endpoint::toString).collect(Collectors.joining(","));
        return (now == null ? "" : now + " ") + "(primary \"" + name + "\" of the sentinels " + list + ")";
    }
}
