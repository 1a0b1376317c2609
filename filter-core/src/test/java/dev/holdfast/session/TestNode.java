package dev.holdfast.session;

import java.time.Duration;
import java.util.List;

/** One node of a {@link Site}. */
final class TestNode {
    /** What a request may wait for another one's call; no test waits for the end of it. */
    static final Duration PATIENT = Duration.ofSeconds(20);

    final HookedStore store;
    final TestSessions sessions = new TestSessions();
    final ManualTicker ticker;
    final SessionCoordinator coordinator;

    TestNode(InMemorySessionStore store, ManualTicker ticker, String route, boolean roaming, Duration timeout) {
        this.store = new HookedStore(store);
        this.ticker = ticker;
        this.coordinator =
                new SessionCoordinator(this.store, new TextCodec(), sessions, route, roaming, timeout, ticker);
    }

    /** Names of this node's calls since the last time this was asked. */
    List<String> takeCalls() {
        return store.takeCalls();
    }

    long counter(String name) {
        return coordinator.counters().all().get(name);
    }

    void tick() {
        coordinator.tick();
    }

    /** What the container does from time to time. */
    void sweep() {
        coordinator.expireIdle();
    }

    /** The copies that serve. */
    List<NearCopy> serving() {
        return coordinator.copies().stream().filter(NearCopy::isServing).toList();
    }
}
