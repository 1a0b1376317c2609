package dev.holdfast.redis;

/**
 * A primary that calls go to: where it is, the connections to it, and whether it is worth asking.
 *
 * @param primary its text names it in messages
 */
record Place(Primary primary, ConnectionPool pool, OutageGate gate) {
    /** @param back runs when it was away and has answered; quick, and throws nothing */
    Place(Connector connector, Primary primary, Runnable back) {
        this(primary, new ConnectionPool(connector, primary), new BreakerGate(primary, System::nanoTime, back));
    }

    @Override
    public String toString() {
        return primary.toString();
    }
}
