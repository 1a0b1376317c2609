package dev.holdfast.redis;

import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.StoreUnavailableException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads the replies of a batch one by one: what Redis refused for one session is no reason to fail the others. */
final class ItemReplies {
    private final RateLimitedLog log;
    private @Nullable StoreUnavailableException last;
    private boolean answered;

    ItemReplies(RateLimitedLog log) {
        this.log = log;
    }

    /** @param refused takes the place of an answer that cannot be read */
    <T extends @Nullable Object> T answer(Supplier<? extends T> reading, T refused) {
        try {
            T answer = reading.get();
            answered = true;
            return answer;
        } catch (StoreUnavailableException e) {
            last = e;
            return refused;
        }
    }

    /**
     * To be called after the last one.
     *
     * @throws StoreUnavailableException if all were refused; what was refused to some of them is logged
     */
    void close() {
        if (last == null) {
            return;
        }
        if (!answered) {
            throw last;
        }
        log.warn(last);
    }
}
