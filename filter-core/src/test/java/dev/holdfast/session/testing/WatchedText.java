package dev.holdfast.session.testing;

import org.jspecify.annotations.Nullable;

/** A text that does something when it is encoded for the first time. */
public final class WatchedText implements CharSequence {
    private final String text;
    private @Nullable Runnable action;

    public WatchedText(String text, Runnable action) {
        this.text = text;
        this.action = action;
    }

    @Override
    public String toString() {
        Runnable once = action;
        action = null;
        if (once != null) {
            once.run();
        }
        return text;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }
}
