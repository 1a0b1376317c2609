package dev.holdfast.jmx;

import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import javax.management.ObjectName;

/** An application of a node in the platform's MBean server, until it is closed. */
public final class ManagedApplication implements AutoCloseable {
    private final Registration registration;

    private ManagedApplication(Registration registration) {
        this.registration = registration;
    }

    /**
     * Registers an application; where another of this name is registered already, as by another version of it, the name
     * has {@code instance=2} behind it.
     *
     * @param route the node's name
     * @param app what {@code holdfast.app} is
     * @param counters what {@link ApplicationMXBean#getCounters} answers
     * @param unsaved what {@link ApplicationMXBean#getUnsavedSessions} answers
     * @param metrics what {@link ApplicationMXBean#getMetrics} answers
     * @param classes what {@link ApplicationMXBean#getClassReport} answers
     */
    public static ManagedApplication register(
            String route,
            String app,
            Supplier<Map<String, Long>> counters,
            IntSupplier unsaved,
            Supplier<Map<String, Double>> metrics,
            Supplier<String> classes) {
        ApplicationMXBean application = new ApplicationMXBean() {
            @Override
            public Map<String, Long> getCounters() {
                return counters.get();
            }

            @Override
            public int getUnsavedSessions() {
                return unsaved.getAsInt();
            }

            @Override
            public Map<String, Double> getMetrics() {
                return metrics.get();
            }

            @Override
            public String getClassReport() {
                return classes.get();
            }
        };
        return new ManagedApplication(Registration.oneOfMany(
                "Application " + app + " of node " + route,
                "type=Application,node=" + ObjectName.quote(route) + ",name=" + ObjectName.quote(app),
                application,
                ApplicationMXBean.class));
    }

    @Override
    public void close() {
        registration.close();
    }
}
