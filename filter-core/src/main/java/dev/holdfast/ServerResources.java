package dev.holdfast;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.jmx.ManagedNode;
import dev.holdfast.redis.RedisNodeRegistry;
import dev.holdfast.redis.RedisServer;
import dev.holdfast.redis.RedisSessionStore;
import dev.holdfast.redis.doctor.Diagnosis;
import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.recovery.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * What the applications of one server process share: the connections to Redis, and a background thread for each of
 * them. Lives from the first application that starts to the last that stops, so that nothing stays behind when all are
 * undeployed.
 */
final class ServerResources {
    private static final Duration START = Duration.ofSeconds(2);
    private static final System.Logger LOG = System.getLogger("dev.holdfast.SharedServer");

    @GuardedBy("ServerResources.class")
    private static final IdentityHashMap<Object, ServerResources> RUNNING = new IdentityHashMap<>();

    private final Object key;
    private final HoldfastConfig config;
    private final String route;
    private final RedisServer redis;
    private final ScheduledThreadPoolExecutor background;
    /** What each application was told of the threads of its container. */
    private final List<IntSupplier> threads = new CopyOnWriteArrayList<>();

    private final ManagedNode managed;
    /** Names this run of the process. */
    private final String run = RandomToken.next();

    private final ClientWaits waits = new ClientWaits();
    private final AtomicInteger joined = new AtomicInteger();
    private final ServerApplications applications = new ServerApplications();
    private final Drain drain;
    private final OrderlyStop stop;
    private final NodeMetrics metrics;

    private final List<RedisSessionStore> stores = new CopyOnWriteArrayList<>();
    private final List<Supplier<Optional<String>>> findings = new CopyOnWriteArrayList<>();

    @GuardedBy("ServerResources.class")
    private int users;
    /** Whether Redis was there when it was last looked for. */
    private volatile boolean found;

