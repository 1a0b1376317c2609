package dev.holdfast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Somebody takes the same steps in an application on two nodes twice, without a kill and with kills between them, and
 * has to see the same.
 *
 * <p>Nodes are killed where most is half-way; with {@code -Dapplications.whole=true} after each answer.
 */
public final class Failover {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    private Failover() {}

    /** What somebody does. */
    @FunctionalInterface
    public interface Steps {
        /**
         * Does it.
         *
         * @param nodes two, that run
         * @param kills after which of the answers, counted from 1, the node that gave it is to be killed
         * @return what is seen
         */
        String take(List<ContainerProcess> nodes, IntPredicate kills);
    }

    /**
     * Runs an application that knows nothing of Holdfast, and in whose sessions everything can be stored.
     *
     * @param expected what is seen, killed or not
     * @param applications exploded, by their paths without slash
     * @param settings of Holdfast beside those that each node needs
     * @param halfWay the answers after which the node is killed
     */
    public static void shows(
            String expected,
            ApplicationServer server,
            Map<String, Path> applications,
            Map<String, String> settings,
            Set<Integer> halfWay,
            Steps steps) {
        try (RedisProcess redis = RedisProcess.start();
                ContainerProcess n1 = server.node("n1", redis, applications, settings);
                ContainerProcess n2 = server.node("n2", redis, applications, settings)) {
            List<ContainerProcess> nodes = List.of(n1, n2);
            nodes.forEach(ContainerProcess::launch);

            String control = steps.take(nodes, answer -> false);
            String killed = steps.take(nodes, answer -> WHOLE || halfWay.contains(answer));

            assertThat(control).isEqualTo(expected);
            assertThat(killed).isEqualTo(control);
            // Nothing was refused, and nothing stayed on its node.
            assertThat(n1.log() + n2.log()).doesNotContain("HF-2").doesNotContain("HF-30");
        }
    }
}
