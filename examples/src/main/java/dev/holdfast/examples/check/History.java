package dev.holdfast.examples.check;

import java.util.List;
import java.util.Map;

/**
 * Everything that happened in a check.
 *
 * @param customers the events of each, in their order; a customer has one request at a time
 * @param kills in their order
 * @param containers the container of each node by the node's name, in their order
 */
record History(List<List<Event>> customers, List<Kill> kills, Map<String, String> containers) {}
