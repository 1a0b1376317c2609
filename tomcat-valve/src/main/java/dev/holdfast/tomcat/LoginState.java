package dev.holdfast.tomcat;

import dev.holdfast.session.StoredLogin;
import jakarta.servlet.http.Cookie;
import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.catalina.authenticator.SavedRequest;
import org.apache.catalina.realm.GenericPrincipal;
import org.apache.tomcat.util.buf.ByteChunk;
import org.jspecify.annotations.Nullable;

/**
 * The container's login state as plain values, which every version of Tomcat reads and which need no class in the
 * policy.
 *
 * <p>A principal is its name and roles; passwords and tokens are never stored. A saved request of the FORM login is a
 * map.
 */
final class LoginState {
    private LoginState() {}

    /** Null if the principal is of a kind whose roles cannot be told. */
    static @Nullable Object ofPrincipal(Principal principal) {
        if (!(principal instanceof GenericPrincipal generic)) {
            return null;
        }
        return new StoredLogin.User(generic.getName(), List.of(generic.getRoles())).stored();
    }

    /** @throws IllegalArgumentException if it is no user */
    static Principal toPrincipal(Object stored) {
        StoredLogin.User user = StoredLogin.User.of(stored);
        if (user == null) {
            throw new IllegalArgumentException("not a user");
        }
        return new GenericPrincipal(user.name(), user.roles());
    }

    /** @throws IllegalArgumentException if it is no text */
    static String toText(Object stored) {
        if (stored instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("not a text");
    }

    static Object ofRequest(SavedRequest saved) {
        Map<String, Object> map = new HashMap<>();
        put(map, StoredLogin.METHOD, saved.getMethod());
        put(map, StoredLogin.QUERY, saved.getQueryString());
        put(map, StoredLogin.URI, saved.getRequestURI());
        put(map, StoredLogin.DECODED_URI, saved.getDecodedRequestURI());
        put(map, StoredLogin.CONTENT_TYPE, saved.getContentType());
        put(map, StoredLogin.MAX_INACTIVE, saved.getOriginalMaxInactiveIntervalOptional());
        ByteChunk body = saved.getBody();
        if (body != null) {
            byte[] bytes = new byte[body.getLength()];
            System.arraycopy(body.getBytes(), body.getStart(), bytes, 0, bytes.length);
            map.put(StoredLogin.BODY, bytes);
        }
        List<String> headers = new ArrayList<>();
        for (Iterator<String> names = saved.getHeaderNames(); names.hasNext(); ) {
            String name = names.next();
            for (Iterator<String> values = saved.getHeaderValues(name); values.hasNext(); ) {
                headers.add(name);
                headers.add(values.next());
            }
        }
        map.put(StoredLogin.HEADERS, headers);
        List<String> cookies = new ArrayList<>();
        for (Iterator<Cookie> all = saved.getCookies(); all.hasNext(); ) {
            Cookie cookie = all.next();
            cookies.add(cookie.getName());
            cookies.add(cookie.getValue());
        }
        map.put(StoredLogin.COOKIES, cookies);
        List<String> locales = new ArrayList<>();
        saved.getLocales().forEachRemaining(locale -> locales.add(locale.toLanguageTag()));
        map.put(StoredLogin.LOCALES, locales);
        return map;
    }

    /** @throws IllegalArgumentException if it is no request that Tomcat could go on with */
    static SavedRequest toRequest(Object stored) {
        if (!(stored instanceof Map<?, ?> map)
                || text(map, StoredLogin.METHOD) == null
                || text(map, StoredLogin.URI) == null
                || text(map, StoredLogin.DECODED_URI) == null) {
            throw new IllegalArgumentException("not a request");
        }
        SavedRequest saved = new SavedRequest();
        saved.setMethod(text(map, StoredLogin.METHOD));
        saved.setQueryString(text(map, StoredLogin.QUERY));
        saved.setRequestURI(text(map, StoredLogin.URI));
        saved.setDecodedRequestURI(text(map, StoredLogin.DECODED_URI));
        saved.setContentType(text(map, StoredLogin.CONTENT_TYPE));
        if (map.get(StoredLogin.MAX_INACTIVE) instanceof Integer seconds) {
            saved.setOriginalMaxInactiveInterval(seconds);
        }
        if (map.get(StoredLogin.BODY) instanceof byte[] bytes) {
            ByteChunk body = new ByteChunk();
            body.setBytes(bytes, 0, bytes.length);
            saved.setBody(body);
        }
        List<String> headers = StoredLogin.texts(map, StoredLogin.HEADERS);
        for (int i = 0; i + 1 < headers.size(); i += 2) {
            saved.addHeader(headers.get(i), headers.get(i + 1));
        }
        List<String> cookies = StoredLogin.texts(map, StoredLogin.COOKIES);
        for (int i = 0; i + 1 < cookies.size(); i += 2) {
            saved.addCookie(new Cookie(cookies.get(i), cookies.get(i + 1)));
        }
        StoredLogin.texts(map, StoredLogin.LOCALES).forEach(tag -> saved.addLocale(Locale.forLanguageTag(tag)));
        return saved;
    }

    private static void put(Map<String, Object> map, String name, @Nullable Object value) {
        if (value != null) {
            map.put(name, value);
        }
    }

    @SuppressWarnings("NullAway") // SavedRequest takes null for "none"
    private static @Nullable String text(Map<?, ?> map, String name) {
        return StoredLogin.text(map, name);
    }
}
