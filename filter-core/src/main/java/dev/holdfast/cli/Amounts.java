package dev.holdfast.cli;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Numbers as people read them. */
final class Amounts {
    private Amounts() {}

    /** In the largest unit of which it has two: {@code 119s}, {@code 90m}, {@code 47h}, {@code 12d}. */
    static String time(long millis) {
        long seconds = TimeUnit.MILLISECONDS.toSeconds(millis);
        if (seconds < TimeUnit.MINUTES.toSeconds(2)) {
            return seconds + "s";
        }
        if (seconds < TimeUnit.HOURS.toSeconds(2)) {
            return TimeUnit.SECONDS.toMinutes(seconds) + "m";
        }
        return seconds < TimeUnit.DAYS.toSeconds(2)
                ? TimeUnit.SECONDS.toHours(seconds) + "h"
                : TimeUnit.SECONDS.toDays(seconds) + "d";
    }

    /** {@code 17 B}, {@code 1.2 kB}, {@code 3.4 MB}. */
    static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    /** {@code 1 session}, {@code 2 sessions}. */
    static String counted(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }
}
