package dev.holdfast.redis.client;

import java.util.List;
import redis.clients.jedis.HostAndPort;

/** Everything at one primary, which may move as a whole. */
final class SingleTopology implements Topology {
    private static final List<Integer> ONE = List.of(0);

    private final RedisNode node;

    SingleTopology(RedisNode node) {
        this.node = node;
    }

    @Override
    public List<Integer> slots(List<RedisCommand> calls) {
        return ONE;
    }

    @Override
    public RedisNode known(int slot) {
        return node;
    }

    @Override
    public RedisNode find(int slot, long deadline) {
        return node; // its pool asks where it is, for each connection
    }

    @Override
    public RedisNode named(HostAndPort server, RedisNode by) {
        return node;
    }

    @Override
    public void moved(int slot, RedisNode owner) {
        // what names another owner is a cluster, and this is none: Redis' words are passed on
    }

    @Override
    public void doubt(RedisNode doubted) {
        node.primary().doubt();
    }

    @Override
    public boolean moves() {
        return node.primary().moves();
    }

    @Override
    public void goingTo(List<Integer> slots, RedisConnection connection) {
        // the pool has told of another one
    }

    @Override
    public void onOtherPrimary(Runnable listener) {
        node.pool().onOtherPrimary(listener);
    }

    @Override
    public void forget(Runnable listener) {
        node.pool().forget(listener);
    }

    @Override
    public List<Integer> oneOfEachPrimary() {
        return ONE;
    }

    @Override
    public boolean areMany() {
        return false;
    }

    @Override
    public void look() {
        node.look();
    }

    @Override
    public boolean isAway() {
        return node.gate().isAway();
    }

    @Override
    public void close() {
        node.pool().close();
    }

    @Override
    public String toString() {
        return node.toString();
    }
}
