package dev.holdfast;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How an operator wants this server to drain.
 *
 * @param force also if no other node stays
 */
record DrainWish(Mode mode, boolean force) {
    static final DrainWish NONE = new DrainWish(Mode.NO, false);
    static final String FORCE = "force";

    /** The weaker ones first. */
    enum Mode {
        NO,
        /** No new browsers. */
        SOFT,
        /** And those that are here go elsewhere with the next answer. */
        MOVE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param how {@code soft} or {@code move}
     * @return null for anything else
     */
    static @Nullable DrainWish of(String how, boolean force) {
        if (how.equals(Mode.SOFT.text())) {
            return new DrainWish(Mode.SOFT, force);
        }
        return how.equals(Mode.MOVE.text()) ? new DrainWish(Mode.MOVE, force) : null;
    }

    /** What a file means that is there, whatever else stands in it. */
    static DrainWish ofFile(String text) {
        List<String> words = words(text);
        return new DrainWish(words.contains(Mode.MOVE.text()) ? Mode.MOVE : Mode.SOFT, words.contains(FORCE));
    }

    /** What stands in the registry, where anybody may have written it: {@link #NONE} if it is no wish. */
    static DrainWish ofOrder(String text) {
        List<String> words = words(text);
        boolean force = words.size() == 2 && words.get(1).equals(FORCE);
        DrainWish wish = words.size() == 1 || force ? of(words.get(0), force) : null;
        return wish == null ? NONE : wish;
    }

    private static List<String> words(String text) {
        return List.of(text.strip().toLowerCase(Locale.ROOT).split("\\s+"));
    }

    /** The stronger of the two, by force if one of them is. */
    DrainWish or(DrainWish other) {
        Mode stronger = other.mode.compareTo(mode) > 0 ? other.mode : mode;
        return new DrainWish(stronger, force || other.force);
    }
}
