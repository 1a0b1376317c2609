package dev.holdfast.history.run;

import java.time.Duration;
import java.util.Set;

/**
 * One run.
 *
 * @param title for the report
 * @param seed of all that is random in it
 * @param time how long browsers are at work
 * @param faults what happens meanwhile; several of them overlap
 * @param browsers of each kind of balancer
 * @param pace at which they work
 */
public record Plan(String title, long seed, Duration time, Set<Fault> faults, int browsers, Pace pace) {}
