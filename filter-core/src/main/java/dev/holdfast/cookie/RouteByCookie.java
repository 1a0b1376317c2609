package dev.holdfast.cookie;

import dev.holdfast.affinity.AlternationGuard;
import dev.holdfast.affinity.RouteCookie;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code affinity=cookie}: the route is in a cookie of its own, and the session cookie stays as it is. */
final class RouteByCookie implements RoutePolicy {
    /** Below the path of the session cookie; nothing is ever served there. */
    private static final String UNVISITED = ".holdfast";

    private final RouteCookie own;
    private final Supplier<String> sessionCookiePath;
    private final AlternationGuard guard = new AlternationGuard();

    RouteByCookie(RouteCookie own, Supplier<String> sessionCookiePath) {
        this.own = own;
        this.sessionCookiePath = sessionCookiePath;
    }

    @Override
    public String presentable(String sessionId) {
        return sessionId;
    }

    @Override
    public void alive(CookieExchange exchange, String sessionId, @Nullable String successor) {
        List<String> presented = exchange.presented(own.name());
        boolean moves = successor == null && moves(presented, sessionId);
        if (moves) {
            exchange.set(own.name(), own.value());
        } else if (successor != null) {
            leave(exchange, presented, own.of(successor));
        }
        if (exchange.setsSessionCookie()) {
            return;
        }
        if (exchange.isNew()) {
            exchange.setSessionCookie(sessionId); // a reset() has lost it
        } else if (moves && exchange.cameWithSessionCookie() && !exchange.mayBeShared()) {
            exchange.setSessionCookieAt(unvisitedPath(), sessionId);
        }
    }

    private static void leave(CookieExchange exchange, List<String> presented, RouteCookie next) {
        if (!next.namesMe(presented)) {
            exchange.set(next.name(), next.value());
        }
    }

    private boolean moves(List<String> presented, String sessionId) {
        return !own.namesMe(presented) && (presented.isEmpty() || guard.mayMove(sessionId));
    }

    /**
     * A path that no browser asks for: at a takeover, balancers with a cookie of their own re-bind on the name of the
     * session cookie. For the browser itself it would be dangerous: an answer that was under way while another node
     * changed the id would put the old one back, and the user would be logged out.
     */
    private String unvisitedPath() {
        String path = sessionCookiePath.get();
        return path + (path.endsWith("/") ? "" : "/") + UNVISITED;
    }

    @Override
    public void ended(CookieExchange exchange) {
        if (!exchange.presented(own.name()).isEmpty()) {
            exchange.expire(own.name());
        }
    }
}
