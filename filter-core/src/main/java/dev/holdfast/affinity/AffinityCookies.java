package dev.holdfast.affinity;

import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.http.Cookie;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and makes the route cookie of one node.
 *
 * <p>Knows nothing about sessions: whoever calls it decides when a cookie is due. Immutable, safe for use by many
 * threads.
 */
final class AffinityCookies {
    private static final String MAX_AGE = "Max-Age";
    private static final String EXPIRES = "Expires";

    private final RouteCookie own;

    /**
     * @param cookieName {@code holdfast.affinity.cookie}
     * @param prefix {@code holdfast.affinity.prefix}: empty or a dot
     * @param route the name of this node
     * @throws IllegalArgumentException if the route is none
     */
    AffinityCookies(String cookieName, String prefix, String route) {
        this.own = new RouteCookie(cookieName, prefix, route);
    }

    String cookieName() {
        return own.name();
    }

    String route() {
        return own.route();
    }

    /**
     * True if any of the route cookies names this node, see {@link RouteCookie#namesMe}.
     *
     * @param cookies as the request has them
     */
    boolean namesMe(Cookie @Nullable [] cookies) {
        if (cookies == null) {
            return false;
        }
        for (Cookie cookie : cookies) {
            if (own.name().equals(cookie.getName()) && own.isMyRoute(cookie.getValue())) {
                return true;
            }
        }
        return false;
    }

    /** True if the request has a route cookie, whatever its value. */
    boolean present(Cookie @Nullable [] cookies) {
        if (cookies == null) {
            return false;
        }
        for (Cookie cookie : cookies) {
            if (own.name().equals(cookie.getName())) {
                return true;
            }
        }
        return false;
    }

    /**
     * A cookie that names this node and goes wherever the session cookie goes.
     *
     * @param likeSessionCookie gives Path, Domain, Secure, HttpOnly, SameSite, Partitioned, any other attribute, and
     *     the life time
     */
    Cookie set(Cookie likeSessionCookie) {
        Cookie cookie = with(own.value(), likeSessionCookie);
        if (likeSessionCookie.getMaxAge() > 0) {
            cookie.setMaxAge(likeSessionCookie.getMaxAge());
        }
        return cookie;
    }

    /**
     * A cookie that takes the route cookie out of the browser; with the attributes of {@link #set}, or browsers keep
     * the old one.
     */
    Cookie expire(Cookie likeSessionCookie) {
        Cookie cookie = with("", likeSessionCookie);
        cookie.setMaxAge(0);
        return cookie;
    }

    private Cookie with(String value, Cookie like) {
        Cookie cookie = new Cookie(own.name(), value);
        copyAttributes(like.getAttributes(), cookie);
        return cookie;
    }

    /** True if this field value of a {@code Set-Cookie} header sets or expires the route cookie. */
    boolean isRouteCookie(String setCookie) {
        return setCookie.startsWith(own.name() + "=");
    }

    /**
     * The session cookie as the container would set it, without its value, for code that cannot see the container's
     * own.
     *
     * <p>Always HttpOnly: containers have switches of their own for that, which this configuration does not show, and
     * no script needs the route.
     *
     * @param contextPath of the application as {@code ServletContext} gives it: not encoded, empty for the root
     * @param secure {@code request.isSecure()}; a proxy's header is the container's to judge
     */
    static Cookie likeSessionCookie(SessionCookieConfig config, String contextPath, boolean secure) {
        Cookie cookie = new Cookie(config.getName() == null ? "JSESSIONID" : config.getName(), "");
        copyAttributes(config.getAttributes(), cookie);
        if (config.getDomain() != null) {
            cookie.setDomain(config.getDomain());
        }
        String path = config.getPath() == null ? encoded(contextPath) : config.getPath();
        cookie.setPath(path.isEmpty() ? "/" : path);
        cookie.setSecure(config.isSecure() || secure);
        cookie.setHttpOnly(true);
        cookie.setMaxAge(config.getMaxAge());
        return cookie;
    }

    /** As containers send it: a cookie may have ASCII only. */
    private static String encoded(String path) {
        try {
            return new URI(null, null, path, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("\"" + path + "\" is no context path", e);
        }
    }

    private static void copyAttributes(@Nullable Map<String, String> attributes, Cookie cookie) {
        if (attributes == null) {
            return;
        }
        attributes.forEach((name, value) -> {
            if (value != null && !name.equalsIgnoreCase(MAX_AGE) && !name.equalsIgnoreCase(EXPIRES)) {
                cookie.setAttribute(name, value);
            }
        });
    }
}
