package dev.holdfast.history.run;

/** What happens to nodes, to their balancer and to their way to Redis. */
public enum Fault {
    /** A node that is at work is killed with {@code kill -9}, and started again. */
    KILL,
    /** A node stops where it is for up to five seconds, with requests inside, and goes on. */
    PAUSE,
    /**
     * A node stops where it is, another process takes its name and its browsers, and then the first one wakes up: for
     * some seconds both are there, and the balancer cannot tell them from each other. At the end the second one is
     * killed.
     */
    SUCCEED,
    /** The balancer sends all browsers to the other node for a moment. */
    FLIP,
    /** All connections of a node to Redis end. */
    CUT,
    /** Replies of Redis end in their middle. */
    TEAR,
    /** Scripts run and their replies are lost. */
    LOSE_REPLY,
    /** Redis answers slowly. */
    SLOW,
    /** Commands arrive long after the node has given up on them. */
    LATE_COMMAND
}
