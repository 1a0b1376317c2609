package dev.holdfast.redis;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The connections of one server process to one Redis or Valkey, or one cluster of them, shared by its applications. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Everything, waiting for a connection included, ends with the request's budget. What concerns several
 * primaries of a cluster goes to one after the other: only what no request waits for does, and none of them may use up the time of the
 * others. Proved by {@code RedisServerIT} and {@code ClusterIT}.
 */
public final class RedisServer implements AutoCloseable {

    private final Places places;
    private final List<Runnable> back;
    private final Trips trips;
    private final int replicas;
    private final Doctor doctor;
    private final Damage damage;

    private final Runnable looking;

    private RedisServer(Places places, List<Runnable> back, Duration timeout, int replicas) {
        this.places = places;
        this.back = back;
        this.trips = new Trips(places);
        this.replicas = replicas;
        this.doctor = new Doctor(places, trips, replicas, timeout.dividedBy(2));
        this.damage = new Damage(places);
        this.looking = places::look;
        OwnTime.watch(looking);
    }

    /**
     * Names the server; connects with the first command, so Redis may be down.
     *
     * @param uri {@code redis://[user:password@]host:port[/db]}, {@code redis-sentinel://[user:password@]host:port,host:port/name}, or
     *     {@code redis-cluster://[user:password@]host:port,host:port}; each with {@code rediss} in place of {@code redis} for TLS
     * @param authorities who may have signed the certificate of a server with TLS; empty: whom Java believes
     * @param timeout for how long nothing comes from Redis until it is away
     * @param replicas how many must have a change before it counts as done
     * @param requestThreads how many threads serve requests at most: half of them may wait for a Redis that says nothing
     * @throws IllegalArgumentException if the URI is of another form
     */
    public static RedisServer connect(
            URI uri, List<X509Certificate> authorities, Duration timeout, int replicas, IntSupplier requestThreads) {
        RedisAddress address = RedisAddress.parse(uri);
        Tls tls = address.secure() ? Tls.trusting(authorities) : null;
        List<Runnable> back = new CopyOnWriteArrayList<>();
        Connector connector = new Connector(address.login(), tls);
        AtomicReference<Places> places = new AtomicReference<>();
        Place.Manner manner = new Place.Manner(
                timeout,
                requestThreads,
                place -> Probe.start(Objects.requireNonNull(places.get()), place, timeout.toNanos()),
                () -> back.forEach(Runnable::run));
        places.set(address.places(connector, manner));
        return new RedisServer(Objects.requireNonNull(places.get()), back, timeout, replicas);
    }

    static RedisServer connect(URI uri, List<X509Certificate> authorities, Duration timeout, int replicas) {
        return connect(uri, authorities, timeout, replicas, () -> Integer.MAX_VALUE);
    }

    static RedisServer connect(URI uri, Duration timeout) {
        return connect(uri, List.of(), timeout, 0);
    }

    /** The connections to a server that is no cluster. */
    ConnectionPool pool() {
        return places.known(0).pool();
    }

    /** The listener runs before the first command on a connection to another primary; it must be quick and not use the store. */
    void onOtherPrimary(Runnable listener) {
        places.onOtherPrimary(listener);
    }

    /** The listener runs when a primary that was away has answered, on the thread that got the answer; it must be quick and throw nothing. */
    void onBack(Runnable listener) {
        back.add(listener);
    }

    void forget(Runnable listener) {
        places.forget(listener);
        back.remove(listener);
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
                    "Cannot ask for the time: Redis " + places + " refused it, \"" + Refusal.words(refused) + "\". "
                            + Refusal.of(refused).remedy(),
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
        long start = OwnTime.now();
        try {
            return doctor.examine(start + budget.remainingNanos());
        } finally {
            budget.spend(OwnTime.now() - start);
        }
    }

    /** What is said about damage in Redis. */
    Notices notices() {
        return damage.notices();
    }

    /** Says what calls have put aside, see {@link Damage#putAside}. */
    void saying(List<Call> calls, Replies replies) {
        damage.say(calls, replies);
    }

    boolean hasManyPrimaries() {
        return places.areMany();
    }

    /** Whether round trips fail at once because none before them found Redis. */
    boolean isAway() {
        return places.isAway();
    }

    /** Host and port, for messages. */
    @Override
    public String toString() {
        return places.toString();
    }

    /** Closes idle connections at once, and those in use when they come back. */
    @Override
    public void close() {
        OwnTime.forget(looking);
        places.close();
    }

    /**
     * One round trip: all calls of a slot on one connection, in order. Two more where a script met what Holdfast did not write, see
     * {@link Damage}.
     *
     * @param what for the message, as in "load session 4f2a…"
     * @throws StoreUnavailableException if there was no answer within the budget, or none is to be expected: Redis is away
     */
    Replies run(String what, WaitBudget budget, List<Call> calls) {
        return undamaged(budget, new RoundTrip(what, calls, 0));
    }

    /**
     * As {@link #run}, and in the same round trip waits until so many replicas as {@code holdfast.durability} says have all that Redis had
     * when it answered.
     */
    Replies runReplicated(String what, WaitBudget budget, List<Call> calls) {
        return undamaged(budget, new RoundTrip(what, calls, replicas));
    }

    /**
     * As {@link #run}, if what is asked says yes when the connection is there: after {@link #onOtherPrimary} has told of another primary,
     * before anything is sent to it. Holds for each attempt.
     */
    Replies runWhile(BooleanSupplier same, String what, WaitBudget budget, List<Call> calls) {
        return run(budget, new RoundTrip(what, calls, 0, false, same));
    }

    private Replies undamaged(WaitBudget budget, RoundTrip trip) {
        Replies replies = run(budget, trip);
        List<Call> aside = damage.of(trip.calls(), replies);
        if (aside.isEmpty()) {
            return replies;
        }
        damage.say(aside, run(budget, new RoundTrip("put aside what is damaged", aside, 0)));
        Replies again = run(budget, trip);
        return new Replies(again.all(), replies.repeated() || again.repeated(), again.replicas());
    }

    private Replies run(WaitBudget budget, RoundTrip trip) {
        long start = OwnTime.now();
        // An application that left it set would have each of its calls fail, and each connection closed.
        boolean interrupted = Thread.interrupted();
        try {
            long end = start + budget.remainingNanos();
            List<Integer> slots = places.slots(trip.calls());
            return slots.size() == 1
                    ? trips.run(trip, slots, end, budget)
                    : new Batch(places, trips, trip, end, budget).run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            budget.spend(OwnTime.now() - start);
        }
    }
}
