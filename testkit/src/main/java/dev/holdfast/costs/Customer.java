package dev.holdfast.costs;

import dev.holdfast.testing.ContainerProcess;
import java.util.List;

/** Somebody who uses an application, and sees to it that its pages are right. */
public interface Customer {
    /** Logs in, and opens the page with what is clicked on. */
    void login() throws Exception;

    /** Does what changes the session; fails unless the page that comes of it shows all that the session has then. */
    void click() throws Exception;

    /** Opens a page that changes nothing in the session, or as little as the application can. */
    void look() throws Exception;

    /** Goes on at the next node, and fails unless the session has all there that the clicks have put into it. */
    void checkElsewhere() throws Exception;

    /** Makes customers of an application. */
    @FunctionalInterface
    interface Maker {
        /**
         * A new customer, who is not logged in.
         *
         * @param nodes that run; one, or two with the same sessions
         */
        Customer of(List<ContainerProcess> nodes);
    }
}
