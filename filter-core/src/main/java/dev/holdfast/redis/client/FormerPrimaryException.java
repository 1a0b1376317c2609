package dev.holdfast.redis.client;

import java.io.IOException;

/** A connection was made, and by then another primary had been found than the one that it leads to. */
final class FormerPrimaryException extends IOException {
    private static final long serialVersionUID = 1L;

    FormerPrimaryException(Endpoint former) {
        super(former + " is no longer the primary");
    }
}
