package dev.holdfast.session.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionOptions.Conflict;
import dev.holdfast.session.SessionOptions.Expiry;
import dev.holdfast.session.SessionOptions.Outage;
import dev.holdfast.session.SessionSnapshot;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoredValue;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.recovery.Membership;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A store, a clock, and nodes that share them. */
public final class Site {
    public final InMemorySessionStore store = new InMemorySessionStore();
    public final ManualTicker ticker = new ManualTicker();
    public final InMemoryNodeRegistry registry = new InMemoryNodeRegistry(ticker);

    public TestNode node(String route) {
        return node(TestOptions.of(
                route, false, Conflict.REFUSE, false, Expiry.AT_LEAST_ONCE, Outage.REFUSE, true, TestNode.PATIENT));
    }

    /** A node whose requests wait for nothing: a busy lock refuses them at once. */
    public TestNode impatientNode(String route) {
        return node(TestOptions.of(
                route, false, Conflict.REFUSE, false, Expiry.AT_LEAST_ONCE, Outage.REFUSE, true, Duration.ZERO));
    }

    public TestNode roamingNode(String route) {
        return node(TestOptions.of(
                route, true, Conflict.REFUSE, false, Expiry.AT_LEAST_ONCE, Outage.REFUSE, true, TestNode.PATIENT));
    }

    /** A node on which the last writer wins. */
    public TestNode overwritingNode(String route) {
        return node(TestOptions.of(
                route, false, Conflict.OVERWRITE, false, Expiry.AT_LEAST_ONCE, Outage.REFUSE, true, TestNode.PATIENT));
    }

    /** A node on which requests of one session queue. */
    public TestNode queueingNode(String route) {
        return node(TestOptions.of(
                route, false, Conflict.REFUSE, true, Expiry.AT_LEAST_ONCE, Outage.REFUSE, true, TestNode.PATIENT));
    }

    /** A node that tells of ends when they are final. */
    public TestNode atMostOnceNode(String route) {
        return node(TestOptions.of(
                route, false, Conflict.REFUSE, false, Expiry.AT_MOST_ONCE, Outage.REFUSE, true, TestNode.PATIENT));
    }

    /** A node that goes on while the store is away. */
    public TestNode servingNode(String route) {
        return node(TestOptions.of(
                route, false, Conflict.REFUSE, false, Expiry.AT_LEAST_ONCE, Outage.SERVE, true, TestNode.PATIENT));
    }

    /** A node that stands in the {@link #registry} and goes on while the store is away. */
    public TestNode member(String route) {
        return member(route, true);
    }

    public TestNode member(String route, boolean reseed) {
        Membership membership = new Membership(registry, new LiveNode(route, route, route + ":8080", 0), ticker);
        membership.enter();
        return new TestNode(store, membership, ticker, serving(route, reseed));
    }

    public static SessionOptions serving(String route, boolean reseed) {
        return TestOptions.of(
                route, false, Conflict.REFUSE, false, Expiry.AT_LEAST_ONCE, Outage.SERVE, reseed, TestNode.PATIENT);
    }

    /** The store starts again with nothing. */
    public void loseData() {
        store.loseData();
        registry.loseData();
    }

    public TestNode node(SessionOptions options) {
        return new TestNode(store, ticker, options);
    }

    /** Lets time pass for the nodes and the store. */
    public void pass(Duration time) {
        ticker.advance(time);
        store.advance(time);
    }

    /** The stored text of an attribute; null if it or the session is not there. Changes nothing. */
    public @Nullable String stored(SessionId id, String name) {
        SessionSnapshot snapshot = snapshot(id);
        StoredValue value = snapshot == null ? null : snapshot.values().get(Fields.attribute(name));
        return value == null ? null : new String(value.bytes(), UTF_8).substring(1);
    }

    /** The stored session; null if it is not there. Changes nothing. */
    public @Nullable SessionSnapshot snapshot(SessionId id) {
        InMemorySessionStore.Image image = store.image();
        SessionSnapshot snapshot = store.load(
                        new SessionStore.Load(id, "", null, Epoch.fresh("reader"), null, 0),
                        new WaitBudget(Duration.ZERO))
                .snapshot();
        store.restore(image);
        return snapshot;
    }
}
