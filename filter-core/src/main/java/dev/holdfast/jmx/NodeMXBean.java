package dev.holdfast.jmx;

import java.util.Map;

/** One server process: {@code dev.holdfast:type=Node,node=<route>}. */
public interface NodeMXBean {
    /** Looks at Redis now: findings with their codes first, then a line for each primary. Takes two seconds at most. */
    String[] examine();

    /** What {@code holdfast.metrics.path} would answer of this node, by the same names. */
    Map<String, Double> getMetrics();

    /** How this node drains: {@code soft}, {@code move} or {@code no}. */
    String getDrain();

    /**
     * Lets this node drain: {@code holdfast.health.path} answers 404, and all requests are served as before.
     *
     * @param how {@code soft}, or {@code move}: each answer that has used a session sends its browser to another node,
     *     too
     * @param force also if no other node of an application stays
     * @throws IllegalStateException if none stays and {@code force} is false, or if no browser would go: no health path
     *     is set ({@code soft}), or {@code holdfast.affinity} is {@code none} ({@code move})
     * @throws IllegalArgumentException for anything else
     */
    void drain(String how, boolean force);

    /**
     * Lets this node drain no more.
     *
     * @throws IllegalStateException if the file of {@code holdfast.drain.file} is there, by which it drains, too
     */
    void endDrain();
}
