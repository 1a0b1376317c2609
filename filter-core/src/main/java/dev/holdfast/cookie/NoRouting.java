package dev.holdfast.cookie;

import org.jspecify.annotations.Nullable;

/** {@code affinity=none}: the balancer goes round robin, or has a cookie of its own. */
final class NoRouting implements RoutePolicy {
    @Override
    public String presentable(String sessionId) {
        return sessionId;
    }

    @Override
    public void alive(CookieExchange exchange, String sessionId, @Nullable String successor) {
        if (exchange.isNew() && !exchange.setsSessionCookie()) {
            exchange.setSessionCookie(sessionId); // a reset() has lost it
        }
    }

    @Override
    public void ended(CookieExchange exchange) {
        // The browser has no route.
    }
}
