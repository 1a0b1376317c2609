package com.example.shop;

import com.vaadin.flow.server.VaadinRequest;
import com.vaadin.flow.server.WrappedSession;
import java.util.Optional;

/** Who is logged in, kept in the session beside what Vaadin keeps there. */
final class Customer {
    private static final String NAME = "customer";

    private Customer() {}

    /** Logs somebody in: as an example, everybody who has a name. */
    static void logIn(String name) {
        session().setAttribute(NAME, name);
    }

    /** The name of who is logged in. */
    static Optional<String> current() {
        return Optional.ofNullable((String) session().getAttribute(NAME));
    }

    private static WrappedSession session() {
        VaadinRequest request = VaadinRequest.getCurrent();
        if (request == null) {
            throw new IllegalStateException("No request bound to current thread.");
        }
        return request.getWrappedSession();
    }
}