    private ServerResources(Object key, HoldfastConfig config, String route) {
        this.key = key;
        this.config = config;
        this.route = route;
        this.redis = RedisServer.connect(
                config.redis(),
                config.login(),
                config.redisCa(),
                config.timeout(),
                config.replicas(),
                this::requestThreads);
        this.background = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-background");
            thread.setDaemon(true);
            // Made while an application starts: its class loader must not stay with a thread that outlives it.
            thread.setContextClassLoader(ServerResources.class.getClassLoader());
            return thread;
        });
        this.drain = new Drain(config.pages().health(), config.drainFile(), applications);
        this.stop = new OrderlyStop(config.drainLimit(), drain, applications);
        this.metrics =
                new NodeMetrics(route, redis, drain::isDraining, config.pages().metrics());
        this.managed = ManagedNode.register(
                route, this::examine, metrics::ofNode, new ManagedNode.Draining(drain::mode, drain::begin, drain::end));
        ScheduledFuture<?> unused = everySecond(drain::review); // ends with all that is in the background
    }

    private List<String> examine() {
        List<String> lines = new ArrayList<>(applications.findings());
        findings.stream().flatMap(finding -> finding.get().stream()).forEach(lines::add);
        stores.forEach(store -> lines.addAll(store.missingRights(new WaitBudget(START))));
        lines.addAll(redis.examine(new WaitBudget(START)).lines());
        return lines;
    }

    /** @param key the container's own object of the server process: two servers embedded in one JVM share nothing */
    static synchronized ServerResources acquire(Object key, HoldfastConfig config, String route) {
        ServerResources server = RUNNING.get(key);
        if (server == null) {
            InstalledCopies.complaint(ServerResources.class.getClassLoader())
                    .ifPresent(text -> LOG.log(System.Logger.Level.WARNING, text));
            server = new ServerResources(key, config, route);
            server.sayIfRedisIsAway();
            RUNNING.put(key, server);
        } else {
            OneServer.requireSame(server.config, server.route, config, route);
        }
        server.users++;
        server.giveEachItsThread();
        return server;
    }

    /**
     * One for each application: their sessions are asked for each second, and none of them waits for the others'
     * answers.
     */
    @GuardedBy("ServerResources.class")
    private void giveEachItsThread() {
        background.setCorePoolSize(Math.max(1, users));
    }

    /** Lets the bound for what waits for Redis follow the threads that this application's requests have. */
    void addThreads(IntSupplier requestThreads) {
        threads.add(requestThreads);
    }

    void removeThreads(IntSupplier requestThreads) {
        threads.remove(requestThreads);
    }

    /** Lets {@code examine} say what is to be said of an application, if there is anything. */
    void addFinding(Supplier<Optional<String>> finding) {
        findings.add(finding);
    }

    void removeFinding(Supplier<Optional<String>> finding) {
        findings.remove(finding);
    }

    private int requestThreads() {
        return threads.stream().mapToInt(IntSupplier::getAsInt).max().orElse(SessionOptions.UNKNOWN_THREADS);
    }

    /** Redis may come later: nodes start without it. */
    private void sayIfRedisIsAway() {
        try {
            // Longer than a request may wait: a cold node needs it, and the first request then finds a connection.
            WaitBudget budget = new WaitBudget(START);
            redis.check(budget);
            found = true;
            report(redis.examine(budget));
        } catch (StoreUnavailableException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "HF-104: This node starts " + whatComesOf(e.reason() == StoreUnavailableException.Reason.NONE) + " "
                            + e.getMessage());
        }
    }

    private String whatComesOf(boolean refused) {
        if (refused) {
            // It is there: that is no outage, and nothing is kept in memory for it.
            return "although Redis refuses it. Until that is mended, requests that need a session are answered 503.";
        }
        return "without Redis. Until it is there, requests for sessions of before are answered 503, and "
                + (config.outage() == SessionOptions.Outage.SERVE
                        ? "new sessions are kept in memory."
                        : "no session can begin.");
    }

    private static void report(Diagnosis diagnosis) {
        diagnosis.servers().forEach(line -> LOG.log(System.Logger.Level.INFO, line));
        diagnosis.findings().forEach(line -> LOG.log(System.Logger.Level.WARNING, line));
    }

    /** The sessions of one application, and what its user may not do with them, if Redis is there. */
    RedisSessionStore openStore(String app) {
        RedisSessionStore store = new RedisSessionStore(redis, app);
        stores.add(store);
        if (found) {
            try {
                store.missingRights(new WaitBudget(START)).forEach(line -> LOG.log(System.Logger.Level.WARNING, line));
            } catch (StoreUnavailableException e) {
                LOG.log(System.Logger.Level.WARNING, e.getMessage());
            }
        }
        return store;
    }

    /** Whether this server keeps new browsers away. */
    boolean isDraining() {
        return drain.isDraining();
    }

    /** Whether it sends those that it has to other nodes, too. */
    boolean isMoving() {
        return drain.isMoving();
    }

    /** What is done before the server stops. */
    OrderlyStop stop() {
        return stop;
    }

    NodeMetrics metrics() {
        return metrics;
    }

    /** Those of all applications of this server. */
    ClientWaits waits() {
        return waits;
    }

    void close(RedisSessionStore store) {
        stores.remove(store);
        store.close();
    }

    /**
     * Makes this node one of an application's nodes.
     *
     * @param address host and port of the server; without a port that is known, host alone
     * @param ticker the application's: times of the registry are compared with those of its sessions
     * @param server whose browsers others may get, and which may get theirs when it is open
     * @throws IllegalStateException if another live node has this node's route, or another application of this server
     *     has this one's name
     */
    Membership join(HoldfastConfig application, String address, Ticker ticker, ContainerServer server) {
        boolean unique = application.affinity() != HoldfastConfig.Affinity.NONE;
        // Who has no port of his own to tell has no predecessor either.
        String place = address.endsWith(":0") ? address + ":" + run : address;
        // An application that is deployed anew has forgotten which sessions it had ended: nobody is to take it for the
        // one before.
        String incarnation = run + "." + joined.incrementAndGet();
        Membership membership = new Membership(
                new RedisNodeRegistry(redis, application.app()),
                new LiveNode(
                        incarnation,
                        unique ? route : "",
                        place.replaceAll("[^A-Za-z0-9._:-]", "_"),
                        0,
                        application.identity(),
                        stage(server)),
                ticker,
                () -> stage(server),
                drain::follows);
        applications.add(application.identity(), membership);
        try {
            membership.enter();
        } catch (RuntimeException e) {
            applications.remove(membership);
            throw e;
        }
        return membership;
    }

    private LiveNode.Stage stage(ContainerServer server) {
        if (drain.isDraining()) {
            return drain.isForced() ? LiveNode.Stage.LEAVES : LiveNode.Stage.DRAINS;
        }
        return server.isOpen() ? LiveNode.Stage.SERVES : LiveNode.Stage.STARTS;
    }

    void leave(Membership membership) {
        applications.remove(membership);
        membership.leave();
    }

    /** Runs a task every second until it is cancelled; what it throws is logged and does not end it. */
    ScheduledFuture<?> everySecond(Runnable task) {
        return background.scheduleWithFixedDelay(guarded(task), 1, 1, TimeUnit.SECONDS);
    }

    /**
     * A task of every second; whatever it throws is logged, Errors too: an executor never again runs a task that has
     * thrown, and a node without its heartbeat saves and settles nothing any more.
     */
    static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                say(e);
            }
        };
    }

    private static void say(Throwable failure) {
        try {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "HF-102: A background task of Holdfast failed, it is tried again in a second",
                    failure);
        } catch (Throwable e) {
            // What left no memory for the task may leave none for the line; the heartbeat is worth more than it.
        }
    }

    void release() {
        synchronized (ServerResources.class) {
            users--;
            if (users > 0) {
                giveEachItsThread();
                return;
            }
            RUNNING.remove(key);
            metrics.close(); // before another one of this name shows its own
        }
        background.shutdownNow();
        stop.close();
        drain.close();
        managed.close();
        redis.close();
    }
}
