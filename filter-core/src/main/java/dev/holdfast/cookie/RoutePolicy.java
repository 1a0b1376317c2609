package dev.holdfast.cookie;

import dev.holdfast.affinity.RouteCookie;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How the balancer is told which node holds a session; one for each value of {@code holdfast.affinity}. */
public interface RoutePolicy {
    /** The name by which browsers know a session. */
    String presentable(String sessionId);

    /**
     * Adds to the answer of a request that has used a session which goes on.
     *
     * @param successor the route of the node that the session is to go on at, because this one is about to leave; null
     *     for this node
     */
    void alive(CookieExchange exchange, String sessionId, @Nullable String successor);

    /**
     * Adds to the answer of a request that has ended its session: a logged-out browser must not keep a node busy that
     * is to be emptied.
     */
    void ended(CookieExchange exchange);

    /**
     * The route in a cookie of its own.
     *
     * @param own of this node
     */
    static RoutePolicy byCookie(RouteCookie own, Supplier<String> sessionCookiePath) {
        return new RouteByCookie(own, sessionCookiePath);
    }

    /** The route behind the session id. */
    static RoutePolicy bySuffix(String route) {
        return new RouteBySuffix(route);
    }

    /** No route. */
    static RoutePolicy none() {
        return new NoRouting();
    }
}
