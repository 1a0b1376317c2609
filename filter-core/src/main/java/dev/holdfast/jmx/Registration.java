package dev.holdfast.jmx;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/** A bean in the platform's MBean server, until it is closed. */
final class Registration implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.holdfast.jmx");

    private final @Nullable ObjectName name;

    private Registration(@Nullable ObjectName name) {
        this.name = name;
    }

    /**
     * Where another of this name is registered already, as by two servers in one JVM, it says so and does without.
     *
     * @param what for the log, as in "Node n1"
     * @param properties of the bean's name
     */
    static <T> Registration of(String what, String properties, T bean, Class<T> type) {
        try {
            ObjectName name = new ObjectName("dev.holdfast:" + properties);
            ManagementFactory.getPlatformMBeanServer().registerMBean(new StandardMBean(bean, type, true), name);
            return new Registration(name);
        } catch (JMException e) {
            LOG.log(Level.INFO, "{0} is not in JMX: {1}", what, e.getMessage());
            return new Registration(null);
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
