package dev.holdfast.session.recovery;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes that have seen each other in the registry, and a session whose data the store will lose: rule 7. */
abstract class RecoveryTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    RecoveryTest() {
        super(Site::member);
    }

    @BeforeEach
    void begin() {
        a.coordinator.start();
        b.coordinator.start();
        a.tick(); // has seen the other one
        b.tick();
        browser.begin(a);
    }

    void settle() {
        work(3);
    }

    /** Each node works so often, by turns, and no time passes. */
    void work(int times) {
        for (int i = 0; i < times; i++) {
            a.tick();
            b.tick();
        }
    }

    /** These nodes work once a second, by turns; a second has passed since the last time. */
    static void workSeconds(int seconds, Site site, TestNode... nodes) {
        for (int i = 0; i < seconds; i++) {
            for (TestNode node : nodes) {
                node.tick();
            }
            site.pass(Duration.ofSeconds(1));
        }
    }

    boolean isLookedUpInVain(TestNode node) {
        return new Exchange(node, browser.id(), null).find().found() == Lookup.Found.UNAVAILABLE;
    }

    SessionId inAnotherShard() {
        while (true) {
            SessionId id = SessionId.random();
            if (id.shard() != browser.id().shard()) {
                return id;
            }
        }
    }

    void endAt(TestNode node, SessionId id) {
        Exchange elsewhere = new Exchange(node, id, null).open();
        elsewhere.logout();
        elsewhere.answer();
    }
}
