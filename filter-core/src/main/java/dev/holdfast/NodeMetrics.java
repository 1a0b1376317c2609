package dev.holdfast;

import dev.holdfast.metrics.Metric;
import dev.holdfast.metrics.MetricGroup;
import dev.holdfast.metrics.PrometheusText;
import dev.holdfast.metrics.ServerMetrics;
import dev.holdfast.redis.RedisServer;
import dev.holdfast.redis.client.CallTimes;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.request.SessionCoordinator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which figures of a node and of its applications there are, for whoever monitors them. Safe for use by many threads.
 */
final class NodeMetrics implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.holdfast.SharedServer");
    private static final double MILLIS = TimeUnit.SECONDS.toMillis(1);

    private final ServerMetrics server;
    private final RateLimitedLog log = new RateLimitedLog(LOG, System::nanoTime);
    private final @Nullable String path;
    private final Shown ofNode;

    /**
     * @param node its name
     * @param path where they can be asked for; null for nowhere
     */
    NodeMetrics(String node, RedisServer redis, BooleanSupplier draining, @Nullable String path) {
        this.server = new ServerMetrics(node);
        this.path = path;
        this.ofNode = new Shown(Map.of(), of(redis, draining));
    }

    /** Metrics that are shown until this is closed. */
    final class Shown implements AutoCloseable {
        private final Map<String, String> labels;
        private final List<Metric> metrics;

        private Shown(Map<String, String> labels, List<Metric> metrics) {
            this.labels = labels;
            this.metrics = metrics;
            server.add(labels, metrics);
        }

        /** What they are now, by name. */
        Map<String, Double> values() {
            return PrometheusText.values(metrics);
        }

        @Override
        public void close() {
            server.remove(labels, metrics);
        }
    }

    /** What those of the node are now, by name. */
    Map<String, Double> ofNode() {
        return PrometheusText.values(ofNode.metrics);
    }

    /** Shows those of an application. */
    Shown show(String app, SessionCoordinator coordinator) {
        return new Shown(Map.of("app", app), of(coordinator));
    }

    /** Those of the node and of its applications. */
    List<MetricGroup> groups() {
        return server.groups();
    }

    /** Says that somebody asked for them who gets none. */
    void refused(Collection<String> clients, boolean passedOn) {
        log.warn(
                "HF-149",
                () -> "Metrics were asked for by "
                        + clients.stream().distinct().collect(Collectors.joining(" for "))
                        + (passedOn ? ", and the request was passed on by a proxy" : "") + ": answered 403. " + path
                        + " is for clients with a loopback or private address that ask the node itself. Let the"
                        + " balancer pass on no request for it.",
                null);
    }

    @Override
    public void close() {
        ofNode.close();
    }

    static List<Metric> of(RedisServer redis, BooleanSupplier draining) {
        return List.of(
                new Metric.Gauge(
                        "holdfast.redis.away",
                        "seconds",
                        "For how long Redis has been away, of several primaries the longest; 0 while it is there",
                        Metric.Together.MAX,
                        () -> redis.awayMillis() / MILLIS),
                new Metric.Histogram(
                        "holdfast.redis.calls",
                        "How long the calls took that requests waited for, those of the start, and those that save what"
                                + " an outage left",
                        () -> distribution(redis.requestCalls())),
                new Metric.Histogram(
                        "holdfast.redis.background.calls",
                        "How long the calls took that no request waited for",
                        () -> distribution(redis.backgroundCalls())),
                new Metric.Counter(
                        "holdfast.redis.calls.failed",
                        "Calls of both kinds that failed: without an answer in time, refused as a whole, or not made"
                                + " because Redis is away or too many wait for it",
                        redis::failed),
                new Metric.Gauge(
                        "holdfast.draining",
                        "",
                        "1 while the node drains, else 0",
                        Metric.Together.MAX,
                        () -> draining.getAsBoolean() ? 1 : 0));
    }

    private static Metric.Distribution distribution(CallTimes times) {
        return new Metric.Distribution(CallTimes.bounds(), times.counts(), times.seconds());
    }

    static List<Metric> of(SessionCoordinator coordinator) {
        List<Metric> metrics = new ArrayList<>();
        metrics.add(new Metric.Gauge(
                "holdfast.sessions",
                "",
                "Sessions that have a copy in this node's memory",
                Metric.Together.SUM,
                () -> coordinator.context().copies().size()));
        metrics.add(new Metric.Gauge(
                "holdfast.sessions.stored",
                "bytes",
                "Size of the stored values of these sessions, without names and what Redis adds",
                Metric.Together.SUM,
                () -> coordinator.context().copies().storedBytes()));
        metrics.add(new Metric.Gauge(
                "holdfast.sessions.unsaved",
                "",
                "Sessions with changes that were acknowledged while Redis was away, and are not in Redis yet",
                Metric.Together.SUM,
                coordinator::atRisk));
        metrics.add(new Metric.Gauge(
                "holdfast.shards.recovering",
                "",
                "Of 64 shards, those of which Redis has lost data and whose recovery is not complete",
                Metric.Together.MAX,
                () -> Long.bitCount(coordinator.context().shards().unsettled())));
        for (SessionCounters.Counter counter : coordinator.counters().list()) {
            metrics.add(new Metric.Counter(
                    "holdfast." + dotted(counter.name()), sentence(counter.meaning()), counter.count()::sum));
        }
        return List.copyOf(metrics);
    }

    private static String dotted(String camelCase) {
        return camelCase.replaceAll("([A-Z])", ".$1").toLowerCase(Locale.ROOT);
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
}
