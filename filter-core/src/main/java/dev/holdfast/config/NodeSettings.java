package dev.holdfast.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * Those of the settings by which others learn how a node is, and what its requests cost; {@link Settings#ALL} has them
 * among the others.
 */
public final class NodeSettings {
    public static final Setting<String> HEALTH_PATH = new Setting<>(
            "health.path",
            "a path like `/holdfast/health`",
            null,
            "none",
            "Where the node tells its balancer how it is, counted from the root of the server: 200 if all applications"
                    + " that take part can be used, 404 while the node drains, 503 if one of them cannot be used."
                    + " Answered before any session is looked at, and whether Redis is there or not.",
            "Set it if the balancer can ask for a page of its own. No application may have a page there.",
            Parsers.path(),
            UnaryOperator.identity());

    public static final Setting<String> METRICS_PATH = new Setting<>(
            "metrics.path",
            "a path like `/holdfast/metrics`",
            null,
            "none",
            "Where the node answers with its metrics in Prometheus' text format, counted from the root of the server."
                    + " Only to clients with a loopback or private address, and to none whose request a proxy has"
                    + " passed on.",
            "Set it for a Prometheus, or another scraper, that asks each node itself.",
            Parsers.path(),
            UnaryOperator.identity());

    public static final Setting<Path> DRAIN_FILE = new Setting<>(
            "drain.file",
            "a file, in a directory that is there",
            null,
            "none",
            "The node drains as long as there is such a file: `health.path` answers 404, and all requests are served."
                    + " With `move` in the file it sends its browsers to other nodes, too. While no other node"
                    + " of an application stays it does not drain, unless `force` stands in the file.",
            "Set it if a script takes nodes out before it stops them.",
            Parsers.file(),
            UnaryOperator.identity());

    public static final Setting<Duration> DRAIN_LIMIT = new Setting<>(
            "drain.limit",
            "`0s` to `10m`",
            "0s",
            "`0s`: it stops at once",
            "How long an orderly stop of the server may wait for its browsers to go: the node drains, by *move* where"
                    + " it can, and serves on until nobody has used a session for two seconds, or this time is over."
                    + " While no other node of an application stays it stops at once.",
            "Set it if nodes are stopped while they are in use, to less than the time after which the server is"
                    + " killed.",
            Parsers.duration(Duration.ZERO, Duration.ofMinutes(10)),
            UnaryOperator.identity());

    public static final Setting<String> REQUEST_COST = new Setting<>(
            "request.cost",
            "`none`, `log` or `header`",
            "none",
            "`none`",
            "Whether each request says what its sessions have cost: `log` in the attribute `dev.holdfast.cost`, for the"
                    + " access log; `header` also in the header `Holdfast-Cost` of the answer, which anybody can read.",
            "Set `log` to find slow requests, `header` on a test system.",
            Parsers.choice("none", "log", "header"),
            UnaryOperator.identity());

    private NodeSettings() {}
}
