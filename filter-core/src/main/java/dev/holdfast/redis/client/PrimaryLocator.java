package dev.holdfast.redis.client;

import java.io.IOException;

/** Where the primary is. Its text names it in messages. Safe for use by many threads. */
interface PrimaryLocator {
    /**
     * Where a primary is.
     *
     * @param term counts the primaries that were found one after the other, as far as that is known
     */
    record Location(Endpoint endpoint, long term) {}

    /**
     * Where it is now.
     *
     * @param deadline by {@link OwnTime}
     * @throws IOException if nobody knows
     */
    Location find(long deadline) throws IOException;

    /** Whether another primary has been found since that one: who is slow to connect to it comes too late. */
    boolean isFormer(Location location);

    /** What {@link #find} said led to no primary. */
    void doubt();

    /** Whether it may be somewhere else a moment later, so that it is worth asking again. */
    boolean moves();

    /** One that is always at the same address. */
    static PrimaryLocator at(Endpoint endpoint) {
        return at(endpoint, endpoint.toString());
    }

    /** @param name for messages */
    static PrimaryLocator at(Endpoint endpoint, String name) {
        return new PrimaryLocator() {
            @Override
            public Location find(long deadline) {
                return new Location(endpoint, 0);
            }

            @Override
            public boolean isFormer(Location location) {
                return false;
            }

            @Override
            public void doubt() {
                // there is no other
            }

            @Override
            public boolean moves() {
                return false;
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }
}
