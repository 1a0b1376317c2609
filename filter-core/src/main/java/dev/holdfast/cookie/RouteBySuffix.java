package dev.holdfast.cookie;

import dev.holdfast.affinity.AlternationGuard;
import dev.holdfast.session.SessionId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code affinity=suffix}: browsers know a session as its id and, behind a dot, the route of the node that holds it, in
 * cookies and in URLs.
 *
 * <p>Only there: neither an application nor the store ever sees the route in an id.
 */
final class RouteBySuffix implements RoutePolicy {
    private final String suffix;
    private final AlternationGuard guard = new AlternationGuard();

    RouteBySuffix(String route) {
        this.suffix = SessionId.ROUTE_SEPARATOR + route;
    }

    @Override
    public String presentable(String sessionId) {
        return sessionId + suffix;
    }

    @Override
    public void alive(CookieExchange exchange, String sessionId, @Nullable String successor) {
        String wanted = successor == null ? presentable(sessionId) : sessionId + SessionId.ROUTE_SEPARATOR + successor;
        // The container does not always know of the suffix when it sets the cookie, after a change of the id for one.
        if (exchange.isNew() || exchange.setsSessionCookie() || moves(exchange, sessionId, wanted)) {
            exchange.setSessionCookie(wanted);
        }
    }

    private boolean moves(CookieExchange exchange, String sessionId, String wanted) {
        if (!exchange.cameWithSessionCookie()) {
            return false; // by URL: the next links have the new suffix
        }
        if (exchange.mayBeShared()) {
            return false; // the next answer that is this browser's alone has it
        }
        List<String> presented = exchange.presented(exchange.sessionCookie());
        boolean away = !wanted.equals(presentable(sessionId)); // and not back and forth
        return !presented.contains(wanted) && (away || !hasRoute(presented) || guard.mayMove(sessionId));
    }

    private static boolean hasRoute(List<String> presented) {
        return presented.stream().anyMatch(value -> value.indexOf(SessionId.ROUTE_SEPARATOR) >= 0);
    }

    /** Also one that this answer sets: of a session that began and ended in one request. */
    @Override
    public void ended(CookieExchange exchange) {
        if (exchange.cameWithSessionCookie() || exchange.setsSessionCookie()) {
            exchange.expireSessionCookie();
        }
    }
}
