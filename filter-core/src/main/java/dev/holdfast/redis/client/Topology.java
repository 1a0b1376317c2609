package dev.holdfast.redis.client;

import java.io.IOException;
import java.util.List;
import redis.clients.jedis.HostAndPort;

/** Which primary is asked: one for everything, or one for each slot of a cluster. Safe for use by many threads. */
interface Topology extends AutoCloseable {
    /**
     * The slots that calls are about, each once; one round trip goes to one of them, or to several that have the same
     * primary.
     */
    List<Integer> slots(List<RedisCommand> calls);

    /** Where a slot was when it was last asked for. Asks nobody. */
    RedisNode known(int slot);

    /**
     * Where a slot is now.
     *
     * @param deadline by {@link OwnTime}
     * @throws IOException if nobody knows
     */
    RedisNode find(int slot, long deadline) throws IOException;

    /** The server that another has named as the next owner of a slot. */
    RedisNode named(HostAndPort server, RedisNode by);

    /** A slot has another owner than was thought. */
    void moved(int slot, RedisNode owner);

    /** This primary is not what it was thought to be, or may be gone. */
    void doubt(RedisNode node);

    /** Whether a slot may be somewhere else a moment later, so that it is worth asking again. */
    boolean moves();

    /**
     * To be called before the first of some calls is sent: tells the listeners if these slots were at another primary
     * before.
     */
    void goingTo(List<Integer> slots, RedisConnection connection);

    /**
     * The listener runs before the first command on a connection to another primary; it must be quick and not use the
     * store.
     */
    void onOtherPrimary(Runnable listener);

    void forget(Runnable listener);

    /** A slot of each primary that is known. */
    List<Integer> oneOfEachPrimary();

    /** Whether there may be several primaries. */
    boolean areMany();

    /** Looks whether one of them is away; to be called every few milliseconds. */
    void look();

    /** Whether no primary is taken for there. */
    boolean isAway();

    @Override
    void close();
}
