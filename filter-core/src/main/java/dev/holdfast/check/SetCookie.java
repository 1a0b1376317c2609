package dev.holdfast.check;

import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One cookie as an answer sets it, read as browsers do (RFC 6265, section 5.2). Not {@link java.net.HttpCookie}, which
 * drops SameSite.
 *
 * @param attributes names in lower case; empty values where there are none
 */
record SetCookie(String name, String value, Map<String, String> attributes) {
    /** No clock is read for it: whoever takes a cookie out of browsers writes a date of long ago. */
    private static final Pattern YEAR_OF_LONG_AGO = Pattern.compile("\\b1\\d{3}\\b");

    /** Below the path of the session cookie: set for balancers, and no browser asks for it. */
    private static final String UNVISITED = "/.holdfast";

    /** Of a {@code Set-Cookie} line; empty if browsers drop it. */
    static Optional<SetCookie> parse(String line) {
        String[] parts = line.split(";", -1);
        int equals = parts[0].indexOf('=');
        String name = equals < 0 ? "" : parts[0].substring(0, equals).strip();
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> attributes = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            attributes.put(pair[0].strip().toLowerCase(Locale.ROOT), pair.length == 1 ? "" : pair[1].strip());
        }
        return Optional.of(new SetCookie(name, parts[0].substring(equals + 1).strip(), Map.copyOf(attributes)));
    }

    SetCookie withValue(String other) {
        return new SetCookie(name, other, attributes);
    }

    /** As it is written; empty if it is not there, or has no value. */
    String attribute(String attribute) {
        return attributes.getOrDefault(attribute, "");
    }

    boolean isSecure() {
        return attributes.containsKey("secure");
    }

    boolean isHttpOnly() {
        return attributes.containsKey("httponly");
    }

    /** Whether it takes the cookie out of the browser. */
    boolean isExpired() {
        String age = attribute("max-age");
        return age.isEmpty() ? YEAR_OF_LONG_AGO.matcher(attribute("expires")).find() : age.matches("-\\d+|0+");
    }

    boolean isForBalancersOnly() {
        return attribute("path").endsWith(UNVISITED);
    }

    /** Where it goes: its Path, else the directory of the address that set it. */
    String path(URI from) {
        String path = attribute("path");
        if (path.startsWith("/")) {
            return path;
        }
        String request = Addresses.path(from);
        return request.substring(0, Math.max(1, request.lastIndexOf('/')));
    }

    boolean isForHostOf(URI address) {
        String domain = attribute("domain").replaceFirst("^\\.", "").toLowerCase(Locale.ROOT);
        String host = address.getHost().toLowerCase(Locale.ROOT);
        return domain.isEmpty() || host.equals(domain) || host.endsWith("." + domain);
    }

    boolean isForNoSiteButSecure() {
        return attribute("samesite").equalsIgnoreCase("None") && !isSecure();
    }

    /** Whether browsers keep it, if that address sets it. */
    boolean isTakenFrom(URI address) {
        return isForHostOf(address) && (!isSecure() || Addresses.isHttps(address)) && !isForNoSiteButSecure();
    }

    /** Whether a cookie of that path is sent to that address. */
    static boolean covers(String path, URI address) {
        String request = Addresses.path(address);
        return request.equals(path)
                || (request.startsWith(path) && (path.endsWith("/") || request.charAt(path.length()) == '/'));
    }
}
