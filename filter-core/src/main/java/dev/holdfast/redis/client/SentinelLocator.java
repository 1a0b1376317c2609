package dev.holdfast.redis.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
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
 * went unanswered or led to a replica. A sentinel that is behind names the former primary, which may be there, too, and
 * take writes that are lost when it learns of its successor. So an answer counts whose configuration epoch is at least
 * the highest that was heard; sentinels raise it with each failover, and tell each other every two seconds. Where they
 * were set up anew it begins again: then more than half of those that {@code holdfast.redis} names have to say so for
 * ten seconds. Proved by {@code SentinelIT}.
 */
final class SentinelLocator implements PrimaryLocator {
    private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Location NOWHERE = new Location(new Endpoint("", 0), 0);
    private static final String CONFIG_EPOCH = "config-epoch";

    /**
     * So long a lower epoch has to be told before it is believed: several times what sentinels take to tell each other.
     */
    private static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** @param configEpoch -1 if the sentinel does not tell it */
    private record Answer(Endpoint endpoint, long configEpoch) {}

    private final String name;
    private final List<Endpoint> sentinels;
    private final Connector connector;
    private volatile int first;
    private volatile Location found = NOWHERE;

    /** The highest that counted. */
    @GuardedBy("this")
    private long configEpoch = -1;

    /** Since when most sentinels tell a lower one, by {@link OwnTime}; null if they do not. */
    @GuardedBy("this")
    private @Nullable Long behindSince;

    /** @param tls to them; null for none */
    SentinelLocator(String name, List<Endpoint> sentinels, @Nullable Tls tls) {
        this.name = name;
        this.sentinels = List.copyOf(sentinels);
        this.connector = new Connector(Connector.Login.NONE, tls);
    }

    @Override
    public Location find(long deadline) throws IOException {
        ConnectionFailures failures = new ConnectionFailures();
        List<Answer> behind = new ArrayList<>();
        Location before = found;
        boolean unknown = false;
        int begin = first;
        for (int i = 0; i < sentinels.size(); i++) {
            int number = (begin + i) % sentinels.size();
            Endpoint sentinel = sentinels.get(number);
            long now = OwnTime.now();
            // One that says nothing must leave time for the others.
            long share = Math.max(LEAST_NANOS, (deadline - now) / (sentinels.size() - i + 1));
            try {
                Answer answer = ask(sentinel, now + Math.min(share, deadline - now));
                if (answer == null) {
                    unknown = true;
                    failures.add(sentinel, "does not know it");
                } else if (counts(answer)) {
                    first = number;
                    return found;
                } else {
                    behind.add(answer);
                    failures.add(
                            sentinel,
                            "names " + answer.endpoint() + " with configuration epoch " + answer.configEpoch()
                                    + ", and a higher one was heard before");
                }
            } catch (IOException | JedisException e) {
                failures.add(sentinel, e);
            }
        }
        if (!behind.isEmpty()) {
            Location location = inSpiteOf(before, behind);
            if (location != null) {
                return location;
            }
            throw failures.behind("HF-450: Sentinels that were set up anew are believed when more than half of those in"
                    + " holdfast.redis have said so for " + TimeUnit.NANOSECONDS.toSeconds(HOLD_NANOS)
                    + "s: name or start more of them. Others learn of the new primary by themselves.");
        }
        throw unknown
                ? failures.unknownToSome(
                        "HF-451: Name in holdfast.redis, behind the slash, what sentinel monitor calls it.")
                : failures.unknown("HF-450: Check that the sentinels run, and holdfast.redis.");
    }

    private synchronized boolean counts(Answer answer) {
        if (answer.configEpoch() >= 0 && answer.configEpoch() < configEpoch) {
            return false;
        }
        behindSince = null;
        believe(answer, answer.configEpoch() > configEpoch);
        return true;
    }

    /** @return null if none of what they said can be believed yet */
    private synchronized @Nullable Location inSpiteOf(Location before, List<Answer> behind) {
        if (!found.equals(before)) {
            return found; // somebody else has heard better meanwhile
        }
        if (2 * behind.size() <= sentinels.size()) {
            return null;
        }
        long now = OwnTime.now();
        if (behindSince == null) {
            behindSince = now;
        }
        if (now - behindSince < HOLD_NANOS) {
            return null;
        }
        Answer newest = behind.get(0);
        for (Answer answer : behind) {
            newest = answer.configEpoch() > newest.configEpoch() ? answer : newest;
        }
        behindSince = null;
        believe(newest, true);
        return found;
    }

    // Sentinels may name one primary by its name and by its address: that alone is no other one.
    @GuardedBy("this")
    private void believe(Answer answer, boolean another) {
        configEpoch = Math.max(answer.configEpoch(), another ? -1 : configEpoch);
        found = new Location(answer.endpoint(), found.term() + (another ? 1 : 0));
    }

    @Override
    public boolean isFormer(Location location) {
        return location.term() < found.term();
    }

    private @Nullable Answer ask(Endpoint sentinel, long deadline) throws IOException {
        try (RedisConnection connection = connector.open(sentinel, deadline)) {
            // In this order: an epoch of before belongs to an address of after, and never the other way round.
            List<@Nullable Object> replies =
                    connection.exchange(List.of(question("MASTER"), question("GET-MASTER-ADDR-BY-NAME")), deadline);
            Object reply = replies.get(1);
            if (reply instanceof JedisDataException refused) {
                throw refused;
            }
            return reply instanceof List<?> address && address.size() == 2
                    ? new Answer(
                            new Endpoint(Replies.text(address.get(0)), Integer.parseInt(Replies.text(address.get(1)))),
                            configEpoch(replies.get(0)))
                    : null;
        } catch (NumberFormatException e) {
            throw new IOException("no port, or no configuration epoch", e);
        }
    }

    private CommandArguments question(String what) {
        return new CommandArguments(Command.SENTINEL).add(what).add(name);
    }

    /** Of names and values by turns; a sentinel's access control list may keep it from us. */
    private static long configEpoch(@Nullable Object reply) {
        if (reply instanceof List<?> fields) {
            for (int i = 0; i + 1 < fields.size(); i += 2) {
                if (Replies.text(fields.get(i)).equals(CONFIG_EPOCH)) {
                    return Long.parseLong(Replies.text(fields.get(i + 1)));
                }
            }
        }
        return -1;
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
        Location now = found;
        String list = sentinels.stream().map(Endpoint::toString).collect(Collectors.joining(","));
        return (now.equals(NOWHERE) ? "" : now.endpoint() + " ") + "(primary \"" + name + "\" of the sentinels " + list
                + ")";
    }
}
