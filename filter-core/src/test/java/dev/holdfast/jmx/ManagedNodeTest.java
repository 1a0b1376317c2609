package dev.holdfast.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What an operator finds in JMX. */
class ManagedNodeTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @Test
    void operationExaminesNowAndGoesWithTheNode() throws JMException {
        ObjectName name = new ObjectName("dev.holdfast:type=Node,node=\"n1\"");

        List<Object> done = new ArrayList<>();
        ManagedNode.Draining draining = new ManagedNode.Draining(
                () -> "soft", (mode, force) -> done.addAll(List.of(mode, force)), () -> done.add("ended"));
        ManagedNode.Draining never = new ManagedNode.Draining(() -> "no", (mode, force) -> {}, () -> {});

        try (ManagedNode node = ManagedNode.register(
                        "n1",
                        () -> List.of("HF-000: found", "seen"),
                        () -> Map.of("holdfast_draining", 1.0),
                        draining);
                ManagedNode other =
                        ManagedNode.register("n1", () -> List.of("of another server in this JVM"), Map::of, never)) {
            assertThat(node).isNotSameAs(other);
            assertThat((String[]) server.invoke(name, "examine", null, null)).containsExactly("HF-000: found", "seen");
            assertThat(server.getAttribute(name, "Drain")).isEqualTo("soft");
            assertThat(JMX.newMXBeanProxy(server, name, NodeMXBean.class).getMetrics())
                    .containsExactly(Map.entry("holdfast_draining", 1.0));
            server.invoke(name, "drain", new Object[] {"move", true}, new String[] {String.class.getName(), "boolean"});
            server.invoke(name, "endDrain", null, null);
            assertThat(done).containsExactly("move", true, "ended");
        }

        assertThat(server.isRegistered(name)).isFalse();
    }
}
