package dev.holdfast.redis.client;

import java.io.IOException;

/** Where the primary is. Its text names it in messages. Safe for use by many threads. */
interface PrimaryLocator {
    /**
     * Where it is now.
     *
     * @param deadline by {@link OwnTime}
     * @throws IOException if nobody knows
     */
    Endpoint find(long deadline) throws IOException;

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
            public Endpoint find(long deadline) {
                return endpoint;
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
