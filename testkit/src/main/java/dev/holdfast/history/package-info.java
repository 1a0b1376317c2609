/**
 * A judge of what browsers have seen: it reads the record of a run, knows what counters, collections, single values,
 * ids and logins may do there, and says what they did that they may not. No input, no output, no clock.
 */
package dev.holdfast.history;
