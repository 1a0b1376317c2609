package dev.holdfast;

import dev.holdfast.affinity.RouteCookie;
import dev.holdfast.affinity.Routes;
import dev.holdfast.codec.KryoCodec;
import dev.holdfast.config.Names;
import dev.holdfast.cookie.RoutePolicy;
import dev.holdfast.cookie.SessionCookies;
import dev.holdfast.jmx.ManagedApplication;
import dev.holdfast.redis.RedisSessionStore;
import dev.holdfast.session.ContainerSessions;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.request.SessionCoordinator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holdfast for one application: the protocol, its store and its codec, built by hand from a valid configuration.
 *
 * <p>The connections to Redis and the background thread belong to the server process and are shared by its
 * applications; everything that can hold a class of the application belongs to this object and goes with {@link
 * #close}.
 */
public final class Holdfast implements AutoCloseable {
    private static final int MOST_SHOWN = 20;

    private final ServerResources server;
    private final IntSupplier threads;
    private final RedisSessionStore store;
    private final Membership membership;
    private final SessionCoordinator coordinator;
    private final ScheduledFuture<?> background;
    private final ApplicationExecutor saving;
    private final ApplicationExecutor telling;
    private final ManagedApplication managed;
    private final NodeMetrics.Shown metrics;
    private final ClassFindings findings;
    private final Supplier<Optional<String>> staying;
    private final ClassLoader loader;

    private Holdfast(
            ServerResources server,
            IntSupplier threads,
            RedisSessionStore store,
            Membership membership,
            SessionCoordinator coordinator,
            ScheduledFuture<?> background,
            ApplicationExecutor saving,
            ApplicationExecutor telling,
            ManagedApplication managed,
            NodeMetrics.Shown metrics,
            ClassFindings findings,
            Supplier<Optional<String>> staying,
            ClassLoader loader) {
        this.server = server;
        this.threads = threads;
        this.store = store;
        this.membership = membership;
        this.coordinator = coordinator;
        this.background = background;
        this.saving = saving;
        this.telling = telling;
        this.managed = managed;
        this.metrics = metrics;
        this.findings = findings;
        this.staying = staying;
        this.loader = loader;
    }

    /**
     * Starts Holdfast for an application. Redis need not be there: what needs it is refused until it is.
     *
     * @param serverKey the container's own object of the server: its applications share one set of connections
     * @param route this node's name in the affinity cookie
     * @param address host and port of this server, {@code host:0} if the port is not known; a node that starts there
     *     again takes the place of the one before
     * @param container the server that this application is of
     * @param sessions makes the container's session objects
     * @param loader the application's class loader
     * @throws IllegalStateException if another application of this server runs with another name of the node or another
     *     Redis, or if another live node has this node's name
     */
    public static Holdfast start(
            Object serverKey,
            HoldfastConfig config,
            String route,
            String address,
            ContainerServer container,
            ContainerSessions sessions,
            ClassLoader loader,
            ApplicationClasses classes) {
        ServerResources server = ServerResources.acquire(serverKey, config, route);
        Ticker ticker = Ticker.system(); // one: each counts from its own creation
        IntSupplier threads = () -> bounded(container.requestThreads());
        server.addThreads(threads);
        ClassFindings findings = ClassFindings.of(config, route, classes::allowing, ticker);
        Membership membership = null;
        RedisSessionStore store = null;
        NodeMetrics.Shown metrics = null;
        try {
            membership = server.join(config, address, ticker, container);
            store = server.openStore(config.app());
            KryoCodec codec = ApplicationCodec.of(config, classes, loader, findings);
            SessionCoordinator coordinator = new SessionCoordinator(
                    store,
                    membership,
                    codec,
                    sessions,
                    new SessionOptions(
                            config.app(),
                            route,
                            config.affinity() == HoldfastConfig.Affinity.NONE,
                            config.conflict(),
                            !config.parallel(),
                            config.expiry(),
                            config.outage(),
                            config.reseed(),
                            config.timeout(),
                            config.unstorable(),
                            config::isLocalAttribute,
                            config.classes() == HoldfastConfig.Classes.REPORT
                                    ? ApplicationCodec.reporting(codec, findings)
                                    : null,
                            threads),
                    server.waits(),
                    ticker,
                    Rules.ALL);
            coordinator.start();
            ApplicationExecutor saving = new ApplicationExecutor("saving", config.app(), loader);
            // Of its own: a file system that stands still keeps nothing from being saved.
            ApplicationExecutor telling = new ApplicationExecutor("telling", config.app(), loader);
            Runnable save = () -> {
                if (coordinator.isOwing()) {
                    saving.start(ServerResources.guarded(coordinator::saveOwed));
                }
            };
            store.onBack(save); // what is at risk waits for no second
            ScheduledFuture<?> background = server.everySecond(() -> {
                coordinator.tick();
                save.run();
                if (findings.isDue()) {
                    telling.start(ServerResources.guarded(findings::tell));
                }
            });
            Supplier<Optional<String>> staying = () -> staying(config.app(), coordinator.localKinds());
            metrics = server.metrics().show(config.app(), coordinator);
            ManagedApplication managed = ManagedApplication.register(
                    route,
                    config.app(),
                    () -> coordinator.counters().all(),
                    coordinator::atRisk,
                    metrics::values,
                    findings::text);
            server.addFinding(staying);
            server.stop().add(coordinator, container);
            return new Holdfast(
                    server,
                    threads,
                    store,
                    membership,
                    coordinator,
                    background,
                    saving,
                    telling,
                    managed,
                    metrics,
                    findings,
                    staying,
                    loader);
        } catch (RuntimeException | Error e) {
            // Or the server would keep what it knows of this application, its class loader too, as long as another one
            // runs.
            if (metrics != null) {
                metrics.close();
            }
            if (store != null) {
                server.close(store);
            }
            if (membership != null) {
                server.leave(membership);
            }
            server.removeThreads(threads);
            server.release();
            throw e;
        }
    }

    /** For the doctor; names may be many, and the log has them all. */
    private static Optional<String> staying(String app, List<String> kinds) {
        return kinds.isEmpty()
                ? Optional.empty()
                : Optional.of("HF-520: Of the sessions of " + app
                        + ", these attributes stay on this node and are absent"
                        + " after a failover: "
                        + String.join(", ", kinds.subList(0, Math.min(MOST_SHOWN, kinds.size())))
                        + (kinds.size() > MOST_SHOWN ? " and " + (kinds.size() - MOST_SHOWN) + " more" : "")
                        + ". The log says of each what to do.");
    }

    private static int bounded(int threads) {
        return threads <= 0 ? SessionOptions.UNKNOWN_THREADS : Math.min(threads, SessionOptions.MOST_THREADS);
    }

    /**
     * The cookies of an application as its settings want them.
     *
     * @param contextPath as cookies have it: encoded, empty for the root
     * @param sessionCookiePath asked at the first request and later, since an application may still choose it when it
     *     starts
     */
    public SessionCookies cookies(
            HoldfastConfig config, String route, String contextPath, Supplier<String> sessionCookiePath) {
        RoutePolicy routing = switch (config.affinity()) {
            case COOKIE ->
                RoutePolicy.byCookie(
                        new RouteCookie(config.affinityCookie(), config.affinityPrefix(), route), sessionCookiePath);
            case SUFFIX -> RoutePolicy.bySuffix(route);
            case NONE -> RoutePolicy.none();
        };
        return new SessionCookies(config.app(), contextPath, sessionCookiePath, routing, this::successor);
    }

    /** The protocol of this application. */
    public SessionCoordinator coordinator() {
        return coordinator;
    }

    private @Nullable String successor(String sessionId) {
        String route = server.isMoving() ? membership.successors().of(sessionId) : null;
        return route != null && Names.isRoute(route) ? route : null; // it comes from Redis, and goes into a cookie
    }

    /** Whether the server of this application keeps new browsers away. */
    public boolean isDraining() {
        return server.isDraining();
    }

    /** Those of the node and of all its applications. */
    NodeMetrics metrics() {
        return server.metrics();
    }

    /** The version in the manifest of the JAR, or "development". */
    public static String version() {
        String version = Holdfast.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /**
     * Says who takes part, and with which settings.
     *
     * @param application as messages name it
     */
    public static void announce(
            String application, HoldfastConfig config, NodeName node, Consumer<String> info, Consumer<String> warn) {
        info.accept("Holdfast " + version() + " keeps the sessions of " + application + " as node \"" + node.route()
                + "\"");
        config.describe().forEach(line -> info.accept("  " + line));
        config.warnings().forEach(warn);
        if (node.isDerived()) {
            warn.accept(Routes.whyNamed(node.route()));
        }
    }

    /** Sends what is still to be sent and lets everything go; no session ends. */
    @Override
    public void close() {
        server.stop().remove(coordinator);
        background.cancel(false);
        saving.close();
        telling.close();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader); // what is owed is encoded now
        try {
            coordinator.stop();
        } finally {
            thread.setContextClassLoader(before);
            managed.close(); // last of what an operator looks at: what is unsaved is shown until it is saved
            metrics.close();
            server.removeFinding(staying);
            server.leave(membership);
            server.close(store);
            server.removeThreads(threads);
            server.release();
            findings.close(); // last, as it may write a file
        }
    }
}
