package dev.holdfast.check;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The cookies of one browser that talks to one host. Confined to one thread. */
final class CookieJar {
    private record Key(String name, String path) {}

    private final Map<Key, SetCookie> cookies = new LinkedHashMap<>();

    CookieJar copy() {
        CookieJar copy = new CookieJar();
        copy.cookies.putAll(cookies);
        return copy;
    }

    /** Keeps, replaces and takes out what an answer says. */
    void keep(URI from, List<SetCookie> set) {
        for (SetCookie cookie : set) {
            Key key = new Key(cookie.name(), cookie.path(from));
            if (cookie.isExpired()) {
                cookies.remove(key);
            } else if (cookie.isTakenFrom(from)) {
                cookies.put(key, cookie);
            }
        }
    }

    /** What a request carries: the longest path first. */
    List<SetCookie> sentTo(URI address) {
        List<Key> keys = new ArrayList<>(cookies.keySet());
        keys.sort((one, other) -> other.path().length() - one.path().length());
        List<SetCookie> sent = new ArrayList<>();
        for (Key key : keys) {
            SetCookie cookie = cookies.get(key);
            if (cookie != null
                    && SetCookie.covers(key.path(), address)
                    && (!cookie.isSecure() || Addresses.isHttps(address))) {
                sent.add(cookie);
            }
        }
        return sent;
    }

    /** Gives all cookies of that name another value. */
    void change(String name, String value) {
        cookies.replaceAll((key, cookie) -> key.name().equals(name) ? cookie.withValue(value) : cookie);
    }

    /** Takes the other browser's cookies, except those. */
    void takeFrom(CookieJar other, Set<String> except) {
        other.cookies.forEach((key, cookie) -> {
            if (!except.contains(key.name())) {
                cookies.put(key, cookie);
            }
        });
    }

    /** The names of those, except some, that the other browser has with another value. */
    List<String> differing(CookieJar other, Set<String> except) {
        List<String> names = new ArrayList<>();
        other.cookies.forEach((key, cookie) -> {
            SetCookie own = cookies.get(key);
            if (!except.contains(key.name()) && (own == null || !own.value().equals(cookie.value()))) {
                names.add(key.name());
            }
        });
        return names;
    }
}
