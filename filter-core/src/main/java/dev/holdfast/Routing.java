package dev.holdfast;

import dev.holdfast.SessionCookies.Exchange;

/** How the balancer is told which node holds a session; one for each value of {@code holdfast.affinity}. */
interface Routing {
    /** The name by which browsers know a session. */
    String presentable(String sessionId);

    /** Adds to the answer of a request that has used a session which goes on. */
    void alive(Exchange exchange, String sessionId);

    /** Adds to the answer of a request that has ended its session: a logged-out browser must not keep a node busy that is to be emptied. */
    void ended(Exchange exchange);
}
