package dev.holdfast.jmx;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/** A node in the platform's MBean server, until it is closed. */
public final class ManagedNode implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.holdfast.jmx");

    private final @Nullable ObjectName name;

    private ManagedNode(@Nullable ObjectName name) {
        this.name = name;
    }

    /**
     * Registers a node; where another of this name is registered already, as by two servers in one JVM, it says so and does without.
     *
     * @param route the node's name
     * @param examination what {@link NodeMXBean#examine} answers
     */
    public static ManagedNode register(String route, Supplier<List<String>> examination) {
        NodeMXBean node = () -> examination.get().toArray(String[]::new);
        try {
            ObjectName name = new ObjectName("dev.holdfast:type=Node,node=" + ObjectName.quote(route));
            ManagementFactory.getPlatformMBeanServer()
                    .registerMBean(new StandardMBean(node, NodeMXBean.class, true), name);
            return new ManagedNode(name);
        } catch (JMException e) {
            LOG.log(Level.INFO, "Node {0} is not in JMX: {1}", route, e.getMessage());
            return new ManagedNode(null);
        }
    }

    @Override
    public void close() {
        if (name == null) {
            return;
        }
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (JMException e) {
            LOG.log(Level.INFO, "{0} cannot be taken from JMX: {1}", name, e.getMessage());
        }
    }
}
