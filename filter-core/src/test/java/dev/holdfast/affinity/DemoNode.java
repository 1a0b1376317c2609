package dev.holdfast.affinity;

/** A running container with the demo application at {@code /shop}. */
interface DemoNode extends AutoCloseable {
    int port();

    /** Stops it; its port refuses connections afterwards. Does nothing the second time. */
    @Override
    void close();
}
