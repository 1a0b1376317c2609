package dev.holdfast.session;

import dev.holdfast.session.testing.InMemoryNodeRegistry;
import dev.holdfast.session.testing.ManualTicker;
import dev.holdfast.session.testing.TestNode;
import java.util.List;

/** The contract on the registry in memory. */
class InMemoryNodeRegistryTest extends NodeRegistryContract {
    private final ManualTicker ticker = new ManualTicker();
    private final InMemoryNodeRegistry registry = new InMemoryNodeRegistry(ticker);

    @Override
    protected NodeRegistry registry() {
        return registry;
    }

    @Override
    protected void letRunOut(LiveNode node) {
        ticker.advance(Lifetimes.REGISTRY.plusMillis(1));
        // The clock is of all: the others have renewed theirs meanwhile.
        for (LiveNode other : List.of(n1, n2)) {
            if (!other.equals(node)) {
                registry.enter(other, NodeRegistry.EntryKind.RENEWED, new WaitBudget(TestNode.PATIENT));
            }
        }
    }
}
