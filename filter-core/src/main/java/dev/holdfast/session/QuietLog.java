package dev.holdfast.session;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Warnings that many requests may cause at once: one a minute for each code, with the number of those left out. */
final class QuietLog {
    private static final Logger LOG = System.getLogger(QuietLog.class.getPackageName());
    private static final long INTERVAL = TimeUnit.MINUTES.toNanos(1);

    private final Ticker ticker;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    QuietLog(Ticker ticker) {
        this.ticker = ticker;
    }

    private static final class Entry {
        private long last;
        private long leftOut = -1;
    }

    /**
     * Logs the message behind its code, unless the same code was logged less than a minute ago.
     *
     * @return whether it was logged
     */
    boolean warn(String code, Supplier<String> message, @Nullable Throwable cause) {
        Entry entry = entries.computeIfAbsent(code, c -> new Entry());
        long leftOut;
        synchronized (entry) {
            long now = ticker.nanos();
            if (entry.leftOut >= 0 && now - entry.last < INTERVAL) {
                entry.leftOut++;
                return false;
            }
            leftOut = Math.max(0, entry.leftOut);
            entry.last = now;
            entry.leftOut = 0;
        }
        // Names of attributes may come from stored bytes: none of them begins a line of its own.
        String text = Shown.line(code + ": " + message.get()
                + (leftOut == 0 ? "" : " (" + leftOut + " more like this since the last line)"));
        // Not the cause itself: its text may hold what is in a session.
        String failure = cause instanceof StoreUnavailableException ? "" : Shown.failure(cause);
        LOG.log(Level.WARNING, failure.isEmpty() ? text : text + " [" + failure + "]");
        return true;
    }
}
