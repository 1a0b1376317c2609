package dev.holdfast.redis;

import dev.holdfast.session.Shown;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warnings that would repeat with every question: one a minute, with the number of those left out. Safe for use by many threads. */
final class Warnings {
    private static final Logger LOG = LoggerFactory.getLogger(RedisSessionStore.class);
    private static final long INTERVAL = TimeUnit.MINUTES.toNanos(1);

    private boolean warned;
    private long last;
    private long leftOut;

    void warn(@Nullable String message) {
        long before;
        synchronized (this) {
            long now = System.nanoTime();
            if (warned && now - last < INTERVAL) {
                leftOut++;
                return;
            }
            before = leftOut;
            warned = true;
            last = now;
            leftOut = 0;
        }
        LOG.warn("{} ({} of this kind before, not logged)", Shown.line(String.valueOf(message)), before);
    }
}
