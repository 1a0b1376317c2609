package dev.holdfast.metrics;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The metrics of one server process: those of the node, and of each of its applications while it runs. Safe for use by
 * many threads.
 *
 * <p><b>Implementation note.</b> One monitor for all servers of this JVM: who begins to listen is told of each group
 * once, whether it was there or comes at the same moment.
 */
public final class ServerMetrics {
    private static final Object ALL = new Object();

    @GuardedBy("ALL")
    private static final List<ServerMetrics> SERVERS = new ArrayList<>();

    @GuardedBy("ALL")
    private static final List<Listener> LISTENERS = new ArrayList<>();

    private final String node;

    @GuardedBy("ALL")
    private final Map<Map<String, String>, MetricGroup> groups = new LinkedHashMap<>();

    /** Whoever follows all groups of this JVM. Must not add or remove metrics. */
    interface Listener {
        void added(MetricGroup group);

        void removed(MetricGroup group);
    }

    /** @param node its name */
    public ServerMetrics(String node) {
        this.node = node;
    }

    /**
     * Adds metrics; those of the same labels are added up.
     *
     * @param labels of each of them, by name
     * @param metrics the same for each application
     */
    public void add(Map<String, String> labels, List<Metric> metrics) {
        synchronized (ALL) {
            if (groups.isEmpty()) {
                SERVERS.add(this);
            }
            MetricGroup known = groups.get(labels);
            if (known != null) {
                known.add(metrics);
                return;
            }
            MetricGroup group = new MetricGroup(node, labels, metrics);
            groups.put(group.labels(), group);
            List.copyOf(LISTENERS).forEach(listener -> listener.added(group));
        }
    }

    /** Takes away what was added: the same objects. */
    public void remove(Map<String, String> labels, List<Metric> metrics) {
        synchronized (ALL) {
            MetricGroup group = groups.get(labels);
            if (group == null || group.remove(metrics)) {
                return;
            }
            groups.remove(labels);
            List.copyOf(LISTENERS).forEach(listener -> listener.removed(group));
            if (groups.isEmpty()) {
                SERVERS.remove(this);
            }
        }
    }

    /** All groups of this server, in the order in which they came. */
    public List<MetricGroup> groups() {
        synchronized (ALL) {
            return List.copyOf(groups.values());
        }
    }

    /** Tells of all groups that there are, and of those to come, until {@link #forget}. */
    static void tell(Listener listener) {
        synchronized (ALL) {
            LISTENERS.add(listener);
            SERVERS.forEach(server -> server.groups.values().forEach(listener::added));
        }
    }

    static void forget(Listener listener) {
        synchronized (ALL) {
            LISTENERS.remove(listener);
        }
    }
}
