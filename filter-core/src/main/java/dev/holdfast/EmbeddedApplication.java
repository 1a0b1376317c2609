package dev.holdfast;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An application whose framework starts the container, as far as the container cannot know it.
 *
 * @param description where its settings stand, as messages show it where no other place is known
 * @param settings all that begin with {@code holdfast.}, by name; those of system properties and environment, too
 * @param places where each of them stands, by name, as messages show it
 * @param name what it calls itself: the default of {@code holdfast.app}; null if it does not
 * @param nameOrigin where that name stands, as the log shows it
 * @param classes which classes are its own
 */
public record EmbeddedApplication(
        String description,
        Map<String, String> settings,
        Map<String, String> places,
        @Nullable String name,
        String nameOrigin,
        ApplicationClasses classes) {
    public EmbeddedApplication {
        settings = Map.copyOf(settings);
        places = Map.copyOf(places);
    }
}
