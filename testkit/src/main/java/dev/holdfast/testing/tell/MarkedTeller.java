package dev.holdfast.testing.tell;

import jakarta.servlet.annotation.WebListener;

/** Found by its annotation. */
@WebListener
public final class MarkedTeller extends Teller {
    public MarkedTeller() {
        super("marked");
    }
}
