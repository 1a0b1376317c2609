package dev.holdfast.benchmark;

import dev.holdfast.costs.Usage;
import java.time.Duration;

/** What the load of one cell took in one round. */
record Figures(Wrk.Result load, Usage usage, Machine machine) {
    private static final double REQUESTS = 10_000;

    /** Seconds of processor time of nodes and Redis for 10,000 requests. */
    double cpu() {
        return nodes() + redis();
    }

    double nodes() {
        return per(seconds(usage.nodes()));
    }

    double redis() {
        return per(seconds(usage.redis()));
    }

    double requestsPerSecond() {
        return load.requests() / load.seconds();
    }

    /** Bytes to Redis for a request. */
    double sent() {
        return (double) usage.received() / load.requests();
    }

    double received() {
        return (double) usage.sent() / load.requests();
    }

    private double per(double all) {
        return all * REQUESTS / load.requests();
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
