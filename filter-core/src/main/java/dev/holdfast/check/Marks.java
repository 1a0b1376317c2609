package dev.holdfast.check;

import dev.holdfast.config.Names;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * By which cookies a session and its node are known. Their values are whatever a server wrote.
 *
 * @param route empty if the route stands behind the session id, or nowhere
 */
record Marks(String session, String route, String epoch) {
    static final String ROUTE = "HFROUTE";
    static final String EPOCH = "HFEPOCH";

    /** The usual name of a container's session cookie. */
    static final String SESSION = "JSESSIONID";

    /** As the answers of one visit set them; null if session or epoch are missing, or are not Holdfast's. */
    static @Nullable Marks of(List<SetCookie> set) {
        SetCookie session = null;
        SetCookie mark = null;
        for (SetCookie cookie : set) {
            if (SessionId.parsePresented(cookie.value()) != null) {
                session = cookie;
            } else if (isEpoch(cookie)) {
                mark = cookie;
            }
        }
        Epoch epoch = mark == null ? null : Epoch.parse(mark.value());
        return session == null || mark == null || epoch == null
                ? null
                : new Marks(session.name(), routeCookie(set, epoch), mark.name());
    }

    static boolean isEpoch(SetCookie cookie) {
        return cookie.name().startsWith(EPOCH) && Epoch.parse(cookie.value()) != null;
    }

    /** HFROUTE, or what {@code holdfast.affinity.cookie} calls it: its value begins as the owner of the epoch does. */
    private static String routeCookie(List<SetCookie> set, Epoch epoch) {
        String named = "";
        for (SetCookie cookie : set) {
            if (cookie.name().equals(ROUTE)) {
                return ROUTE;
            }
            String route = bare(cookie.value());
            if (epoch.hasHolder()
                    && Names.isRoute(route)
                    && route.startsWith(epoch.route())
                    && SessionId.parse(route) == null) {
                named = cookie.name();
            }
        }
        return named;
    }

    Set<String> names() {
        return route.isEmpty() ? Set.of(session, epoch) : Set.of(session, route, epoch);
    }

    @Nullable
    SessionId id(List<SetCookie> cookies) {
        return SessionId.parsePresented(value(cookies, session));
    }

    @Nullable
    Epoch epoch(List<SetCookie> cookies) {
        return Epoch.parse(value(cookies, epoch));
    }

    /** The node that the route names; null if there is none. */
    @Nullable
    String node(List<SetCookie> cookies) {
        String value = value(cookies, route.isEmpty() ? session : route);
        String named = value == null ? "" : route.isEmpty() ? suffix(value) : bare(value);
        return Names.isRoute(named) ? named : null;
    }

    /** Lets a browser name a node, in the form in which it names one now. */
    void name(String node, CookieJar jar, List<SetCookie> cookies) {
        String named = route.isEmpty() ? session : route;
        String value = value(cookies, named);
        if (value != null) {
            int end = value.lastIndexOf(SessionId.ROUTE_SEPARATOR) + 1;
            jar.change(named, value.substring(0, end) + node);
        }
    }

    /** How a message tells of a request that names that node. */
    String naming(String node) {
        return route.isEmpty()
                ? "cookie " + session + " ends with " + SessionId.ROUTE_SEPARATOR + node
                : "cookie " + route + " names " + node;
    }

    private static @Nullable String value(List<SetCookie> cookies, String name) {
        for (SetCookie cookie : cookies) {
            if (cookie.name().equals(name)) {
                return cookie.value();
            }
        }
        return null;
    }

    private static String suffix(String value) {
        int dot = value.indexOf(SessionId.ROUTE_SEPARATOR);
        return dot < 0 ? "" : value.substring(dot + 1);
    }

    private static String bare(String value) {
        return value.startsWith(".") ? value.substring(1) : value;
    }
}
