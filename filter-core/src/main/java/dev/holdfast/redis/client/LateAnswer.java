package dev.holdfast.redis.client;

/**
 * What was sent, had no answer in time and may have one still, which then counts: the round trip goes on elsewhere, and
 * listens here. Used by one thread.
 *
 * @param sent on a connection that is kept until the answer is read, or nobody waits for it any more
 */
record LateAnswer(RoundTrip trip, Topology topology, Sent sent) {
    RedisNode node() {
        return sent.node();
    }

    RedisConnection connection() {
        return sent.connection();
    }

    /**
     * Whether an answer would count: what another primary than today's says is too late.
     *
     * @param now where the round trip goes by now
     */
    boolean mayCount(RedisNode now) {
        return connection().mayBeAnswered()
                && connection().runId() != null
                && node().pool().leadsToThePrimary(connection())
                && node().equals(now)
                && trip.slots().stream().allMatch(slot -> topology.known(slot).equals(now))
                && trip.pipeline().wanted().getAsBoolean();
    }

    /** Whether one has come, and is none that another attempt may do better than. */
    boolean isThere(RedisNode now) {
        return connection().late() == HeardSocket.Late.HEARD && mayCount(now);
    }

    /** Whether one has come, be it an error. */
    boolean isHeard(RedisNode now) {
        HeardSocket.Late late = connection().late();
        return (late == HeardSocket.Late.HEARD || late == HeardSocket.Late.REFUSED) && mayCount(now);
    }

    /** Whether it makes sense to wait for one. */
    boolean mayCome(RedisNode now) {
        return mayCount(now) && connection().late() != HeardSocket.Late.ENDED;
    }

    void giveUp() {
        node().pool().giveUp(connection());
    }
}
