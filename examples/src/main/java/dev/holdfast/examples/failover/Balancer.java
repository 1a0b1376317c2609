package dev.holdfast.examples.failover;

/** What the customers talk to. */
interface Balancer extends AutoCloseable {

    /** For people: which one it is. */
    String description();

    /** Stops to listen; harmless if repeated. */
    @Override
    void close();
}
