package dev.holdfast.testing;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * The nodes that somebody visits one after the other. After some of the answers the node that gave it is killed, and
 * the next request goes to the next one. Not for several threads.
 *
 * <p>A killed node is started again when somebody is on the way to it, since most are not needed any more; with
 * {@code -Dapplications.whole=true}, where the next answer kills the next node, at once.
 */
public final class VisitedNodes {
    private static final boolean WHOLE = Boolean.getBoolean("applications.whole");

    private final List<? extends ContainerProcess> nodes;
    private final IntPredicate kills;

    /** Those that have answered, and were not killed since. */
    private final Set<ContainerProcess> answering = new HashSet<>();

    private int current;
    private int answers;

    /**
     * Begins at the first one.
     *
     * @param nodes that run, two if one is killed
     * @param kills after which of the answers, counted from 1, the node that gave it is killed
     */
    public VisitedNodes(List<? extends ContainerProcess> nodes, IntPredicate kills) {
        this.nodes = List.copyOf(nodes);
        this.kills = kills;
    }

    /** The one to ask next, which answers. */
    public ContainerProcess next() {
        ContainerProcess node = nodes.get(current);
        node.launchIfKilled();
        if (answering.add(node)) {
            node.awaitAnswer();
        }
        return node;
    }

    /** To be called when {@link #next} has answered. */
    public void answered() {
        answers++;
        if (kills.test(answers)) {
            ContainerProcess node = nodes.get(current);
            node.kill();
            answering.remove(node);
            if (WHOLE) {
                node.launch();
            }
            elsewhere();
        }
    }

    /** The next request goes to the next node. */
    public void elsewhere() {
        current = (current + 1) % nodes.size();
    }

    /** How many answers there were so far. */
    public int answers() {
        return answers;
    }

    /** What all of them have logged. */
    public String log() {
        StringBuilder log = new StringBuilder();
        nodes.forEach(node -> log.append(node.log()));
        return log.toString();
    }
}
