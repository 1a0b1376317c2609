package dev.holdfast.examples.check;

import java.net.HttpCookie;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The cookies of one browser that talks to one host. Confined to one request at a time. */
final class CookieJar {

    private record Key(String name, String path) {}

    private final Map<Key, String> cookies = new LinkedHashMap<>();

    /** Keeps, replaces or expires cookies as the answer's Set-Cookie lines say. */
    void store(List<String> setCookieLines) {
        for (String line : setCookieLines) {
            for (HttpCookie cookie : HttpCookie.parse(line)) {
                Key key = new Key(
                        cookie.getName(), Optional.ofNullable(cookie.getPath()).orElse("/"));
                if (cookie.getMaxAge() == 0) {
                    cookies.remove(key);
                } else {
                    cookies.put(key, cookie.getValue());
                }
            }
        }
    }

    /** The Cookie line for a request to that path; empty without cookies. The longest path comes first. */
    String header(String requestPath) {
        return cookies.entrySet().stream()
                .filter(cookie -> matches(cookie.getKey().path(), requestPath))
                .sorted((one, other) ->
                        other.getKey().path().length() - one.getKey().path().length())
                .map(cookie -> cookie.getKey().name() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
    }

    private static boolean matches(String path, String requestPath) {
        return requestPath.startsWith(path)
                && (requestPath.length() == path.length()
                        || path.endsWith("/")
                        || requestPath.charAt(path.length()) == '/');
    }

    /** The node that a balancer would send this browser to: of HFROUTE, else of a suffix of JSESSIONID. */
    @Nullable
    String route() {
        String route = value("HFROUTE");
        if (route != null) {
            return route.startsWith(".") ? route.substring(1) : route;
        }
        String id = value("JSESSIONID");
        int dot = id == null ? -1 : id.indexOf('.');
        return id == null || dot < 0 ? null : id.substring(dot + 1);
    }

    private @Nullable String value(String name) {
        return cookies.entrySet().stream()
                .filter(cookie -> cookie.getKey().name().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }
}
