package dev.holdfast.boot;

import dev.holdfast.config.Setting;
import dev.holdfast.config.Settings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * All of {@code holdfast.*} in Spring's {@code Environment}, as Spring Boot reads settings of its own: in the order of
 * its sources, with placeholders, and with a list where a text has several parts. Immutable.
 */
final class SpringSettings {
    /** Whether Holdfast keeps the sessions at all: read by the auto-configuration alone. */
    static final String ENABLED = Settings.PREFIX + "enabled";

    private static final ConfigurationPropertyName ALL = ConfigurationPropertyName.of("holdfast");

    /** YAML takes {@code off} for {@code false} unless it is quoted. */
    private static final Set<Setting<?>> SWITCHES = Set.of(Settings.PARALLEL, Settings.RESEED);

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, String> places = new HashMap<>();

    private SpringSettings() {}

    /** Reads settings, also those that are wrong: whoever parses them says so. */
    static SpringSettings read(Environment environment) {
        SpringSettings settings = new SpringSettings();
        Iterable<ConfigurationPropertySource> sources = ConfigurationPropertySources.get(environment);
        Binder binder = Binder.get(environment);
        Set<String> known = new HashSet<>(Set.of(ENABLED));
        for (Setting<?> setting : Settings.ALL) {
            if (!setting.equals(Settings.APPS)) { // of a server with several applications
                known.add(setting.toString());
                settings.read(setting, binder, sources);
            }
        }
        for (ConfigurationPropertySource source : sources) {
            settings.addUnknown(source, known);
        }
        return settings;
    }

    private void read(Setting<?> setting, Binder binder, Iterable<ConfigurationPropertySource> sources) {
        ConfigurationPropertyName name = ConfigurationPropertyName.of(setting.toString());
        String value = binder.bind(name, Bindable.of(String.class)).orElse(null);
        if (value == null) {
            List<String> parts =
                    binder.bind(name, Bindable.listOf(String.class)).orElse(List.of());
            if (parts.isEmpty()) {
                return;
            }
            value = String.join("; ", parts);
        } else if (SWITCHES.contains(setting)) {
            value = value.equals("true") ? "on" : value.equals("false") ? "off" : value;
        }
        values.put(setting.toString(), value);
        addPlace(setting.toString(), origin(name, sources));
    }

    private static @Nullable Origin origin(
            ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
        for (ConfigurationPropertySource source : sources) {
            for (ConfigurationPropertyName one : List.of(name, name.append("[0]"))) {
                ConfigurationProperty found = source.getConfigurationProperty(one);
                if (found != null) {
                    return found.getOrigin();
                }
            }
        }
        return null;
    }

    /** The environment is another matter: orchestrators put names of their own there. */
    private void addUnknown(ConfigurationPropertySource source, Set<String> known) {
        if (!(source instanceof IterableConfigurationPropertySource names)
                || source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource) {
            return;
        }
        for (ConfigurationPropertyName name : names) {
            if (ALL.isAncestorOf(name) && !isKnown(name, known)) {
                values.putIfAbsent(name.toString(), "");
                ConfigurationProperty found = source.getConfigurationProperty(name);
                addPlace(name.toString(), found == null ? null : found.getOrigin());
            }
        }
    }

    private static boolean isKnown(ConfigurationPropertyName name, Set<String> known) {
        ConfigurationPropertyName whole = name.isLastElementIndexed() ? name.getParent() : name;
        return known.contains(whole.toString());
    }

    private void addPlace(String name, @Nullable Origin origin) {
        if (origin != null) {
            places.putIfAbsent(name, origin.toString());
        }
    }

    Map<String, String> values() {
        return Map.copyOf(values);
    }

    /** Where each of them stands, if Spring Boot knows it: file, line and column. */
    Map<String, String> places() {
        return Map.copyOf(places);
    }
}
