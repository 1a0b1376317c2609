package dev.holdfast.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings as read from all sources, with everything that was wrong with them.
 *
 * <p>Immutable after {@link #read}.
 */
public final class SettingsReader {
    private final Map<Setting<?>, Object> values = new LinkedHashMap<>();
    /** Of settings that are not left to their defaults: what was set, and where. */
    private final Map<Setting<?>, String> told = new LinkedHashMap<>();

    private final List<String> mistakes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> description = new ArrayList<>();

    private SettingsReader() {}

    /**
     * Reads settings. Never throws for a wrong value: see {@link #mistakes()}.
     *
     * @param wanted the settings to read; unknown names are looked for in every source whatever is wanted
     * @param sources the first that has a name wins
     */
    public static SettingsReader read(List<Setting<?>> wanted, List<Source> sources) {
        SettingsReader reader = new SettingsReader();
        for (Setting<?> setting : wanted) {
            reader.read(setting, sources);
        }
        for (Source source : sources) {
            reader.lookForUnknownNames(source);
        }
        return reader;
    }

    private void read(Setting<?> setting, List<Source> sources) {
        for (Source source : sources) {
            String text = source.valueOf(setting);
            if (text != null) {
                String from = source.placeOf(source.spell(setting));
                parse(setting, text, from);
                if (values.containsKey(setting)) {
                    String shown = setting.mask().apply(text);
                    description.add(
                            setting.fullName() + " = " + (shown.isEmpty() ? "\"\"" : shown) + " (" + from + ")");
                }
                told.put(
                        setting, setting.fullName() + " is \"" + setting.mask().apply(text) + "\" (from " + from + ")");
                return;
            }
        }
        String text = setting.defaultText();
        if (text != null) {
            parse(setting, text, "default");
        }
    }

    private void parse(Setting<?> setting, String text, String from) {
        try {
            values.put(setting, setting.parser().apply(text));
        } catch (WrongValueException e) {
            mistakes.add(setting.fullName() + " is \"" + setting.mask().apply(text) + "\" (from " + from + "): "
                    + e.getMessage() + ".");
        }
    }

    private void lookForUnknownNames(Source source) {
        List<String> unknown = source.unknownNames();
        if (source.forgiving()) {
            if (!unknown.isEmpty()) {
                List<String> hints = unknown.stream()
                        .map(name -> name + " (nearest: " + source.nearestTo(name) + ")")
                        .toList();
                warnings.add("The " + source.description() + " has names that are no settings and are ignored: "
                        + String.join(", ", hints) + ".");
            }
            return;
        }
        for (String name : unknown) {
            mistakes.add(name + " (from " + source.placeOf(name)
                    + ") is no setting of this version: the nearest name is " + source.nearestTo(name) + ".");
        }
    }

    /**
     * All wrong settings, one sentence each with name, masked value, source and what is allowed; empty if all is well.
     */
    public List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    /** What is odd but no reason not to start. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** The valid settings that are not left to their defaults, with the source of each, secrets masked. */
    public List<String> description() {
        return List.copyOf(description);
    }

    /**
     * The value that was set, or the default.
     *
     * @throws IllegalStateException if there is none: it was wrong, was not asked for, or has no default
     */
    public <T> T get(Setting<T> setting) {
        T value = find(setting);
        if (value == null) {
            throw new IllegalStateException(setting + " has no value");
        }
        return value;
    }

    /** The value that was set, or the default; null if there is none. */
    // The parser of the same setting made the value.
    @SuppressWarnings("unchecked")
    public <T> @Nullable T find(Setting<T> setting) {
        return (T) values.get(setting);
    }

    /** What was set and where, as a sentence begins, secrets masked; null if the setting was left to its default. */
    public @Nullable String told(Setting<?> setting) {
        return told.get(setting);
    }

    /** All mistakes as one text, for an exception that stops the start. */
    public static String text(List<String> mistakes) {
        String count = mistakes.size() == 1 ? "1 setting is wrong:" : mistakes.size() + " settings are wrong:";
        return count + "\n  " + String.join("\n  ", mistakes);
    }
}
