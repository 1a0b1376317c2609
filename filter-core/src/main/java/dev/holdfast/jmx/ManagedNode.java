package dev.holdfast.jmx;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import javax.management.ObjectName;

/** A node in the platform's MBean server, until it is closed. */
public final class ManagedNode implements AutoCloseable {
    private final Registration registration;

    private ManagedNode(Registration registration) {
        this.registration = registration;
    }

    /**
     * How an operator drains a node.
     *
     * @param mode what {@link NodeMXBean#getDrain} answers
     * @param begin what {@link NodeMXBean#drain} does
     * @param end what {@link NodeMXBean#endDrain} does
     */
    public record Draining(Supplier<String> mode, BiConsumer<String, Boolean> begin, Runnable end) {}

    /**
     * Registers a node; where another of this name is registered already, as by two servers in one JVM, it says so and
     * does without.
     *
     * @param route the node's name
     * @param examination what {@link NodeMXBean#examine} answers
     * @param metrics what {@link NodeMXBean#getMetrics} answers
     */
    public static ManagedNode register(
            String route,
            Supplier<List<String>> examination,
            Supplier<Map<String, Double>> metrics,
            Draining draining) {
        NodeMXBean node = new NodeMXBean() {
            @Override
            public String[] examine() {
                return examination.get().toArray(String[]::new);
            }

            @Override
            public Map<String, Double> getMetrics() {
                return metrics.get();
            }

            @Override
            public String getDrain() {
                return draining.mode().get();
            }

            @Override
            public void drain(String mode, boolean force) {
                draining.begin().accept(mode, force);
            }

            @Override
            public void endDrain() {
                draining.end().run();
            }
        };
        return new ManagedNode(
                Registration.of("Node " + route, "type=Node,node=" + ObjectName.quote(route), node, NodeMXBean.class));
    }

    @Override
    public void close() {
        registration.close();
    }
}
