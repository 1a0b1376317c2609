package dev.holdfast.testing.tell;

import java.net.InetSocketAddress;
import java.util.List;

/** One or two nodes with the same applications, on whichever container and whichever sessions. */
public interface Site {
    /** Of the list of its events. */
    String name();

    /** Where its nodes listen. */
    List<InetSocketAddress> nodes();

    /** Lets the container of each node look for idle sessions of an application. */
    void expire(String context);

    /** Stops an application on all nodes and starts it again. */
    void reload(String context);

    /** Listens to what the container logs for an application. */
    Log listen(String context);

    /** What was logged since it was opened. */
    interface Log extends AutoCloseable {
        /** Level and message of each record. */
        List<String> lines();

        /** The messages of everything that was logged with a stack, and of its causes. */
        List<String> thrown();

        @Override
        void close();
    }
}
