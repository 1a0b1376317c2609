package dev.holdfast.redis;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.holdfast.session.Shown;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Warnings about one session or one key each, that would repeat with each request: one an hour about each, and no more
 * than twenty a minute in all, with the number of those left out. Safe for use by many threads.
 */
final class Notices {
    private static final Logger LOG = System.getLogger("dev.holdfast.redis.RedisSessionStore");
    private static final long PAUSE = TimeUnit.HOURS.toNanos(1);
    private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_A_MINUTE = 20;
    private static final int MOST_REMEMBERED = 1_000;

    /** When each subject was last spoken of, the oldest first. */
    @GuardedBy("this")
    private final Map<String, Long> said = new LinkedHashMap<>();

    @GuardedBy("this")
    private long minute = System.nanoTime();

    @GuardedBy("this")
    private int inMinute;

    @GuardedBy("this")
    private long leftOut;

    void say(String subject, String message) {
        long before;
        synchronized (this) {
            long now = System.nanoTime();
            Long last = said.get(subject);
            if (last != null && now - last < PAUSE) {
                return;
            }
            if (now - minute >= MINUTE) {
                minute = now;
                inMinute = 0;
            }
            if (inMinute >= MOST_A_MINUTE) {
                leftOut++;
                return;
            }
            inMinute++;
            before = leftOut;
            leftOut = 0;
            said.remove(subject);
            said.put(subject, now);
            if (said.size() > MOST_REMEMBERED) {
                said.remove(said.keySet().iterator().next());
            }
        }
        String counted = before == 0 ? "" : " (" + before + " more like this since the last line)";
        LOG.log(Level.WARNING, Shown.line(message) + counted);
    }
}
