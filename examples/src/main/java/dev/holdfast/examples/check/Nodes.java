package dev.holdfast.examples.check;

/** The nodes that a check kills. */
public interface Nodes {

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
