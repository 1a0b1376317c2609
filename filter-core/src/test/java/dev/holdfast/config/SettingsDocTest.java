package dev.holdfast.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Compares the table in docs/configuration.md with the list in the code. {@code -Ddocs.write=true} writes it instead.
 */
class SettingsDocTest {
    private static final Path DOC = Path.of(System.getProperty("basedir", "."), "..", "docs", "configuration.md");
    private static final String BEGIN = "<!-- settings:begin (SettingsDocTest writes this table) -->\n";
    private static final String END = "<!-- settings:end -->\n";

    @Test
    void documentationListsEverySettingAsTheCodeHasIt() throws IOException {
        String doc = Files.readString(DOC);
        int begin = doc.indexOf(BEGIN) + BEGIN.length();
        int end = doc.indexOf(END);
        String written = doc.substring(begin, end);
        String wanted = table();

        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(DOC, doc.substring(0, begin) + wanted + doc.substring(end));
            written = wanted;
        }

        assertThat(written)
                .as(
                        "the table in docs/configuration.md: paste the expected text, or run this test with -Ddocs.write=true")
                .isEqualTo(wanted);
    }

    private static String table() {
        StringBuilder table = new StringBuilder("""
                | `holdfast.` | Values | Default | What it does | Why change it |
                |---|---|---|---|---|
                """);
        for (Setting<?> setting : Settings.ALL) {
            String cells = String.join(
                    " | ",
                    "`" + setting.name() + "`",
                    setting.range(),
                    setting.defaultMeaning(),
                    setting.meaning(),
                    setting.reason());
            table.append("| ").append(cells).append(" |\n");
        }
        return table.toString();
    }
}
