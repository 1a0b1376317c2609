package dev.holdfast.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What an operator finds of an application in JMX. */
class ManagedApplicationTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @Test
    void countersAreReadNowAndGoWithTheApplication() throws JMException {
        ObjectName name = new ObjectName("dev.holdfast:type=Application,node=\"n1\",name=\"shop\"");
        Map<String, Long> counters = new LinkedHashMap<>(Map.of("commits", 1L));
        AtomicInteger unsaved = new AtomicInteger();

        try (ManagedApplication shop = ManagedApplication.register(
                "n1",
                "shop",
                () -> counters,
                unsaved::get,
                () -> Map.of("holdfast_sessions", 2.0),
                () -> "found " + unsaved.get())) {
            ApplicationMXBean seen = JMX.newMXBeanProxy(server, name, ApplicationMXBean.class);
            assertThat(shop).isNotNull();
            assertThat(seen.getCounters()).containsExactly(Map.entry("commits", 1L));

            counters.put("commits", 2L);
            unsaved.set(3);

            assertThat(seen.getCounters()).containsExactly(Map.entry("commits", 2L));
            assertThat(seen.getUnsavedSessions()).isEqualTo(3);
            assertThat(seen.getMetrics()).containsExactly(Map.entry("holdfast_sessions", 2.0));
            assertThat(seen.getClassReport()).isEqualTo("found 3");
        }

        assertThat(server.isRegistered(name)).isFalse();
    }

    @Test
    void eachVersionOfAnApplicationHasABeanWhicheverStopsFirst() throws JMException {
        String properties = "dev.holdfast:type=Application,node=\"n1\",name=\"#2 \\\"x\\\"\"";
        ObjectName first = new ObjectName(properties);
        ObjectName second = new ObjectName(properties + ",instance=2");

        ManagedApplication old = ManagedApplication.register("n1", "#2 \"x\"", Map::of, () -> 1, Map::of, () -> "");
        try (ManagedApplication current =
                ManagedApplication.register("n1", "#2 \"x\"", Map::of, () -> 2, Map::of, () -> "")) {
            assertThat(current).isNotSameAs(old);
            assertThat(server.getAttribute(first, "UnsavedSessions")).isEqualTo(1);

            old.close();

            assertThat(server.isRegistered(first)).isFalse();
            assertThat(server.getAttribute(second, "UnsavedSessions")).isEqualTo(2);
        }
        assertThat(server.isRegistered(second)).isFalse();
    }
}
