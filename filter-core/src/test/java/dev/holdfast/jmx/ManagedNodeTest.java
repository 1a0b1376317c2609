package dev.holdfast.jmx;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** What an operator finds in JMX. */
class ManagedNodeTest {
    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

    @Test
    void operationExaminesNowAndGoesWithTheNode() throws JMException {
        ObjectName name = new ObjectName("dev.holdfast:type=Node,node=\"n1\"");

        try (ManagedNode node = ManagedNode.register("n1", () -> List.of("HF-000: found", "seen"));
                ManagedNode other = ManagedNode.register("n1", () -> List.of("of another server in this JVM"))) {
            assertThat(node).isNotSameAs(other);
            assertThat((String[]) server.invoke(name, "examine", null, null)).containsExactly("HF-000: found", "seen");
        }

        assertThat(server.isRegistered(name)).isFalse();
    }
}
