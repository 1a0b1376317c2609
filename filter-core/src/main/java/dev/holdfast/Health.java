package dev.holdfast;

import java.util.Collection;
import java.util.Optional;

/** What a node answers at {@code holdfast.health.path}. It depends on the node alone, not on Redis. */
public enum Health {
    /** All applications that take part can be used. */
    READY(200, "ready"),
    /** No new browser is to come; those whose sessions are here are served. */
    DRAINING(404, "draining"),
    /** An application that takes part cannot be used, or there is none. */
    NOT_READY(503, "not ready");

    private final int status;
    private final String text;

    Health(int status, String text) {
        this.status = status;
        this.text = text;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** The body of the answer, as {@code text/plain}; it names no application, since anybody may ask. */
    public String text() {
        return text + "\n";
    }

    /**
     * The health of a server.
     *
     * @param applications all of it that take part, empty for one that cannot be used: its page would be an error,
     *     whatever the others are
     */
    public static Health of(Collection<Optional<Holdfast>> applications) {
        if (applications.isEmpty() || applications.stream().anyMatch(Optional::isEmpty)) {
            return NOT_READY;
        }
        return applications.stream().flatMap(Optional::stream).anyMatch(Holdfast::isDraining) ? DRAINING : READY;
    }
}
