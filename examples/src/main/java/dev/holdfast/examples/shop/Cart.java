package dev.holdfast.examples.shop;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A customer's cart, kept in the session under {@link #ATTRIBUTE}. It is changed where it lies: after the first
 * {@code setAttribute} the shop never hands it to the session again.
 *
 * <p>Safe for use by parallel requests of one session on one node.
 */
final class Cart implements Serializable {

    /** Name of the session attribute. */
    static final String ATTRIBUTE = "cart";

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // JDK 18 and newer: List is none, ArrayList is
    private final List<Item> items = new ArrayList<>();

    private int changes;

    /** Puts the item in, also if one of this name is there already. */
    synchronized void add(Item item) {
        items.add(item);
        changes++;
    }

    /** Takes out the first item of that name; without one, the cart stays as it is. */
    synchronized void remove(String name) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).name().equals(name)) {
                items.remove(i);
                changes++;
                return;
            }
        }
    }

    /** A copy of what is in the cart now. */
    synchronized Content content() {
        return new Content(List.copyOf(items), changes);
    }

    /**
     * What a cart holds.
     *
     * @param items in the order in which they were added
     * @param changes how often something was added or removed
     */
    record Content(List<Item> items, int changes) {

        static final Content EMPTY = new Content(List.of(), 0);
    }
}
