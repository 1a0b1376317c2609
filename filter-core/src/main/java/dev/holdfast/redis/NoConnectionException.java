package dev.holdfast.redis;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection that could not be made, for a reason that has its own remedy. The message is what Redis did, as the end of a sentence. */
final class NoConnectionException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String remedy;
    private final boolean lack;

    /** @param lack as in {@link Problem} */
    NoConnectionException(String problem, String remedy, boolean lack, @Nullable Exception cause) {
        super(problem, cause);
        this.remedy = remedy;
        this.lack = lack;
    }

    boolean isLack() {
        return lack;
    }

    String remedy() {
        return remedy;
    }
}
