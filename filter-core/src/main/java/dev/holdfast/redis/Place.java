package dev.holdfast.redis;

/**
 * A primary that calls go to: where it is, the connections to it, and whether it is worth asking.
 *
 * @param primary its text names it in messages
 */
record Place(Primary primary, ConnectionPool pool, OutageGate gate) {
    Place(Connector connector, Primary primary) {
        this(primary, new ConnectionPool(connector, primary), new BreakerGate(primary, System::nanoTime));
    }

    @Override
    public String toString() {
        return primary.toString();
    }
}
