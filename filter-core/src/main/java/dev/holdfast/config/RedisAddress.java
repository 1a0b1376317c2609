package dev.holdfast.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is and who we are there, as {@code holdfast.redis} says it.
 *
 * @param secure whether we speak TLS
 * @param servers the server, the sentinels, or some servers of the cluster
 * @param name what the sentinels call the primary; null without sentinels
 * @param user null for Redis' default user
 * @param password null for none
 */
public record RedisAddress(
        Kind kind,
        boolean secure,
        List<Server> servers,
        @Nullable String name,
        @Nullable String user,
        @Nullable String password,
        int database) {
    /** Whom the address names. */
    public enum Kind {
        SERVER,
        SENTINEL,
        CLUSTER
    }

    /** Where one of them is. */
    public record Server(String host, int port) {}

    private static final List<String> SCHEMES =
            List.of("redis", "rediss", "redis-sentinel", "rediss-sentinel", "redis-cluster", "rediss-cluster");
    private static final Pattern SENTINEL =
            Pattern.compile("rediss?-sentinel://([^@/]*@)?(?<hosts>[^@/]+)/(?<name>[A-Za-z0-9._-]{1,64})");
    private static final Pattern CLUSTER = Pattern.compile("rediss?-cluster://([^@/]*@)?(?<hosts>[^@/?#]+)/?");
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?<host>[A-Za-z0-9.-]+|\\[[0-9a-fA-F:.]+]):(?<port>[0-9]{1,5})");
    private static final Pattern DATABASE = Pattern.compile("/?|/[0-9]{1,4}");

    public RedisAddress {
        servers = List.copyOf(servers);
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException if it is of no known form; the message does not contain the password
     */
    public static RedisAddress of(URI uri) {
        return parse(uri.toString());
    }

    /** The address as it was written, if it can be read. */
    static URI uri(String text) {
        RedisAddress ignored = parse(text);
        return URI.create(text);
    }

    private static RedisAddress parse(String text) {
        String scheme = text.contains("://") ? text.substring(0, text.indexOf("://")) : "";
        if (!SCHEMES.contains(scheme)) {
            throw new WrongValueException(form("redis")
                    + ", redis-sentinel://… for Sentinel, or redis-cluster://… for a cluster; for TLS rediss"
                    + " in place of redis");
        }
        String form = form(scheme);
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // Not chained: its message repeats the text, password included.
            throw new WrongValueException(form + "; special characters in user and password must be percent-encoded");
        }
        if (hasPlainSpecials(text, uri)) {
            throw new WrongValueException(
                    form + "; in user and password write %40 for @, %2F for /, %23 for # and %3F for ?");
        }
        if (uri.getRawAuthority() != null) {
            checkLogin(uri.getRawAuthority(), form, scheme);
        }
        if (isSentinel(scheme)) {
            Matcher address =
                    match(text, SENTINEL, form, ", where the name is what sentinel monitor calls the primary");
            return address(Kind.SENTINEL, uri, servers(address, form), address.group("name"), 0);
        }
        if (isCluster(scheme)) {
            Matcher address = match(text, CLUSTER, form, ", without a database: a cluster has one only");
            return address(Kind.CLUSTER, uri, servers(address, form), null, 0);
        }
        if (uri.getHost() == null) {
            throw new WrongValueException(form + "; a host has letters, digits, '-' and '.' only");
        }
        if (uri.getHost().contains("%")) {
            throw new WrongValueException(form + "; an IPv6 address is written without a zone, as %eth0 is one");
        }
        if (uri.getPort() < 1 || uri.getPort() > 65_535) {
            String missing = uri.getPort() == -1 ? "; the port is missing, which is 6379 unless you changed it" : "";
            throw new WrongValueException(form + " with a port between 1 and 65535" + missing);
        }
        if (!DATABASE.matcher(uri.getPath()).matches()) {
            throw new WrongValueException(form + " with a database number between 0 and 9999");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new WrongValueException(form + " without ? or #");
        }
        String database = uri.getPath().replace("/", "");
        return address(
                Kind.SERVER,
                uri,
                List.of(new Server(uri.getHost(), uri.getPort())),
                null,
                database.isEmpty() ? 0 : Integer.parseInt(database));
    }

    private static RedisAddress address(Kind kind, URI uri, List<Server> servers, @Nullable String name, int database) {
        String authority = uri.getRawAuthority();
        int at = authority.lastIndexOf('@');
        int colon = authority.indexOf(':');
        return new RedisAddress(
                kind,
                uri.getScheme().startsWith("rediss"),
                servers,
                name,
                at < 0 || colon == 0 ? null : decoded(authority.substring(0, colon)),
                at < 0 ? null : decoded(authority.substring(colon + 1, at)),
                database);
    }

    /** Without the percent signs of a URI; a plus stays one. */
    private static String decoded(String part) {
        return URI.create("x:" + part).getSchemeSpecificPart();
    }

    /** Of several @ only the last one ends a password; what a URI takes for its end leaves one behind it. */
    private static boolean hasPlainSpecials(String text, URI uri) {
        String authority = uri.getRawAuthority();
        return text.indexOf('@') != text.lastIndexOf('@')
                || (text.indexOf('@') >= 0 && (authority == null || authority.indexOf('@') < 0));
    }

    private static void checkLogin(String authority, String form, String scheme) {
        int at = authority.lastIndexOf('@');
        if (at >= 0 && !authority.substring(0, at).matches("[^:]*:.+")) {
            throw new WrongValueException(form + "; without a user it begins " + scheme + "://:password@");
        }
    }

    private static Matcher match(String text, Pattern pattern, String form, String hint) {
        Matcher address = pattern.matcher(text);
        if (!address.matches()) {
            throw new WrongValueException(form + hint);
        }
        return address;
    }

    private static List<Server> servers(Matcher address, String form) {
        List<Server> servers = new ArrayList<>();
        for (String each : address.group("hosts").split(",", -1)) {
            Matcher server = HOST_AND_PORT.matcher(each);
            if (!server.matches()) {
                throw new WrongValueException(form + "; \"" + each + "\" is no host and port");
            }
            int port = Integer.parseInt(server.group("port"));
            if (port < 1 || port > 65_535) {
                throw new WrongValueException(form + " with ports between 1 and 65535");
            }
            servers.add(new Server(server.group("host"), port));
        }
        return servers;
    }

    private static boolean isSentinel(String scheme) {
        return scheme.endsWith("-sentinel");
    }

    private static boolean isCluster(String scheme) {
        return scheme.endsWith("-cluster");
    }

    private static String form(String scheme) {
        if (isSentinel(scheme)) {
            return "must be " + scheme + "://[user:password@]host:port,host:port/name";
        }
        if (isCluster(scheme)) {
            return "must be " + scheme + "://[user:password@]host:port,host:port";
        }
        return "must be " + scheme + "://[user:password@]host:port[/db]";
    }

    /** Also hides what might be a password in a text that is no valid address. */
    static String mask(String text) {
        String shown = text;
        int end = shown.lastIndexOf('@');
        if (end >= 0) {
            int slashes = shown.indexOf("://");
            int begin = slashes >= 0 && slashes < end ? slashes + 3 : 0;
            int colon = shown.indexOf(':', begin);
            String user = colon >= 0 && colon < end ? shown.substring(begin, colon) + ":" : "";
            shown = shown.substring(0, begin) + user + "***" + shown.substring(end);
        }
        int query = shown.indexOf('?', Math.max(shown.lastIndexOf('@'), 0));
        return query < 0 ? shown : shown.substring(0, query) + "?***";
    }

    /** Who we are is secret. */
    @Override
    public String toString() {
        return kind + " " + servers + (name == null ? "" : " " + name) + (secure ? " by TLS" : "");
    }
}
