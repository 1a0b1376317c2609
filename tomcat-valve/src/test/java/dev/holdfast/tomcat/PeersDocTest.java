package dev.holdfast.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table for those who come from another session store names tests that there are. */
class PeersDocTest {
    private static final Pattern NAME = Pattern.compile("`(\\w+(?:IT|Test))\\.(\\w+)`");

    @Test
    void everyTestThatTheTableNamesIsThere() throws ClassNotFoundException {
        String table = String.join("\n", DocsSnippet.read(DocsSnippet.ROOT.resolve("docs/peers.md")));
        List<String> missing = new ArrayList<>();
        int found = 0;
        Matcher name = NAME.matcher(table);
        while (name.find()) {
            Class<?> test = Class.forName(
                    getClass().getPackageName() + "." + name.group(1),
                    false,
                    getClass().getClassLoader());
            if (has(test, name.group(2))) {
                found++;
            } else {
                missing.add(name.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(found).isGreaterThan(20);
    }

    /** Its own, or one of the description that it shares with other containers. */
    private static boolean has(Class<?> test, String method) {
        for (Class<?> type = test; type != null; type = type.getSuperclass()) {
            if (Arrays.stream(type.getDeclaredMethods()).map(Method::getName).anyMatch(method::equals)) {
                return true;
            }
        }
        return false;
    }
}
