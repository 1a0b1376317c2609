package dev.holdfast.examples.check;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a request ended, as the customer saw it. */
sealed interface Event {

    /** What was tried. */
    Attempt attempt();

    /**
     * The shop did it and said so.
     *
     * @param node who answered
     * @param user who is logged in; null if nobody
     * @param items names of what is in the cart
     */
    record Answered(Attempt attempt, String node, @Nullable String user, List<String> items) implements Event {}

    /**
     * No answer, or one that is not a success: the change may or may not have been made.
     *
     * @param reason the status or the failure
     */
    record Refused(Attempt attempt, String reason) implements Event {}
}
