package dev.holdfast;

import dev.holdfast.config.NodeSettings;
import dev.holdfast.config.SettingsReader;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The paths of the pages that a server answers by itself, before any application sees the request. Immutable.
 *
 * @param health of the page that tells how the node is; null for none
 * @param metrics of the page with its metrics; null for none
 */
public record NodePages(@Nullable String health, @Nullable String metrics) {
    public static final NodePages NONE = new NodePages(null, null);

    /** Those of a server, as its applications' settings have them. */
    static NodePages of(SettingsReader settings) {
        return new NodePages(settings.find(NodeSettings.HEALTH_PATH), settings.find(NodeSettings.METRICS_PATH));
    }

    /** What is wrong with both paths together. */
    Optional<String> mistake() {
        return health != null && health.equals(metrics)
                ? Optional.of("holdfast.metrics.path and holdfast.health.path are both " + health
                        + ": set one of them to another path.")
                : Optional.empty();
    }

    /** Those that there are, as settings are written. */
    public String settings() {
        String first = health == null ? "" : NodeSettings.HEALTH_PATH + " = " + health;
        String second = metrics == null ? "" : NodeSettings.METRICS_PATH + " = " + metrics;
        return first + (first.isEmpty() || second.isEmpty() ? "" : " and ") + second;
    }

    /** Whether there is none. */
    public boolean areNone() {
        return health == null && metrics == null;
    }

    /**
     * Whether one of them has this path.
     *
     * @param path decoded, without parameters
     */
    public boolean have(@Nullable String path) {
        return path != null && (path.equals(health) || path.equals(metrics));
    }

    /**
     * Whether one that has this path is answered: the metrics at their path as it was sent, and at no other, since what
     * a proxy passes on though it is told not to pass on that one, is another.
     *
     * @param sent the path as the request has it
     */
    public boolean isAsked(String path, @Nullable String sent) {
        return path.equals(health) || path.equals(sent);
    }
}
