package dev.holdfast.tomcat;

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
 * The container's login state as plain values, which every version of Tomcat reads and which need no class in the policy.
 *
 * <p>A principal is its name and roles; passwords and tokens are never stored. A saved request of the FORM login is a map.
 */
final class LoginState {
    private LoginState() {}

    /** Null if the principal is of a kind whose roles cannot be told. */
    static @Nullable Object ofPrincipal(Principal principal) {
        if (!(principal instanceof GenericPrincipal generic)) {
            return null;
        }
        List<String> nameAndRoles = new ArrayList<>();
        nameAndRoles.add(generic.getName());
        nameAndRoles.addAll(List.of(generic.getRoles()));
        return nameAndRoles;
    }

    static @Nullable Principal toPrincipal(@Nullable Object stored) {
        if (!(stored instanceof List<?> list) || list.isEmpty()) {
            return null;
        }
        List<String> roles = new ArrayList<>();
        for (Object role : list.subList(1, list.size())) {
            roles.add(String.valueOf(role));
        }
        return new GenericPrincipal(String.valueOf(list.get(0)), roles);
    }

    static Object ofRequest(SavedRequest saved) {
        Map<String, Object> map = new HashMap<>();
        put(map, "method", saved.getMethod());
        put(map, "query", saved.getQueryString());
        put(map, "uri", saved.getRequestURI());
        put(map, "decodedUri", saved.getDecodedRequestURI());
        put(map, "contentType", saved.getContentType());
        put(map, "maxInactive", saved.getOriginalMaxInactiveIntervalOptional());
        ByteChunk body = saved.getBody();
        if (body != null) {
            byte[] bytes = new byte[body.getLength()];
            System.arraycopy(body.getBytes(), body.getStart(), bytes, 0, bytes.length);
            map.put("body", bytes);
        }
        List<String> headers = new ArrayList<>();
        for (Iterator<String> names = saved.getHeaderNames(); names.hasNext(); ) {
            String name = names.next();
            for (Iterator<String> values = saved.getHeaderValues(name); values.hasNext(); ) {
                headers.add(name);
                headers.add(values.next());
            }
        }
        map.put("headers", headers);
        List<String> cookies = new ArrayList<>();
        for (Iterator<Cookie> all = saved.getCookies(); all.hasNext(); ) {
            Cookie cookie = all.next();
            cookies.add(cookie.getName());
            cookies.add(cookie.getValue());
        }
        map.put("cookies", cookies);
        List<String> locales = new ArrayList<>();
        saved.getLocales().forEachRemaining(locale -> locales.add(locale.toLanguageTag()));
        map.put("locales", locales);
        return map;
    }

    static @Nullable SavedRequest toRequest(@Nullable Object stored) {
        if (!(stored instanceof Map<?, ?> map)) {
            return null;
        }
        SavedRequest saved = new SavedRequest();
        saved.setMethod(text(map, "method"));
        saved.setQueryString(text(map, "query"));
        saved.setRequestURI(text(map, "uri"));
        saved.setDecodedRequestURI(text(map, "decodedUri"));
        saved.setContentType(text(map, "contentType"));
        if (map.get("maxInactive") instanceof Integer seconds) {
            saved.setOriginalMaxInactiveInterval(seconds);
        }
        if (map.get("body") instanceof byte[] bytes) {
            ByteChunk body = new ByteChunk();
            body.setBytes(bytes, 0, bytes.length);
            saved.setBody(body);
        }
        List<String> headers = texts(map, "headers");
        for (int i = 0; i + 1 < headers.size(); i += 2) {
            saved.addHeader(headers.get(i), headers.get(i + 1));
        }
        List<String> cookies = texts(map, "cookies");
        for (int i = 0; i + 1 < cookies.size(); i += 2) {
            saved.addCookie(new Cookie(cookies.get(i), cookies.get(i + 1)));
        }
        texts(map, "locales").forEach(tag -> saved.addLocale(Locale.forLanguageTag(tag)));
        return saved;
    }

    private static void put(Map<String, Object> map, String name, @Nullable Object value) {
        if (value != null) {
            map.put(name, value);
        }
    }

    @SuppressWarnings("NullAway") // SavedRequest takes null for "none"
    private static @Nullable String text(Map<?, ?> map, String name) {
        return map.get(name) instanceof String text ? text : null;
    }

    private static List<String> texts(Map<?, ?> map, String name) {
        List<String> texts = new ArrayList<>();
        if (map.get(name) instanceof List<?> list) {
            list.forEach(value -> texts.add(String.valueOf(value)));
        }
        return texts;
    }
}
