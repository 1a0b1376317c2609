package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.recovery.Membership;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Lines of the protocol's log that no other test asserts, each in the situation that operators meet it in. */
class WarningsTest {
    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    private final Site site = new Site();
    private final Browser browser = new Browser();

    private void assertLogged(String beginning) {
        assertThat(log.messages()).anyMatch(line -> line.startsWith(beginning));
    }

    @Test
    void changeThatIsOverwrittenIsSaidToBe() {
        TestNode over = site.overwritingNode("O");
        browser.begin(over);
        Exchange here = browser.send(over);
        here.write("x", here.read("x") + "+here");
        Exchange there = new Exchange(site.node("B"), browser.id(), null);
        there.write("x", "there");
        there.answer();

        here.answer();

        assertThat(log.messages())
                .anyMatch(line -> line.startsWith("HF-205: Session " + browser.id())
                        && line.endsWith("what was changed here is kept (holdfast.conflict=overwrite)."));
    }

    @Test
    void sessionThatIsOlderInRedisIsSaidToBeSentAgain() {
        TestNode a = site.node("A");
        browser.begin(a);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "2");
        site.store.restore(lagging);

        browser.write(a, "x", "3");

        assertLogged("HF-206: Session " + browser.id() + " is older in Redis than on this node");
    }

    @Test
    void usesThatCannotBeNotedAreSaidToBeKept() {
        TestNode a = site.node("A");
        browser.begin(a);
        site.pass(Duration.ofMillis(500));
        browser.read(a, "x");
        site.store.setDown(true);

        a.tick();

        assertLogged("HF-211: Uses of sessions cannot be told to the store, they are kept and told later: ");
    }

    @Test
    void idleSessionsThatCannotBeEndedAreSaidToBeAskedForAgain() {
        TestNode a = site.node("A");
        browser.begin(a);
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE));
        site.store.setDown(true);

        a.sweep();

        assertLogged("HF-212: Idle sessions cannot be ended, they are asked for again later: ");
    }

    @Test
    void lookUpOutsideOfARequestThatFailsIsTold() {
        TestNode a = site.node("A");
        browser.begin(a);
        TestNode b = site.node("B");
        b.store.failNext("exists", Reason.SILENT, false);

        assertThat(b.coordinator.exists(browser.id())).isNull();

        assertLogged("HF-213: A session could not be looked up: Cannot exists: it fails.");
    }

    @Test
    void listenerThatFailsIsTold() {
        TestNode b = site.node("B");
        browser.begin(site.node("A"));
        b.sessions.onExpired(() -> {
            throw new IllegalStateException("on purpose");
        });
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE)
                .plusMillis(Lifetimes.graceMillis(TestSession.MAX_INACTIVE) + 1));

        b.sweep();

        assertLogged("HF-214: The end of session " + browser.id() + " could not be told to all listeners");
    }

    // ---- a Redis that has lost its data

    /** Works once a second for so long. */
    private void work(TestNode node, int seconds) {
        for (int i = 0; i < seconds; i++) {
            node.tick();
            site.pass(Duration.ofSeconds(1));
        }
    }

    private TestNode started(String route) {
        TestNode node = site.member(route);
        node.coordinator.start();
        return node;
    }

    @Test
    void nodesThatDoNotComeBackAreSaidToBeWaitedForNoLonger() {
        TestNode a = started("A");
        TestNode b = started("B");
        a.tick();
        b.tick();
        browser.begin(a);
        site.loseData();

        work(a, 12);

        assertLogged(
                "HF-217: Nodes that were there before Redis lost its data do not come back to settle it: 1 of them");
    }

    @Test
    void endsThatDoNotFitAreTold() {
        EndMemory tombstones = new EndMemory(site.ticker, new RateLimitedLog(site.ticker), new SessionCounters(), 1);
        tombstones.made(SessionId.random(), "1", Tombstone.How.ENDED, 60);

        tombstones.made(SessionId.random(), "2", Tombstone.How.ENDED, 60);

        assertLogged("HF-218: More than 1 sessions ended within their timeout");
    }

    @Test
    void recoveryThatFindsNoRedisIsSaidToGoOnEachSecond() {
        TestNode a = started("A");
        browser.begin(a);
        site.loseData();
        browser.write(a, "x", "2");
        site.store.setDown(true);

        a.tick();

        assertLogged("HF-219: Redis cannot be asked whether it has lost data, nor be told again what it lost");
    }

    @Test
    void sessionThatCannotBeSentAgainIsNamed() {
        TestNode a = started("A");
        browser.begin(a);
        Exchange bad = browser.send(a);
        bad.write("x", TextCodec.UNENCODABLE);
        site.loseData();

        work(a, 3);

        assertLogged("HF-221: Session " + browser.id() + ", which Redis lost, cannot be sent again: ");
    }

    @Test
    void sessionsThatRedisDoesNotTakeAreSaidToBeLeftOut() {
        TestNode a = started("A");
        browser.begin(a);
        site.store.settling().refusePushes(true);
        site.loseData();

        work(a, 40);

        assertLogged("HF-223: Redis lost data, and has not taken sessions that this node sends again for 30 seconds.");
    }

    // ---- the registry of nodes

    private Membership member(String incarnation, String address) {
        return new Membership(site.registry, new LiveNode(incarnation, "n1", address, 0), site.ticker);
    }

    @Test
    void nodesOfOneNameAreTold() {
        Membership a = member("a", "host-1:8080");
        Membership b = member("b", "host-2:8080");
        a.beat(0);

        b.beat(0);

        assertLogged("HF-123: Two live nodes have the name \"n1\": this one at host-2:8080 and one at host-1:8080.");
    }

    @Test
    void entryThatCannotBeRenewedIsTold() {
        Membership a = member("a", "host-1:8080");
        a.enter();
        site.registry.setDown(true);

        a.beat(0);

        assertLogged("HF-124: This node cannot renew its entry in the registry: ");
    }
}
