package dev.holdfast.redis.client;

import java.util.concurrent.TimeUnit;

/**
 * When a primary is not believed to be one any more: it is looked for again then, and what is idle there is closed, so
 * that each connection from then on leads to where it is found. Safe for use by many threads.
 */
final class Doubts {
    private static final long APART_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Topology topology;
    private volatile long last = OwnTime.now() - APART_NANOS;

    Doubts(Topology topology) {
        this.topology = topology;
    }

    /** It says itself that it is none. */
    void denied(RedisNode node) {
        topology.doubt(node);
        node.pool().closeIdle();
    }

    /**
     * It did not answer. At most once a second: a primary that is merely slow is not helped by connections that are
     * made anew.
     */
    void unanswered(RedisNode node) {
        long now = OwnTime.now();
        if (topology.moves() && now - last > APART_NANOS) {
            last = now;
            denied(node);
        }
    }
}
