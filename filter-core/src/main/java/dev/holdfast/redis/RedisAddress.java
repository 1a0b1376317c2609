package dev.holdfast.redis;

import dev.holdfast.redis.Connector.Login;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is and who we are there, as {@code holdfast.redis} says it.
 *
 * @param secure true for {@code rediss://}
 */
record RedisAddress(Endpoint endpoint, Login login, boolean secure) {
    private static final String FORM = "redis://[user:password@]host:port[/db], or the same with rediss:// for TLS";

    /**
     * Reads {@code redis://[user:password@]host:port[/db]}, or the same with {@code rediss://}.
     *
     * @throws IllegalArgumentException if it is another form; the message does not contain the password
     */
    static RedisAddress parse(URI uri) {
        String host = uri.getHost();
        boolean secure = "rediss".equals(uri.getScheme());
        if ((!secure && !"redis".equals(uri.getScheme()))
                || host == null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(shown(uri) + " is not an address of Redis: expected " + FORM + ".");
        }
        Endpoint endpoint = new Endpoint(host, uri.getPort() < 0 ? 6379 : uri.getPort());
        return new RedisAddress(endpoint, login(uri), secure);
    }

    private static Login login(URI uri) {
        String who = uri.getUserInfo();
        if (who == null) {
            return new Login(null, null, database(uri));
        }
        int colon = who.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(shown(uri) + " has a user without a password: expected " + FORM + ".");
        }
        @Nullable String user = colon == 0 ? null : who.substring(0, colon);
        return new Login(user, who.substring(colon + 1), database(uri));
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
}
