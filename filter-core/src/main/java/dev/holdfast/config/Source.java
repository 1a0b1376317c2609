package dev.holdfast.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One place that settings are read from, and how names are written there. Immutable. */
public final class Source {
    /** How a name is written in a source. */
    private enum Spelling {
        /** {@code holdfast.affinity.cookie}. */
        DOTTED("holdfast."),
        /** {@code HOLDFAST_AFFINITY_COOKIE}. */
        ENVIRONMENT("HOLDFAST_"),
        /** {@code affinity.cookie}: everything that stands there is ours. */
        BARE("");

        private final String prefix;

        Spelling(String prefix) {
            this.prefix = prefix;
        }
    }

    private final String description;
    private final Map<String, String> values;
    private final Map<String, String> places;
    private final List<Setting<?>> known;
    private final Spelling spelling;

    /**
     * @param description as messages show it: {@code system property}, {@code web.xml of /shop}
     * @param values all names and values of that place, also those that are no settings
     * @param known the settings that may stand there
     */
    private Source(String description, Map<String, String> values, List<Setting<?>> known, Spelling spelling) {
        this(description, values, Map.of(), known, spelling);
    }

    /** @param places of the values whose own place is known: a file and a line of it */
    private Source(
            String description,
            Map<String, String> values,
            Map<String, String> places,
            List<Setting<?>> known,
            Spelling spelling) {
        this.description = description;
        this.values = Map.copyOf(values);
        this.places = Map.copyOf(places);
        this.known = List.copyOf(known);
        this.spelling = spelling;
    }

    /** The system properties of this process. */
    public static Source systemProperties() {
        return systemProperties(System.getProperties());
    }

    public static Source systemProperties(Properties properties) {
        Map<String, String> values = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            String value = properties.getProperty(name);
            if (value != null) {
                values.put(name, value);
            }
        }
        return new Source("system property", values, Settings.ALL, Spelling.DOTTED);
    }

    /** The environment of this process. */
    public static Source environment() {
        return environment(System.getenv());
    }

    public static Source environment(Map<String, String> variables) {
        return new Source("environment", variables, Settings.ALL, Spelling.ENVIRONMENT);
    }

    /** The context-params of an application. */
    public static Source contextParams(String description, Map<String, String> params) {
        return new Source(description, params, Settings.OF_APPLICATIONS, Spelling.DOTTED);
    }

    /**
     * What a framework has read for its application from several places, system properties and environment among them.
     *
     * @param places of the values, by name, as messages show them
     */
    public static Source framework(String description, Map<String, String> values, Map<String, String> places) {
        return new Source(description, values, places, Settings.OF_APPLICATIONS, Spelling.DOTTED);
    }

    /** The init-params of a filter: names without {@code holdfast.}, and only those in {@code known}. */
    public static Source initParams(String description, Map<String, String> params, List<Setting<?>> known) {
        return new Source(description, params, known, Spelling.BARE);
    }

    String description() {
        return description;
    }

    /** Where a name stands, as messages show it: where in a file, if that is known. */
    String placeOf(String spelled) {
        return forgiving() ? description + " " + spelled : places.getOrDefault(spelled, description);
    }

    /** True if an unknown name is worth a warning only: orchestrators put names of their own into the environment. */
    boolean forgiving() {
        return spelling == Spelling.ENVIRONMENT;
    }

    @Nullable
    String valueOf(Setting<?> setting) {
        // By name: the filter's affinity is the same setting with fewer values.
        boolean mayStandHere = known.stream().anyMatch(one -> one.name().equals(setting.name()));
        return mayStandHere ? values.get(spell(setting)) : null;
    }

    String spell(Setting<?> setting) {
        return switch (spelling) {
            case DOTTED -> setting.fullName();
            case ENVIRONMENT ->
                spelling.prefix + setting.name().replace('.', '_').toUpperCase(Locale.ROOT);
            case BARE -> setting.name();
        };
    }

    /** Names that claim to be ours and are none, in alphabetical order. */
    List<String> unknownNames() {
        List<String> spelled = known.stream().map(this::spell).toList();
        return values.keySet().stream()
                .filter(name -> name.startsWith(spelling.prefix) && !spelled.contains(name))
                .sorted()
                .toList();
    }

    /** The known name, as written here, that differs least from {@code name}. */
    String nearestTo(String name) {
        String nearest = "";
        int least = Integer.MAX_VALUE;
        for (Setting<?> setting : known) {
            String candidate = spell(setting);
            int distance = EditDistance.between(name, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }
}
