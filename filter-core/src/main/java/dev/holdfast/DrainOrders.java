package dev.holdfast;

import dev.holdfast.session.NodeRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The orders to drain that the command line leaves in the registries of a server's applications. Confined to whoever
 * holds the lock of its {@link Drain}.
 */
final class DrainOrders {
    /** Those that are followed, by their texts. */
    private final Map<String, DrainWish> followed = new HashMap<>();
    /** Those that JMX has ended, until they are left anew. */
    private final Set<String> overruled = new HashSet<>();

    /**
     * Takes what stands in the registries now, and forgets what does no more.
     *
     * @return the texts
     */
    Set<String> take(List<NodeRegistry.Order> orders) {
        Set<String> texts = new HashSet<>();
        for (NodeRegistry.Order order : orders) {
            texts.add(order.text());
            if (order.followed() == null) {
                overruled.remove(order.text());
            }
        }
        followed.keySet().retainAll(texts);
        overruled.retainAll(texts);
        return texts;
    }

    /** Whether nobody has decided about it yet. */
    boolean isOpen(String text) {
        return !followed.containsKey(text) && !overruled.contains(text);
    }

    void follow(String text) {
        followed.put(text, DrainWish.ofOrder(text));
    }

    boolean isFollowed(String text) {
        return followed.containsKey(text);
    }

    /** Follows none of them any more, unless it is left anew. */
    void overrule() {
        overruled.addAll(followed.keySet());
        followed.clear();
    }

    /** What all that are followed want together. */
    DrainWish wish() {
        return followed.values().stream().reduce(DrainWish.NONE, DrainWish::or);
    }
}
