package dev.holdfast;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Strongly connected components: names of which each reaches each other. */
final class Knots {
    private Knots() {}

    /** @param arrows what each name points at */
    static Set<String> largest(Map<String, Set<String>> arrows) {
        Set<String> largest = Set.of();
        Set<String> seen = new HashSet<>();
        for (String name : arrows.keySet()) {
            if (seen.contains(name)) {
                continue;
            }
            Set<String> forth = reached(name, arrows);
            Set<String> knot = new TreeSet<>();
            forth.stream()
                    .filter(other -> reached(other, arrows).contains(name))
                    .forEach(knot::add);
            seen.addAll(knot);
            largest = knot.size() > largest.size() ? knot : largest;
        }
        return largest;
    }

    /** By one arrow or more. */
    private static Set<String> reached(String from, Map<String, Set<String>> arrows) {
        Set<String> reached = new HashSet<>();
        Deque<String> left = new ArrayDeque<>(Set.of(from));
        while (!left.isEmpty()) {
            for (String next : arrows.getOrDefault(left.pop(), Set.of())) {
                if (reached.add(next)) {
                    left.push(next);
                }
            }
        }
        return reached;
    }
}
