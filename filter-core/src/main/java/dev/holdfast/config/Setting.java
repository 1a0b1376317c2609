package dev.holdfast.config;

import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One setting.
 *
 * @param name the name without {@code holdfast.}: lower-case letters and dots
 * @param range what may be written, with its unit, as the documentation shows it
 * @param defaultText the default as it would be written, or null if there is none or it depends on the application
 * @param defaultMeaning the default as the documentation shows it
 * @param meaning one sentence: what it does
 * @param reason one sentence: why somebody would change it
 * @param parser text to value; throws {@link WrongValueException}
 * @param mask how the text may be shown in messages and logs: without secrets
 */
public record Setting<T>(
        String name,
        String range,
        @Nullable String defaultText,
        String defaultMeaning,
        String meaning,
        String reason,
        Function<String, T> parser,
        UnaryOperator<String> mask) {

    /** The name as system property and context-param: {@code holdfast.affinity.cookie}. */
    String fullName() {
        return Settings.PREFIX + name;
    }

    @Override
    public String toString() {
        return fullName();
    }
}
