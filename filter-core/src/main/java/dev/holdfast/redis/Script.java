package dev.holdfast.redis;

import dev.holdfast.redis.client.LuaScript;
import dev.holdfast.redis.client.Utf8;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.RandomToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The Lua scripts, those about sessions with the prelude in front. A changed script has another SHA-1, so versions of
 * Holdfast live side by side.
 */
enum Script implements LuaScript {
    CREATE("prelude"),
    LOAD("prelude"),
    COMMIT("prelude"),
    TOUCH("prelude"),
    END("prelude"),
    CLAIM("prelude"),
    FINISH("prelude"),
    BURY("prelude"),
    PUSH("prelude"),
    ASIDE("prelude"),
    JOIN,
    ENTER,
    RIGHTS;

    static final long LONG_MILLIS = Lifetimes.LONG.toMillis();

    private final String text;
    private final String sha;
    private final boolean aboutASession;

    /** @param before what stands in front of it */
    Script(String... before) {
        aboutASession = before.length > 0;
        StringBuilder all = new StringBuilder();
        for (String part : before) {
            all.append(read(part)).append('\n');
        }
        text = all.append(read(name().toLowerCase(Locale.ROOT))).toString();
        try {
            sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(Utf8.bytes(text)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1, by which Redis names scripts, is missing in this Java.", e);
        }
    }

    private static String read(String name) {
        String resource = name + ".lua";
        try (InputStream in = Script.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        "dev/holdfast/redis/" + resource + " is missing in the jar of Holdfast.");
            }
            return Utf8.of(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read dev/holdfast/redis/" + resource + ".", e);
        }
    }

    /** The arguments that every script with the prelude begins with; more may be added. */
    static List<Object> header(String generation) {
        List<Object> arguments = new ArrayList<>();
        arguments.add(generation);
        arguments.add(generation.isEmpty() ? RandomToken.next() : "");
        arguments.add(LONG_MILLIS);
        return arguments;
    }

    /** As scripts take an epoch: empty for none. */
    static String argument(@Nullable Epoch epoch) {
        return epoch == null ? "" : epoch.text();
    }

    @Override
    public String text() {
        return text;
    }

    @Override
    public String sha() {
        return sha;
    }

    @Override
    public boolean isChange() {
        return this == CREATE || this == COMMIT || this == END;
    }

    /** Whether it declares the keys of a session first, see the prelude. */
    boolean isAboutASession() {
        return aboutASession;
    }
}
