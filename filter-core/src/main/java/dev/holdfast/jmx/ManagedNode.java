package dev.holdfast.jmx;

import java.util.List;
import java.util.function.Supplier;
import javax.management.ObjectName;

/** A node in the platform's MBean server, until it is closed. */
public final class ManagedNode implements AutoCloseable {
    private final Registration registration;

    private ManagedNode(Registration registration) {
        this.registration = registration;
    }

    /**
     * Registers a node; where another of this name is registered already, as by two servers in one JVM, it says so and
     * does without.
     *
     * @param route the node's name
     * @param examination what {@link NodeMXBean#examine} answers
     */
    public static ManagedNode register(String route, Supplier<List<String>> examination) {
        NodeMXBean node = () -> examination.get().toArray(String[]::new);
        return new ManagedNode(
                Registration.of("Node " + route, "type=Node,node=" + ObjectName.quote(route), node, NodeMXBean.class));
    }

    @Override
    public void close() {
        registration.close();
    }
}
