package dev.holdfast;

import java.util.Objects;

/** What the applications of one server have to agree on, since they share it. */
final class OneServer {
    private OneServer() {}

    /** @throws IllegalStateException if they do not */
    static void requireSame(HoldfastConfig config, String route, HoldfastConfig other, String otherRoute) {
        if (!route.equals(otherRoute)) {
            throw new IllegalStateException(
                    "Two applications of this server name the node differently: \"" + route + "\" and \"" + otherRoute
                            + "\". Set holdfast.node once, as a system property or in the environment.");
        }
        if (!config.redis().equals(other.redis())
                || !config.login().equals(other.login())
                || !config.redisCa().equals(other.redisCa())
                || !config.timeout().equals(other.timeout())
                || config.replicas() != other.replicas()
                || !config.pages().equals(other.pages())
                || !Objects.equals(config.drainFile(), other.drainFile())
                || !config.drainLimit().equals(other.drainLimit())) {
            throw new IllegalStateException(
                    "Two applications of this server have different holdfast.redis, login at it, holdfast.redis.ca,"
                            + " holdfast.timeout, holdfast.durability, holdfast.health.path, holdfast.metrics.path,"
                            + " holdfast.drain.file or holdfast.drain.limit. Set them once, as system properties or in"
                            + " the environment.");
        }
    }
}
