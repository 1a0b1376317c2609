package dev.holdfast.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** All that one browser did in one session, in the order of the starts. */
final class Life {
    private final String name;
    private final List<Event> events;
    private final List<Event> own;

    Life(String name, List<Event> events) {
        this.name = name;
        this.events = events.stream()
                .sorted(Comparator.comparingLong(event -> event.span().start()))
                .toList();
        this.own = this.events.stream().filter(event -> !event.call().copied()).toList();
    }

    String name() {
        return name;
    }

    /** Those of copied cookies, too. */
    List<Event> all() {
        return events;
    }

    /** Requests of the browser itself that did this. */
    List<Event> own(Predicate<Event> which) {
        return own.stream().filter(which).toList();
    }

    List<Event> own(Action action) {
        return own(event -> event.action() == action);
    }

    /** Answers to the browser itself that tell something under this name. */
    List<Event> looks(String value) {
        return own(event -> event.alive() && event.seen().has(value));
    }

    /** Names that were used with an action. */
    Set<String> names(Action action) {
        Set<String> names = new TreeSet<>();
        own(action).forEach(event -> names.add(event.call().name()));
        return names;
    }

    /** Whether another request of this browser was at the same node at the same time. */
    boolean hadNeighbour(Event event) {
        return own.stream()
                .anyMatch(other -> !other.equals(event)
                        && other.node().equals(event.node())
                        && other.execution().overlaps(event.execution()));
    }

    /** The events in the order of their starts, each once. */
    static List<Event> inOrder(List<Event> some) {
        List<Event> sorted = new ArrayList<>(some);
        sorted.sort(Comparator.comparingLong(event -> event.span().start()));
        return sorted.stream().distinct().toList();
    }
}
