package dev.holdfast.session.testing;

import static org.awaitility.Awaitility.await;

import dev.holdfast.session.ClientWaits;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.Rules;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.request.SessionCoordinator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One node of a {@link Site}. */
public final class TestNode {
    /** What a request may wait for another one's call; no test waits for the end of it. */
    public static final Duration PATIENT = Duration.ofSeconds(20);

    public final HookedStore store;
    public final TestSessions sessions = new TestSessions();
    /** Of the container. */
    public int threads = 200;

    public final ClientWaits waits = new ClientWaits();

    public final Ticker ticker;
    public final TextCodec codec = new TextCodec();
    public final SessionCoordinator coordinator;

    public TestNode(InMemorySessionStore store, Ticker ticker, SessionOptions options) {
        this(store, InMemoryNodeRegistry.alone(options.route(), ticker), ticker, options);
    }

    /** @param store the one in memory, or a real one */
    public TestNode(SessionStore store, Membership membership, Ticker ticker, SessionOptions options) {
        this.store = new HookedStore(store);
        this.ticker = ticker;
        this.coordinator = new SessionCoordinator(
                this.store, membership, codec, sessions, withThreads(options), waits, ticker, Rules.ALL);
    }

    private SessionOptions withThreads(SessionOptions options) {
        return new SessionOptions(
                options.application(),
                options.route(),
                options.roaming(),
                options.conflict(),
                options.oneAtATime(),
                options.expiry(),
                options.outage(),
                options.reseed(),
                options.timeout(),
                options.unstorable(),
                options.localAttributes(),
                options.inspector(),
                () -> threads);
    }

    /** Names of this node's calls since the last time this was asked. */
    public List<String> takeCalls() {
        return store.takeCalls();
    }

    public long counter(String name) {
        return coordinator.counters().all().get(name);
    }

    public void tick() {
        coordinator.tick();
        coordinator.saveOwed();
    }

    /** What the container does from time to time. */
    public void sweep() {
        coordinator.expireIdle();
    }

    /** The copies that serve. */
    public List<NearCopy> serving() {
        return coordinator.copies().stream().filter(NearCopy::isServing).toList();
    }

    /** Two requests, of which the second has arrived when the load of the first is sent. */
    public static void shareOneLoad(TestNode node, Exchange first, Exchange second) {
        new Exchange(node, first.id(), null).open().answer();
        node.takeCalls();
        NearCopy copy = node.serving().get(0);
        copy.lock.acquireUninterruptibly();
        CompletableFuture<?> loading = CompletableFuture.runAsync(first::open);
        awaitQueued(copy, 1);
        CompletableFuture<?> sharing = CompletableFuture.runAsync(second::open);
        awaitQueued(copy, 2);
        copy.lock.release();
        loading.join();
        sharing.join();
    }

    /** Waits until requests stand in the queue for a copy. */
    public static void awaitQueued(NearCopy copy, int requests) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> copy.lock.getQueueLength() == requests);
    }

    /** Waits until threads wait for what was last waited for by that clock. */
    public static void awaitWaiting(ManualTicker ticker, int threads) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> ticker.waiting() == threads);
    }
}
