package dev.holdfast.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Reads everything that the nodes of this run have logged and fails the class if a whole session id or an attribute's
 * value stands there.
 *
 * <p>For {@code @ExtendWith} on each test that starts nodes. Their attribute values begin with {@link #SECRET}.
 */
public final class LogScan implements AfterAllCallback {
    /** What every attribute value of a test begins with. */
    public static final String SECRET = "kept-secret-";

    /** A whole session id, as the product makes them. */
    public static final Pattern SESSION_ID = Pattern.compile("(?<![0-9a-f])[0-3][0-9a-f]{33}(?![0-9a-f])");

    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();
    private static final Set<Path> LOGS = ConcurrentHashMap.newKeySet();

    /** Also looks for this id, in whatever surroundings. */
    static void sawSessionId(String id) {
        SEEN.add(id);
    }

    /** Also reads this file. */
    static void add(Path log) {
        LOGS.add(log);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> leaks = new ArrayList<>();
        long lines = 0;
        try {
            for (Path log : LOGS) {
                List<String> text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                        .lines()
                        .toList();
                lines += text.size();
                leaks(log.getFileName() + ": ", text, SEEN, leaks);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the logs of the nodes", e);
        }
        System.out.println("Log scan: " + LOGS.size() + " logs, " + lines + " lines, " + SEEN.size()
                + " session ids looked for, " + leaks.size() + " leaks");
        if (!leaks.isEmpty()) {
            throw new AssertionError("Secrets in logs, for example:\n"
                    + String.join("\n", leaks.subList(0, Math.min(10, leaks.size()))));
        }
    }

    /** Adds the lines that hold a secret to a list. */
    static void leaks(String prefix, List<String> lines, Set<String> ids, List<String> leaks) {
        for (String line : lines) {
            if (line.contains(SECRET)
                    || SESSION_ID.matcher(line).find()
                    || ids.stream().anyMatch(line::contains)) {
                leaks.add(prefix + line);
            }
        }
    }
}
