package dev.holdfast.redis;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is and who we are there.
 *
 * @param user null for Redis' default user
 * @param password null for none
 * @param database 0 unless the URI names one
 */
record RedisAddress(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        int database) {
    private static final String FORM = "redis://[user:password@]host:port[/db]";

    /**
     * Reads {@code redis://[user:password@]host:port[/db]}.
     *
     * @throws IllegalArgumentException if it is another form; the message does not contain the password
     */
    static RedisAddress parse(URI uri) {
        String host = uri.getHost();
        if (!"redis".equals(uri.getScheme())
                || host == null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(shown(uri) + " is not an address of Redis: expected " + FORM + ".");
        }
        String user = null;
        String password = null;
        String who = uri.getUserInfo();
        if (who != null) {
            int colon = who.indexOf(':');
            if (colon < 0) {
                throw new IllegalArgumentException(
                        shown(uri) + " has a user without a password: expected " + FORM + ".");
            }
            user = colon == 0 ? null : who.substring(0, colon);
            password = who.substring(colon + 1);
        }
        return new RedisAddress(host, uri.getPort() < 0 ? 6379 : uri.getPort(), user, password, database(uri));
    }

    private static int database(URI uri) {
        String path = uri.getPath();
        if (path == null || path.isEmpty() || path.equals("/")) {
            return 0;
        }
        if (!path.matches("/\\d{1,4}")) {
            throw new IllegalArgumentException(
                    shown(uri) + " names no database: expected a number after the port, as in " + FORM + ".");
        }
        return Integer.parseInt(path.substring(1));
    }

    private static String shown(URI uri) {
        String text = uri.toString();
        int at = text.lastIndexOf('@');
        int slashes = text.indexOf("//");
        return at < 0 || slashes < 0 ? text : text.substring(0, slashes + 2) + "…" + text.substring(at);
    }

    /** Host and port, for messages. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
