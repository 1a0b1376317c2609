package dev.holdfast.redis;

/**
 * Whether Redis is worth asking. Each round trip passes it first and tells it afterwards what came of it. Safe for use by many threads.
 *
 * <p>It closes itself for everybody when round trips find no Redis, lets one through from time to time, and opens when one is answered.
 * What Redis refuses is an answer.
 */
interface OutageGate {
    /** Whether a round trip may begin; one of the three others follows if so. */
    boolean mayAsk();

    /** Redis is there, whatever it said. */
    void answered();

    /**
     * No Redis was there, it said nothing in time, or it can serve nobody.
     *
     * @param problem as the end of a sentence that begins with Redis and its address
     */
    void lacked(String problem);

    /** Nothing was learnt: the round trip did not come as far as Redis. */
    void undecided();

    /** Whether Redis is taken for away. */
    boolean isAway();

    /** How long it has been taken for away, in milliseconds; 0 if it is not. */
    long awayMillis();
}
