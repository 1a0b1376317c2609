package dev.holdfast.check;

import dev.holdfast.session.Epoch;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tells nodes by what they set, and knows those that were seen. Confined to one thread. */
final class Nodes {
    private final Map<String, String> byOwner = new HashMap<>();
    private final Set<String> seen = new TreeSet<>();

    /**
     * Which node gave an answer. Null if the answer does not say: it was the node that its request names, or the page
     * did not use its session.
     */
    @Nullable
    String answering(Marks marks, Exchange exchange) {
        String name = name(marks, exchange);
        if (name != null) {
            seen.add(name);
        }
        return name;
    }

    private @Nullable String name(Marks marks, Exchange exchange) {
        String set = marks.node(exchange.given());
        Epoch epoch = marks.epoch(exchange.given());
        if (epoch == null || !epoch.hasHolder()) {
            return set;
        }
        if (set != null) {
            byOwner.put(epoch.owner(), set);
            return set;
        }
        String known = byOwner.get(epoch.owner());
        if (known != null) {
            return known;
        }
        // A node sets no route if the request has its own; the epoch has the beginning of it.
        String named = marks.node(exchange.sent());
        return named != null && named.startsWith(epoch.route()) ? named : epoch.route();
    }

    /** The names of all that have answered, in their order. */
    Set<String> seen() {
        return seen;
    }
}
