package dev.holdfast.jmx;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.jspecify.annotations.Nullable;

/** A bean in the platform's MBean server, until it is closed. */
final class Registration implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.holdfast.jmx");

    /** More versions of one application than anybody runs side by side. */
    private static final int INSTANCES = 100;

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
        return of(what, properties, bean, type, 1);
    }

    /**
     * Where others of this name are registered already, as by another version of an application, the next one's name
     * has {@code instance=2} behind it, and so on.
     *
     * @param what for the log, as in "Application shop"
     * @param properties of the bean's name
     */
    static <T> Registration oneOfMany(String what, String properties, T bean, Class<T> type) {
        return of(what, properties, bean, type, INSTANCES);
    }

    private static <T> Registration of(String what, String properties, T bean, Class<T> type, int instances) {
        for (int instance = 1; ; instance++) {
            try {
                String suffix = instance == 1 ? "" : ",instance=" + instance;
                ObjectName name = new ObjectName("dev.holdfast:" + properties + suffix);
                ManagementFactory.getPlatformMBeanServer().registerMBean(new StandardMBean(bean, type, true), name);
                return new Registration(name);
            } catch (InstanceAlreadyExistsException e) {
                if (instance >= instances) {
                    return without(what, e);
                }
            } catch (JMException | RuntimeException e) { // whatever the server's own way of watching beans throws
                return without(what, e);
            }
        }
    }

    private static Registration without(String what, Exception e) {
        LOG.log(Level.INFO, "{0} is not in JMX: {1}", what, e.getMessage());
        return new Registration(null);
    }

    @Override
    public void close() {
        if (name == null) {
            return;
        }
        try {
            ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
        } catch (JMException | RuntimeException e) { // the application is to stop whatever this throws
            LOG.log(Level.INFO, "{0} cannot be taken from JMX: {1}", name, e.getMessage());
        }
    }
}
