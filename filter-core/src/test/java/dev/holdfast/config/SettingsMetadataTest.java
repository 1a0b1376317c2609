package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Compares what IDEs show of the settings in an {@code application.yaml} with the list in the code.
 * {@code -Ddocs.write=true} writes it instead.
 */
class SettingsMetadataTest {
    private static final Path FILE = Path.of(
            System.getProperty("basedir", "."), "src/main/resources/META-INF/spring-configuration-metadata.json");

    /** A range that is a choice of words, and nothing else. */
    private static final Pattern CHOICE = Pattern.compile("`[a-z-]+`(, `[a-z-]+`)* or `[a-z-]+`");

    /** What may be a list in YAML. */
    private static final Set<Setting<?>> LISTS = Set.of(Settings.CLASSES_ALLOW, Settings.ATTRIBUTES_LOCAL);

    private static final Pattern WORD = Pattern.compile("`([a-z-]+)`");

    @Test
    void idesKnowEverySettingAsTheCodeHasIt() throws IOException {
        String wanted = metadata();

        if (Boolean.getBoolean("docs.write")) {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, wanted);
        }

        assertThat(Files.readString(FILE))
                .as("%s: paste the expected text, or run this test with -Ddocs.write=true", FILE.getFileName())
                .isEqualTo(wanted);
    }

    @Test
    void choicesAreOffered() {
        assertThat(metadata())
                .contains(
                        "{\"name\": \"holdfast.outage\", \"values\": [{\"value\": \"serve\"}, {\"value\": \"refuse\"}]}")
                .contains("\"defaultValue\": \"serve\"")
                .doesNotContain("holdfast.apps");
    }

    private static String metadata() {
        List<String> properties = new ArrayList<>();
        properties.add(property(
                "holdfast.enabled",
                "java.lang.Boolean",
                "Whether Holdfast keeps the sessions of this application.",
                "true"));
        List<String> hints = new ArrayList<>();
        for (Setting<?> setting : Settings.OF_APPLICATIONS) {
            String defaultText = setting.defaultText();
            properties.add(property(
                    setting.fullName(),
                    type(setting),
                    setting.meaning() + " Values: " + setting.range() + ".",
                    defaultText == null || defaultText.isEmpty() ? null : quoted(defaultText)));
            if (CHOICE.matcher(setting.range()).matches()) {
                hints.add("    {\"name\": " + quoted(setting.fullName()) + ", \"values\": [" + values(setting) + "]}");
            }
        }
        return """
                {
                  "groups": [
                    {"name": "holdfast", "description": "Holdfast: sessions that survive their node."}
                  ],
                  "properties": [
                %s
                  ],
                  "hints": [
                %s
                  ]
                }
                """.formatted(String.join(",\n", properties), String.join(",\n", hints));
    }

    private static String property(String name, String type, String description, String defaultValue) {
        return "    {\n      \"name\": " + quoted(name)
                + ",\n      \"type\": " + quoted(type)
                + ",\n      \"description\": " + quoted(description.replace("`", ""))
                + (defaultValue == null ? "" : ",\n      \"defaultValue\": " + defaultValue)
                + "\n    }";
    }

    private static String type(Setting<?> setting) {
        if (LISTS.contains(setting)) {
            return "java.util.List<java.lang.String>";
        }
        return setting.equals(Settings.TIMEOUT) ? "java.time.Duration" : "java.lang.String";
    }

    private static String values(Setting<?> setting) {
        List<String> values = WORD.matcher(setting.range())
                .results()
                .map((MatchResult word) -> "{\"value\": " + quoted(word.group(1)) + "}")
                .toList();
        return String.join(", ", values);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
