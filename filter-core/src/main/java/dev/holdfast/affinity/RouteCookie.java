package dev.holdfast.affinity;

import dev.holdfast.config.Names;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Name and value of one node's route cookie, and what the route cookies of a request say.
 *
 * <p>Knows neither attributes nor a servlet type: containers that run without the Servlet API use it, too. Immutable,
 * safe for use by many threads.
 */
public final class RouteCookie {
    private final String name;
    private final String prefix;
    private final String route;
    private final String dottedRoute;

    /**
     * @param name {@code holdfast.affinity.cookie}
     * @param prefix {@code holdfast.affinity.prefix}: empty or a dot
     * @param route the name of this node
     * @throws IllegalArgumentException if the route is none
     */
    public RouteCookie(String name, String prefix, String route) {
        if (!Names.isRoute(route)) {
            throw new IllegalArgumentException("\"" + route + "\" is no route: it must be " + Names.ROUTES);
        }
        this.name = name;
        this.prefix = prefix;
        this.route = route;
        this.dottedRoute = "." + route;
    }

    /** The cookie of another node. */
    public RouteCookie of(String otherRoute) {
        return new RouteCookie(name, prefix, otherRoute);
    }

    public String name() {
        return name;
    }

    public String route() {
        return route;
    }

    /** What the cookie is set to. */
    public String value() {
        return prefix + route;
    }

    /**
     * True if any of the route cookies names this node, with or without the dot.
     *
     * <p>Any of them is enough: balancers and containers differ in which of two cookies counts, and a node that
     * insisted on one of them would set the cookie for ever.
     *
     * @param presented the values of all route cookies of a request
     */
    public boolean namesMe(List<String> presented) {
        for (int i = 0; i < presented.size(); i++) { // each answer asks: without an iterator
            if (isMyRoute(presented.get(i))) {
                return true;
            }
        }
        return false;
    }

    boolean isMyRoute(@Nullable String value) {
        return route.equals(value) || dottedRoute.equals(value);
    }
}
