package dev.holdfast.session.expiry;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three nodes, and the times after which a session ends that nobody uses: rule 11. */
abstract class ExpiryTest extends ProtocolTest {
    static final Duration MAX_INACTIVE = Duration.ofSeconds(TestSession.MAX_INACTIVE);
    static final Duration GRACE = Duration.ofMillis(Lifetimes.graceMillis(TestSession.MAX_INACTIVE));
    static final Duration DEADLINE = MAX_INACTIVE.plus(GRACE);
    static final Duration LEASE = Lifetimes.LEASE.plusMillis(1);

    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    final TestNode c = site.node("C");

    TestSession object(TestNode node) {
        Exchange request = browser.send(node);
        TestSession session = request.session();
        browser.receive(request.answer());
        return session;
    }
}
