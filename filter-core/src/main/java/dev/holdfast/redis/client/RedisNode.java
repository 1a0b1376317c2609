package dev.holdfast.redis.client;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * A primary that calls go to: where it is, the connections to it, and whether it is worth asking.
 *
 * @param primary its text names it in messages
 */
record RedisNode(PrimaryLocator primary, ConnectionPool pool, OutageGate gate, PassingRefusals refusals) {
    /**
     * What all primaries of a server have in common.
     *
     * @param timeout for how long nothing comes from one until it is away
     * @param requestThreads of the container
     * @param prober looks for one that is away, on a thread of its own; must be quick
     * @param back runs when one was away and has answered; quick, and throws nothing
     */
    record Manner(Duration timeout, IntSupplier requestThreads, Consumer<RedisNode> prober, Runnable back) {}

    static RedisNode of(Connector connector, PrimaryLocator primary, Manner manner) {
        RedisNode[] node = new RedisNode[1];
        OutageGate gate = new OutageGate(
                primary,
                manner.timeout().toNanos(),
                OwnTime::now,
                manner.requestThreads(),
                () -> manner.prober().accept(node[0]),
                manner.back());
        PassingRefusals refusals = new PassingRefusals(manner.timeout().toNanos(), OwnTime::now, gate::mayWait);
        ConnectionPool pool = new ConnectionPool(connector, primary);
        pool.onOtherPrimary(refusals::beginAnew);
        node[0] = new RedisNode(primary, pool, gate, refusals);
        return node[0];
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    /** To be called every few milliseconds. */
    void look() {
        if (pool.hasHeardLate()) {
            gate.heardLate();
        }
        gate.look();
    }

    @Override
    public String toString() {
        return primary.toString();
    }
}
