package dev.holdfast.redis.client;

import dev.holdfast.redis.client.Connector.Login;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is and who we are there, as {@code holdfast.redis} says it.
 *
 * @param endpoints the server, the sentinels, or some servers of the cluster
 * @param name what the sentinels call the primary; null without sentinels
 */
record RedisAddress(
        Kind kind, List<Endpoint> endpoints, @Nullable String name, Login login) {
    private static final String FORMS =
            "redis://[user:password@]host:port[/db], redis-sentinel://[user:password@]host:port,host:port/name,"
                    + " or redis-cluster://[user:password@]host:port,host:port; each with rediss in place of redis for TLS";
    /** What the address begins with. */
    enum Kind {
        REDIS,
        REDISS,
        REDIS_SENTINEL,
        REDISS_SENTINEL,
        REDIS_CLUSTER,
        REDISS_CLUSTER;

        static @Nullable Kind of(String scheme) {
            for (Kind kind : values()) {
                if (kind.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(scheme)) {
                    return kind;
                }
            }
            return null;
        }
    }

    private static final Pattern ENDPOINT = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+)(?::(\\d{1,5}))?");
    private static final int PORT = 6379;
    private static final int SENTINEL_PORT = 26379;

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is of no known form; the message does not contain the password
     */
    static RedisAddress parse(URI uri) {
        Kind kind = Kind.of(String.valueOf(uri.getScheme()));
        String authority = uri.getRawAuthority();
        if (kind == null || authority == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(shown(uri) + " is not an address of Redis: expected " + FORMS + ".");
        }
        String path = uri.getPath().replaceFirst("^/", "");
        String hosts = authority.substring(authority.lastIndexOf('@') + 1);
        return switch (kind) {
            case REDIS, REDISS ->
                new RedisAddress(
                        kind, List.of(endpoint(uri, hosts, PORT)), null, login(uri, authority, database(uri, path)));
            case REDIS_SENTINEL, REDISS_SENTINEL -> {
                if (path.isEmpty()) {
                    throw new IllegalArgumentException(shown(uri)
                            + " does not name the primary: expected it behind a slash, as in " + FORMS + ".");
                }
                yield new RedisAddress(kind, endpoints(uri, hosts, SENTINEL_PORT), path, login(uri, authority, 0));
            }
            case REDIS_CLUSTER, REDISS_CLUSTER -> {
                if (!path.isEmpty()) {
                    throw new IllegalArgumentException(
                            shown(uri) + " names a database, and a cluster has none: expected " + FORMS + ".");
                }
                yield new RedisAddress(kind, endpoints(uri, hosts, PORT), null, login(uri, authority, 0));
            }
        };
    }

    private static List<Endpoint> endpoints(URI uri, String hosts, int defaultPort) {
        return Stream.of(hosts.split(",", -1))
                .map(host -> endpoint(uri, host, defaultPort))
                .toList();
    }

    private static Endpoint endpoint(URI uri, String text, int defaultPort) {
        Matcher parts = ENDPOINT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(shown(uri) + " has no host and port: expected " + FORMS + ".");
        }
        return new Endpoint(parts.group(1), parts.group(2) == null ? defaultPort : Integer.parseInt(parts.group(2)));
    }

    private static Login login(URI uri, String authority, int database) {
        int at = authority.lastIndexOf('@');
        if (at < 0) {
            return new Login(null, null, database);
        }
        int colon = authority.indexOf(':');
        if (colon < 0 || colon > at) {
            throw new IllegalArgumentException(shown(uri) + " has a user without a password: expected " + FORMS + ".");
        }
        return new Login(
                colon == 0 ? null : decoded(authority.substring(0, colon)),
                decoded(authority.substring(colon + 1, at)),
                database);
    }

    /** Without the percent signs of a URI; a plus stays one. */
    private static String decoded(String part) {
        return URI.create("x:" + part).getSchemeSpecificPart();
    }

    private static int database(URI uri, String path) {
        if (path.isEmpty()) {
            return 0;
        }
        if (!path.matches("\\d{1,4}")) {
            throw new IllegalArgumentException(
                    shown(uri) + " names no database: expected a number after the port, as in " + FORMS + ".");
        }
        return Integer.parseInt(path);
    }

    private static String shown(URI uri) {
        String text = uri.toString();
        int at = text.lastIndexOf('@');
        int slashes = text.indexOf("//");
        return at < 0 || slashes < 0 ? text : text.substring(0, slashes + 2) + "…" + text.substring(at);
    }

    boolean secure() {
        return switch (kind) {
            case REDISS, REDISS_SENTINEL, REDISS_CLUSTER -> true;
            case REDIS, REDIS_SENTINEL, REDIS_CLUSTER -> false;
        };
    }

    /**
     * Where calls go.
     *
     * @param manner of all primaries
     */
    Places places(Connector connector, Place.Manner manner) {
        return switch (kind) {
            case REDIS, REDISS -> new OnePlace(Place.of(connector, Primary.at(endpoints.get(0)), manner));
            case REDIS_SENTINEL, REDISS_SENTINEL ->
                new OnePlace(Place.of(
                        connector, new Sentinels(Objects.requireNonNull(name), endpoints, connector.tls()), manner));
            case REDIS_CLUSTER, REDISS_CLUSTER -> new ClusterPlaces(connector, endpoints, manner);
        };
    }
}
