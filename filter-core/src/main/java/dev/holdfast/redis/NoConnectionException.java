package dev.holdfast.redis;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection that could not be made, for a reason that has its own remedy. The message is what Redis did, as the end of a sentence. */
final class NoConnectionException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    NoConnectionException(String problem, String remedy, @Nullable Exception cause) {
        super(problem, cause);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
