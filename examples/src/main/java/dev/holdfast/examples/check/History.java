package dev.holdfast.examples.check;

import java.util.List;

/**
 * Everything that happened in a check.
 *
 * @param customers the events of each, in their order; a customer has one request at a time
 * @param kills in their order
 */
record History(List<List<Event>> customers, List<Kill> kills) {}
