package dev.holdfast.examples.check;

import java.util.Map;

/** The nodes that a check kills. */
public interface Nodes {

    /** The container of each node by the node's name, both for people; in the order in which they are killed. */
    Map<String, String> containers();

    /**
     * Kills the node's process as {@code kill -9} does and returns when it is gone.
     *
     * @param node its name
     */
    void kill(String node);

    /**
     * Starts a killed node and returns when it answers and the balancer sends requests to it again.
     *
     * @param node its name
     * @throws NodeDidNotStartException if it does not
     * @throws InterruptedException if the thread is interrupted meanwhile
     */
    void startAgain(String node) throws NodeDidNotStartException, InterruptedException;
}
