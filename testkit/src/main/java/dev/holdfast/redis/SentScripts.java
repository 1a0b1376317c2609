package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The product's scripts, from the class path of the test, to know them again in what a client sent. */
final class SentScripts {
    /** {@code TestkitTest} compares them with those that there are. */
    static final List<String> FILES = List.of(
            "create.lua",
            "load.lua",
            "commit.lua",
            "touch.lua",
            "end.lua",
            "claim.lua",
            "finish.lua",
            "bury.lua",
            "push.lua",
            "aside.lua",
            "join.lua",
            "enter.lua",
            "rights.lua");

    private static final Map<String, String> BY_SHA = new HashMap<>();
    private static final Map<String, String> BY_TEXT = new HashMap<>();

    static {
        String prelude = read("prelude.lua");
        for (String file : FILES) {
            String text = read(file);
            // It is sent with the prelude in front, or without it.
            BY_SHA.put(sha(text), file);
            BY_SHA.put(sha(prelude + '\n' + text), file);
            BY_TEXT.put(asShown(text), file);
        }
    }

    private SentScripts() {}

    /**
     * The file of the script that a command runs; empty if it runs none of ours.
     *
     * @param command in lower case
     * @param sha what it names the script by, if it does
     * @param line the whole command as MONITOR shows it
     */
    static Optional<String> file(String command, @Nullable String sha, String line) {
        return switch (command) {
            case "evalsha" -> Optional.ofNullable(sha).map(BY_SHA::get);
            case "eval" ->
                BY_TEXT.entrySet().stream()
                        .filter(script -> line.contains(script.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst();
            default -> Optional.empty();
        };
    }

    private static String asShown(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private static String read(String file) {
        try (InputStream in = SentScripts.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("dev/holdfast/redis/" + file + " is not on the class path");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    private static String sha(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }
}
