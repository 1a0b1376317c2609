package dev.holdfast.session;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text that others may have written, as a log may show it: what Redis holds, names of attributes, and names of classes
 * in stored bytes come from whoever can write there.
 */
public final class Shown {
    private static final int MOST = 200;
    private static final int CAUSES = 5;
    private static final int FRAMES = 12;

    /**
     * Control characters, those of C1 included, what turns the direction of text or hides in it, and separators of
     * lines.
     */
    private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]");

    private Shown() {}

    /** A text of unknown origin: on one line, and 200 characters of it at most. */
    public static String text(String foreign) {
        boolean cut = foreign.length() > MOST;
        String part = cut ? foreign.substring(0, MOST) : foreign;
        return UNSAFE.matcher(part).replaceAll("?") + (cut ? "…" : "");
    }

    /**
     * What a failure was and where, without its text: the text of an exception of the application, of the JDK or of a
     * library may hold values. Empty for one of Holdfast's own without a cause, which says itself what it is.
     */
    public static String failure(@Nullable Throwable failure) {
        StringBuilder shown = new StringBuilder();
        Throwable cause = failure;
        for (int i = 0; i < CAUSES && cause != null; i++, cause = cause.getCause()) {
            String name = cause.getClass().getName();
            if (name.startsWith(Shown.class.getPackageName() + ".")) {
                continue;
            }
            shown.append(shown.length() == 0 ? "" : "; caused by ").append(text(name));
            StackTraceElement[] frames = cause.getStackTrace();
            for (int frame = 0; frame < Math.min(FRAMES, frames.length); frame++) {
                shown.append(frame == 0 ? " at " : ", ").append(text(String.valueOf(frames[frame])));
            }
        }
        return shown.toString();
    }

    /** A whole message, whose parts are of bearable length: on one line. */
    public static String line(String message) {
        return UNSAFE.matcher(message).replaceAll("?");
    }
}
