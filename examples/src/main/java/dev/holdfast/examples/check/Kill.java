package dev.holdfast.examples.check;

/**
 * One kill.
 *
 * @param node who was killed
 * @param startedAt nanoseconds of the check's clock, just before the signal was sent
 * @param goneAt when the process was gone
 */
record Kill(String node, long startedAt, long goneAt) {}
