package dev.holdfast.redis;

import java.io.IOException;

/** A connection that could not be made safe. The message is what Redis did, as the end of a sentence. */
final class TlsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String remedy;

    TlsException(String problem, String remedy, Exception cause) {
        super(problem, cause);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
