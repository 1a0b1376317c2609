package dev.holdfast.jmx;

/** One server process: {@code dev.holdfast:type=Node,node=<route>}. */
public interface NodeMXBean {
    /** Looks at Redis now: findings with their codes first, then a line for each primary. Takes two seconds at most. */
    String[] examine();
}
