package dev.holdfast.history.run;

import dev.holdfast.testing.Answer;
import dev.holdfast.testing.Browser;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The cookies of one browser for one application; for many requests at a time, as their answers come. */
final class Cookies {
    static final String EPOCH_COOKIE = "HFEPOCH";

    private static final Pattern PATH = Pattern.compile("(?i);\\s*path=([^;]*)");

    private final Map<String, String> cookies;

    Cookies() {
        this(Map.of());
    }

    private Cookies(Map<String, String> cookies) {
        this.cookies = new LinkedHashMap<>(cookies);
    }

    /**
     * What a request carries.
     *
     * @param header the value of the Cookie header; empty without cookies
     * @param id the session's id; empty if there is none
     * @param route the node that the affinity cookie names; empty if there is none
     * @param holder the node that the epoch cookie names; empty if there is none
     */
    record Carried(String header, String id, String route, String holder) {}

    synchronized Carried carried() {
        String header = cookies.entrySet().stream()
                .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                .collect(Collectors.joining("; "));
        return new Carried(
                header,
                cookies.getOrDefault(Browser.SESSION_COOKIE, ""),
                cookies.getOrDefault(Browser.ROUTE_COOKIE, ""),
                holder());
    }

    private String holder() {
        return cookies.entrySet().stream()
                .filter(cookie -> cookie.getKey().startsWith(EPOCH_COOKIE))
                .map(cookie -> cookie.getValue().substring(cookie.getValue().lastIndexOf('.') + 1))
                .findFirst()
                .orElse("");
    }

    /** Keeps what the answer from a path sets for this path, and forgets what it expires. */
    synchronized void keep(Answer answer, String path) {
        for (String header : answer.all("set-cookie")) {
            if (!path.startsWith(pathOf(header))) {
                continue;
            }
            String cookie = header.split(";", 2)[0];
            int equals = cookie.indexOf('=');
            String name = cookie.substring(0, equals);
            if (header.toLowerCase(Locale.ROOT).contains("max-age=0")) {
                cookies.remove(name);
            } else {
                cookies.put(name, cookie.substring(equals + 1));
            }
        }
    }

    private static String pathOf(String header) {
        Matcher matcher = PATH.matcher(header);
        return matcher.find() ? matcher.group(1) : "/";
    }

    /** A copy that lives a life of its own. */
    synchronized Cookies copy() {
        return new Cookies(cookies);
    }

    synchronized void clear() {
        cookies.clear();
    }
}
