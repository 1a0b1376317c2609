package dev.holdfast;

import dev.holdfast.SessionCookies.Exchange;

/** {@code affinity=none}: the balancer goes round robin, or has a cookie of its own. */
final class NoRoute implements Routing {
    @Override
    public String presentable(String sessionId) {
        return sessionId;
    }

    @Override
    public void alive(Exchange exchange, String sessionId) {
        if (exchange.isNew() && !exchange.setsSessionCookie()) {
            exchange.setSessionCookie(sessionId); // a reset() has lost it
        }
    }

    @Override
    public void ended(Exchange exchange) {
        // The browser has no route.
    }
}
