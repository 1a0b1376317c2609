package dev.holdfast;

import java.util.Map;

/**
 * The settings that stand in an application's own files.
 *
 * @param description where they stand, as messages show it: {@code web.xml of /shop}
 * @param params all context-params by name, also those that are none of ours
 */
public record SettingsSource(String description, Map<String, String> params) {
    public SettingsSource {
        params = Map.copyOf(params);
    }
}
