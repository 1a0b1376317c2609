package dev.holdfast.session;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Warnings that many requests may cause at once: one a minute of each kind, with the number of those left out. Safe for
 * use by many threads.
 */
public final class RateLimitedLog {
    private static final Logger PROTOCOL = System.getLogger("dev.holdfast.session");
    private static final long INTERVAL = TimeUnit.MINUTES.toNanos(1);

    private final Logger logger;
    private final LongSupplier nanos;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    /** The log of the protocol, in whichever of its packages the caller is. */
    public RateLimitedLog(Ticker ticker) {
        this(PROTOCOL, ticker::nanos);
    }

    /** @param nanos the clock, in nanoseconds since an arbitrary moment */
    public RateLimitedLog(Logger logger, LongSupplier nanos) {
        this.logger = logger;
        this.nanos = nanos;
    }

    private static final class Entry {
        @GuardedBy("this")
        private long last;

        @GuardedBy("this")
        private long leftOut = -1;
    }

    /**
     * Logs the message behind its code, unless the same code was logged less than a minute ago.
     *
     * @return whether it was logged
     */
    public boolean warn(String code, Supplier<String> message, @Nullable Throwable cause) {
        // Not the cause itself: its text may hold what is in a session.
        String failure = cause instanceof StoreUnavailableException ? "" : Shown.failure(cause);
        return log(code, () -> code + ": " + message.get(), failure.isEmpty() ? "" : " [" + failure + "]");
    }

    /**
     * Logs the message behind its code, unless one of the same code and kind was logged less than a minute ago.
     *
     * @param kind for each there is an entry as long as the application runs
     * @return whether it was logged
     */
    public boolean warn(String code, String kind, Supplier<String> message) {
        return log(code + " " + kind, () -> code + ": " + message.get(), "");
    }

    /** Logs what the store says of itself, whose code is inside, unless it said something less than a minute ago. */
    public void warn(StoreUnavailableException failure) {
        log("", () -> String.valueOf(failure.getMessage()), "");
    }

    private boolean log(String kind, Supplier<String> message, String behind) {
        Entry entry = entries.computeIfAbsent(kind, k -> new Entry());
        long leftOut;
        synchronized (entry) {
            long now = nanos.getAsLong();
            if (entry.leftOut >= 0 && now - entry.last < INTERVAL) {
                entry.leftOut++;
                return false;
            }
            leftOut = Math.max(0, entry.leftOut);
            entry.last = now;
            entry.leftOut = 0;
        }
        String counted = leftOut == 0 ? "" : " (" + leftOut + " more like this since the last line)";
        // Names of attributes may come from stored bytes: none of them begins a line of its own.
        logger.log(Level.WARNING, Shown.line(message.get() + counted) + behind);
        return true;
    }
}
