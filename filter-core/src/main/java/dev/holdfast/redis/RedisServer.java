package dev.holdfast.redis;

import dev.holdfast.config.RedisLogin;
import dev.holdfast.redis.client.CallTimes;
import dev.holdfast.redis.client.RedisClient;
import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.RedisError;
import dev.holdfast.redis.client.ReplicaWait;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.redis.doctor.Diagnosis;
import dev.holdfast.redis.doctor.Doctor;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * One Redis or Valkey, or one cluster of them, as the applications of one server process share it. Safe for use by many
 * threads.
 *
 * <p>Its connections are those of {@link RedisClient}; here stands what calls about sessions have in common: damage
 * that scripts meet is put aside, and what replicas have to have is waited for.
 */
public final class RedisServer implements AutoCloseable {
    private final RedisClient client;
    private final ReplicaWait wait;
    private final Doctor doctor;
    private final Damage damage;

    private RedisServer(RedisClient client, Duration timeout, int replicas) {
        this.client = client;
        this.wait = new ReplicaWait(replicas, RedisKeys::renewal);
        this.doctor = new Doctor(client, replicas, timeout.dividedBy(2));
        this.damage = new Damage(client);
    }

    /**
     * Names the server; connects with the first command, so Redis may be down.
     *
     * @param uri {@code redis://[user:password@]host:port[/db]}, {@code
     *     redis-sentinel://[user:password@]host:port,host:port/name}, or {@code
     *     redis-cluster://[user:password@]host:port,host:port}; each with {@code rediss} in place of {@code redis} for
     *     TLS
     * @param login counts where the URI has none
     * @param authorities who may have signed the certificate of a server with TLS; empty: whom Java believes
     * @param timeout for how long nothing comes from Redis until it is away
     * @param replicas how many must have a change before it counts as done
     * @param requestThreads how many threads serve requests at most: half of them may wait for a Redis that says
     *     nothing
     * @throws IllegalArgumentException if the URI is of another form
     */
    public static RedisServer connect(
            URI uri,
            RedisLogin login,
            List<X509Certificate> authorities,
            Duration timeout,
            int replicas,
            IntSupplier requestThreads) {
        return new RedisServer(
                RedisClient.connect(uri, login, authorities, timeout, requestThreads), timeout, replicas);
    }

    /** With the login of the URI. */
    public static RedisServer connect(
            URI uri, List<X509Certificate> authorities, Duration timeout, int replicas, IntSupplier requestThreads) {
        return connect(uri, RedisLogin.NONE, authorities, timeout, replicas, requestThreads);
    }

    static RedisServer connect(URI uri, List<X509Certificate> authorities, Duration timeout, int replicas) {
        return connect(uri, authorities, timeout, replicas, () -> Integer.MAX_VALUE);
    }

    static RedisServer connect(URI uri, Duration timeout) {
        return connect(uri, List.of(), timeout, 0);
    }

    RedisClient client() {
        return client;
    }

    /**
     * The listener runs before the first command on a connection to another primary; it must be quick and not use the
     * store.
     */
    void onOtherPrimary(Runnable listener) {
        client.onOtherPrimary(listener);
    }

    /**
     * The listener runs when a primary that was away has answered, on the thread that got the answer; it must be quick
     * and throw nothing.
     */
    void onBack(Runnable listener) {
        client.onBack(listener);
    }

    void forget(Runnable listener) {
        client.forget(listener);
    }

    /**
     * Asks for a sign of life.
     *
     * @throws StoreUnavailableException if none came within the budget
     */
    public void check(WaitBudget budget) {
        // A command that the user may use anyway.
        String what = "ask for the time";
        Replies replies = run(what, budget, List.of(new RedisCommand(null, Command.TIME, List.of(), List.of())));
        JedisDataException refused = replies.refusal(0);
        if (refused != null) {
            throw new StoreUnavailableException(
                    ReplyReader.refused(what, client, refused)
                            + RedisError.of(refused).remedy(),
                    false,
                    null);
        }
    }

    /**
     * Looks at all primaries: what users would feel of their set-up, and what to do.
     *
     * @throws StoreUnavailableException if none answered within the budget
     */
    public Diagnosis examine(WaitBudget budget) {
        return client.spending(budget, doctor::examine);
    }

    /** What is said about damage in Redis. */
    Notices notices() {
        return damage.notices();
    }

    /** Says what calls have put aside, see {@link Damage#putAside}. */
    void saying(List<RedisCommand> calls, Replies replies) {
        damage.say(calls, replies);
    }

    boolean hasManyPrimaries() {
        return client.hasManyPrimaries();
    }

    /** Whether round trips fail at once because none before them found Redis. */
    boolean isAway() {
        return client.isAway();
    }

    /** For how long a primary has been away, in milliseconds; of several the longest, 0 if none is. */
    public long awayMillis() {
        return client.awayMillis();
    }

    /** How long calls took that a request waited for, whatever came of them, but for those that were not made. */
    public CallTimes requestCalls() {
        return client.requestCalls();
    }

    /** How long the others took. */
    public CallTimes backgroundCalls() {
        return client.backgroundCalls();
    }

    /** How many calls failed: no answer in time, refused as a whole, or not made since none was to be expected. */
    public long failed() {
        return client.failed();
    }

    /** Host and port, for messages. */
    @Override
    public String toString() {
        return client.toString();
    }

    /** Closes idle connections at once, and those in use when they come back. */
    @Override
    public void close() {
        client.close();
    }

    /**
     * One round trip: all calls of a slot on one connection, in order. Two more where a script met what Holdfast did
     * not write, see {@link Damage}.
     *
     * @param what for the message, as in "load session 4f2a…"
     * @throws StoreUnavailableException if there was no answer within the budget, or none is to be expected: Redis is
     *     away
     */
    Replies run(String what, WaitBudget budget, List<RedisCommand> calls) {
        return undamaged(what, budget, calls, ReplicaWait.NONE);
    }

    /**
     * As {@link #run}, and in the same round trip waits until so many replicas as {@code holdfast.durability} says have
     * all that Redis had when it answered.
     */
    Replies runReplicated(String what, WaitBudget budget, List<RedisCommand> calls) {
        return undamaged(what, budget, calls, wait);
    }

    /**
     * As {@link #run}, if what is asked says yes when the connection is there: after {@link #onOtherPrimary} has told
     * of another primary, before anything is sent to it. Holds for each attempt.
     */
    Replies runWhile(BooleanSupplier same, String what, WaitBudget budget, List<RedisCommand> calls) {
        return client.runWhile(same, what, budget, calls);
    }

    private Replies undamaged(String what, WaitBudget budget, List<RedisCommand> calls, ReplicaWait waiting) {
        Replies replies = client.run(what, budget, calls, waiting);
        List<RedisCommand> aside = damage.of(calls, replies);
        if (aside.isEmpty()) {
            return replies;
        }
        damage.say(aside, client.run("put aside what is damaged", budget, aside, ReplicaWait.NONE));
        Replies again = client.run(what, budget, calls, waiting);
        return new Replies(again.all(), replies.repeated() || again.repeated(), again.replicas());
    }
}
