package dev.holdfast.redis.client;

import dev.holdfast.config.RedisAddress;
import dev.holdfast.config.RedisLogin;
import dev.holdfast.redis.client.Connector.Login;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;

/**
 * The connections of one server process to one Redis or Valkey, or one cluster of them. Safe for use by many threads.
 *
 * <p><b>Implementation note.</b> Everything, waiting for a connection included, ends with the request's budget. What
 * concerns several primaries of a cluster goes to one after the other: only what no request waits for does, and none of
 * them may use up the time of the others. Proved by {@code RedisServerIT} and {@code ClusterIT}.
 */
public final class RedisClient implements AutoCloseable {
    /** What took longer has waited. */
    private static final long AT_ONCE = TimeUnit.MILLISECONDS.toNanos(1);

    private final Topology topology;
    private final List<Runnable> back;
    private final CommandExecutor executor;
    private final Runnable looking;
    private final CallTimes requestCalls = new CallTimes();
    private final CallTimes backgroundCalls = new CallTimes();
    private final LongAdder failures = new LongAdder();

    private RedisClient(Topology topology, List<Runnable> back) {
        this.topology = topology;
        this.back = back;
        this.executor = new CommandExecutor(topology);
        this.looking = topology::look;
        OwnTime.watch(looking);
    }

    /**
     * Names the server; connects with the first command, so Redis may be down.
     *
     * @param uri as of {@code holdfast.redis}, see docs/redis.md
     * @param login counts where the URI has none
     * @param authorities who may have signed the certificate of a server with TLS; empty: whom Java believes
     * @param timeout for how long nothing comes from Redis until it is away
     * @param requestThreads how many threads serve requests at most: half of them may wait for a Redis that says
     *     nothing
     * @throws IllegalArgumentException if the URI is of another form
     */
    public static RedisClient connect(
            URI uri,
            RedisLogin login,
            List<X509Certificate> authorities,
            Duration timeout,
            IntSupplier requestThreads) {
        RedisAddress address = RedisAddress.of(uri);
        Tls tls = address.secure() ? Tls.trusting(authorities) : null;
        List<Runnable> back = new CopyOnWriteArrayList<>();
        Connector connector = new Connector(
                new Login(
                        address.password() == null ? login : new RedisLogin(address.user(), address.password(), null),
                        address.database()),
                tls);
        AtomicReference<Topology> topology = new AtomicReference<>();
        RedisNode.Manner manner = new RedisNode.Manner(
                timeout,
                requestThreads,
                node -> Probe.start(Objects.requireNonNull(topology.get()), node, timeout.toNanos()),
                () -> back.forEach(Runnable::run));
        topology.set(topology(address, connector, manner));
        return new RedisClient(Objects.requireNonNull(topology.get()), back);
    }

    private static Topology topology(RedisAddress address, Connector connector, RedisNode.Manner manner) {
        List<Endpoint> endpoints = address.servers().stream()
                .map(server -> new Endpoint(server.host(), server.port()))
                .toList();
        return switch (address.kind()) {
            case SERVER -> new SingleTopology(RedisNode.of(connector, PrimaryLocator.at(endpoints.get(0)), manner));
            case SENTINEL ->
                new SingleTopology(RedisNode.of(
                        connector,
                        new SentinelLocator(Objects.requireNonNull(address.name()), endpoints, connector.tls()),
                        manner));
            case CLUSTER -> new ClusterTopology(connector, endpoints, manner);
        };
    }

    /** The connections to a server that is no cluster. */
    ConnectionPool pool() {
        return topology.known(0).pool();
    }

    /**
     * The listener runs before the first command on a connection to another primary; it must be quick and send nothing.
     */
    public void onOtherPrimary(Runnable listener) {
        topology.onOtherPrimary(listener);
    }

    /**
     * The listener runs when a primary that was away has answered, on the thread that got the answer; it must be quick
     * and throw nothing.
     */
    public void onBack(Runnable listener) {
        back.add(listener);
    }

    public void forget(Runnable listener) {
        topology.forget(listener);
        back.remove(listener);
    }

    public boolean hasManyPrimaries() {
        return topology.areMany();
    }

