package dev.holdfast.config;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Who a node is at Redis, where that does not stand in {@code holdfast.redis} itself. Immutable.
 *
 * @param user null for Redis' default user
 * @param password null for none, or for one that stands in a file
 * @param file with the password in it; null for none
 */
public record RedisLogin(
        @Nullable String user,
        @Nullable String password,
        @Nullable Path file) {
    public static final Setting<String> USER = new Setting<>(
            "redis.user",
            "a name",
            null,
            "Redis' default user",
            "The user at Redis, where it does not stand in `redis`. As it is, without percent-encoding.",
            "Set it with one of the next two.",
            Parsers.notEmpty(),
            UnaryOperator.identity());

    public static final Setting<String> PASSWORD = new Setting<>(
            "redis.password",
            "a password",
            null,
            "none",
            "The password at Redis, where it does not stand in `redis`. As it is, without percent-encoding.",
            "Set it, in the environment, where the password comes by itself.",
            Parsers.notEmpty(),
            text -> "***");

    public static final Setting<Path> PASSWORD_FILE = new Setting<>(
            "redis.password.file",
            "a file",
            null,
            "none",
            "A file whose first line is the password at Redis. It is read again for each new connection.",
            "Set it to a mounted secret, or where the password changes while nodes run.",
            Parsers.passwordFile(),
            UnaryOperator.identity());

    /** That of {@code holdfast.redis}. */
    public static final RedisLogin NONE = new RedisLogin(null, null, null);

    /** A password is shorter; Redis takes no longer ones in its commands for users either. */
    private static final int MOST = 4096;

    /** Whoever writes a file in two steps leaves it empty for a moment. */
    private static final int TRIES = 5;

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    /** As the settings have it, see {@link #mistakes}. */
    public static RedisLogin of(SettingsReader settings) {
        return new RedisLogin(settings.find(USER), settings.find(PASSWORD), settings.find(PASSWORD_FILE));
    }

    /** What is wrong with the settings of the login together; empty if nothing is. */
    public static List<String> mistakes(SettingsReader settings) {
        List<String> mistakes = new ArrayList<>();
        List<Setting<?>> own = new ArrayList<>();
        for (Setting<?> setting : List.of(USER, PASSWORD, PASSWORD_FILE)) {
            if (settings.told(setting) != null) {
                own.add(setting);
            }
        }
        boolean user = own.contains(USER);
        boolean text = own.contains(PASSWORD);
        boolean file = own.contains(PASSWORD_FILE);
        if (text && file) {
            mistakes.add(PASSWORD + " and " + PASSWORD_FILE + " are both set: take one of them away.");
        }
        if (user && !text && !file) {
            mistakes.add(USER + " is set, and no password: set " + PASSWORD_FILE + " or " + PASSWORD + ", too.");
        }
        URI redis = settings.find(Settings.REDIS);
        if (!own.isEmpty() && redis != null && RedisAddress.of(redis).password() != null) {
            mistakes.add(Settings.REDIS + " has a password in it, and " + own.get(0)
                    + " is set, too: leave the login in one of the two places.");
        }
        return mistakes;
    }

    /**
     * The password as it is now: a file is read each time.
     *
     * @return null for none
     * @throws IOException if the file cannot be read, or is empty; the message does not tell what is in it
     */
    public @Nullable String currentPassword() throws IOException {
        if (file == null) {
            return password;
        }
        for (int i = 1; ; i++) {
            try {
                return read(file);
            } catch (IOException e) {
                if (i == TRIES) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE);
            }
        }
    }

    /** The first line of the file is the password: editors, and {@code echo}, end it by a line feed. */
    static String read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw Files.exists(file) ? new IOException("it is no file") : new NoSuchFileException(file.toString());
        }
        try (InputStream content = Files.newInputStream(file)) {
            byte[] bytes = content.readNBytes(MOST + 1);
            String text = new String(bytes, StandardCharsets.UTF_8);
            String line = text.lines().findFirst().orElse("");
            if (line.isEmpty() || bytes.length > MOST) {
                throw new IOException(line.isEmpty() ? "its first line is empty" : "it is too long for a password");
            }
            return line;
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "RedisLogin[" + (user == null ? "default user" : user) + "]";
    }
}
