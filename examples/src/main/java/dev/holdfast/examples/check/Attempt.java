package dev.holdfast.examples.check;

import org.jspecify.annotations.Nullable;

/**
 * One request of a customer.
 *
 * @param action what it asks for
 * @param subject the user for a login, the item's unique name for a change, else empty
 * @param route the node that the customer's cookies named when it was sent; null without one
 * @param sentAt nanoseconds of the check's clock
 * @param endedAt when the answer or the failure was there
 */
record Attempt(Action action, String subject, @Nullable String route, long sentAt, long endedAt) {

    /** What a customer can ask for. */
    enum Action {
        LOG_IN,
        ADD,
        REMOVE,
        READ
    }
}