    /** Whether a primary may be somewhere else a moment later. */
    public boolean moves() {
        return topology.moves();
    }

    /** A slot of each primary that is known. */
    public List<Integer> oneOfEachPrimary() {
        return topology.oneOfEachPrimary();
    }

    /** The primary of a slot, for messages. */
    public String nameOf(int slot) {
        return topology.known(slot).toString();
    }

    /** Whether round trips fail at once because none before them found Redis. */
    public boolean isAway() {
        return topology.isAway();
    }

    /** For how long a primary has been away, in milliseconds; of several the longest, 0 if none is. */
    public long awayMillis() {
        return topology.oneOfEachPrimary().stream()
                .mapToLong(slot -> topology.known(slot).gate().awayMillis())
                .max()
                .orElse(0);
    }

    /** How long calls took that a request waited for, whatever came of them, but for those that were not made. */
    public CallTimes requestCalls() {
        return requestCalls;
    }

    /** How long the others took. */
    public CallTimes backgroundCalls() {
        return backgroundCalls;
    }

    /** How many calls failed: no answer in time, refused as a whole, or not made since none was to be expected. */
    public long failed() {
        return failures.sum();
    }

    /** Host and port, for messages. */
    @Override
    public String toString() {
        return topology.toString();
    }

    /** Closes idle connections at once, and those in use when they come back. */
    @Override
    public void close() {
        OwnTime.forget(looking);
        topology.close();
    }

    /**
     * One round trip: all calls of a slot on one connection, in order.
     *
     * @param what for the message, as in "load session 4f2a…"
     * @param wait for replicas, in the same round trip
     * @throws StoreUnavailableException if there was no answer within the budget, or none is to be expected: Redis is
     *     away
     */
    public Replies run(String what, WaitBudget budget, List<RedisCommand> calls, ReplicaWait wait) {
        return run(budget, new Pipeline(what, calls, wait));
    }

    /**
     * As {@link #run}, if what is asked says yes when the connection is there: after {@link #onOtherPrimary} has told
     * of another primary, before anything is sent to it. Holds for each attempt.
     */
    public Replies runWhile(BooleanSupplier same, String what, WaitBudget budget, List<RedisCommand> calls) {
        return run(budget, new Pipeline(what, calls, ReplicaWait.NONE, false, same));
    }

    private Replies run(WaitBudget budget, Pipeline pipeline) {
        Reason why = Reason.NONE;
        boolean answered = false;
        long start = OwnTime.now();
        // An application that left it set would have each of its calls fail, and each connection closed.
        boolean interrupted = Thread.interrupted();
        try {
            long end = start + budget.remainingNanos();
            List<Integer> slots = topology.slots(pipeline.calls());
            Replies replies = slots.size() == 1
                    ? executor.run(pipeline, slots, end, budget)
                    : new FanOut(topology, executor, pipeline, end, budget).run();
            answered = true;
            return replies;
        } catch (StoreUnavailableException e) {
            why = e.reason();
            throw e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            long took = OwnTime.now() - start;
            budget.called(took);
            if (!answered) {
                failures.increment();
            }
            boolean heldBack = (why == Reason.AWAY || why == Reason.CROWDED) && took < AT_ONCE;
            if (!heldBack) { // what is refused at once would make an outage look fast
                (budget.isBackground() ? backgroundCalls : requestCalls).note(Math.max(0, took));
            }
        }
    }

    /**
     * Takes what some questions take off a budget.
     *
     * @param asking gets the end of the time for them, see {@link #ask}
     */
    public <T> T spending(WaitBudget budget, LongFunction<T> asking) {
        long start = OwnTime.now();
        try {
            return asking.apply(start + budget.remainingNanos());
        } finally {
            budget.spend(OwnTime.now() - start);
        }
    }

    /**
     * Asks the primary of a slot, for nobody who waits.
     *
     * @param end of the time for it, as {@link #spending} says it
     * @throws StoreUnavailableException if it does not answer
     */
    public Replies ask(int slot, long end, String what, RedisCommand call) {
        return executor.run(
                new Pipeline(what, List.of(call), ReplicaWait.NONE), List.of(slot), end, WaitBudget.ofBackground());
    }
}
