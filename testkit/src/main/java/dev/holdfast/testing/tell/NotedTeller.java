package dev.holdfast.testing.tell;

import jakarta.servlet.annotation.WebListener;

/** Found by its annotation. */
@WebListener
public final class NotedTeller extends Teller {
    public NotedTeller() {
        super("noted");
    }
}
