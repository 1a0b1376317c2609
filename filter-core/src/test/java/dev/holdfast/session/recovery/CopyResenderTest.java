package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TextCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The copies that are sent to a store that lost them: what goes along, and what holds them up. */
class CopyResenderTest extends RecoveryTest {
    // ---- what is inside, and what is at risk

    @Test
    void changesOfARequestThatIsInsideAreSavedByItsOwnCommit() {
        Exchange inside = browser.send(a);
        inside.write("x", "inside");
        site.loseData();
        settle();

        assertThat(inside.answer().status()).isEqualTo(200);

        assertThat(browser.read(b, "x")).isEqualTo("inside");
    }

    /** A commit that waits behind the sending of its session is refused, and leaves the copy. */
    @Test
    void commitBehindTheSendingOfItsSessionLeavesTheCopy() {
        Exchange inside = browser.send(a);
        inside.write("x", "2");
        site.loseData();
        a.tick();
        NearCopy copy = inside.copy();
        copy.lock.acquireUninterruptibly();
        inside.scope.budget().spend(TestNode.PATIENT.toNanos());
        assertThat(inside.answer().status()).isEqualTo(503);
        copy.lock.release();

        settle();

        assertThat(browser.read(b, "y")).isEqualTo("1");
    }

    @Test
    void whatWasAcknowledgedWhileTheStoreWasAwayIsBackToo() {
        a.store.setAway(true);
        site.registry.setDown(true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        Browser early = new Browser();
        early.begin(a);
        site.loseData();
        a.store.setAway(false);
        site.registry.setDown(false);

        settle();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(site.stored(early.id(), "x")).isEqualTo("1");
        assertThat(a.counter("atRiskLost")).isZero();
        assertThat(a.coordinator.atRisk()).isZero();
    }

    /** What arrived is not another node's work: what was at risk is not given up for it. */
    @Test
    void whatWasAtRiskOutlivesALostAnswerToItsSending() {
        a.store.setAway(true);
        site.registry.setDown(true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        site.loseData();
        a.store.setAway(false);
        site.registry.setDown(false);
        a.store.loseAnswerToPush();

        settle();
        assertThat(browser.write(a, "y", "2").status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    // ---- what cannot be sent

    /**
     * As many as are sent at once, at the front of their shard: the others were given up with them, half a minute
     * later.
     */
    @Test
    void copiesThatCannotBeSentKeepNoOthersFromComingBack() {
        List<Browser> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Browser each = new Browser();
            each.begin(a, new SessionId("05" + String.format("%032x", i + 1)));
            all.add(each);
        }
        // In the order in which they are sent, so that it is the first ones; another session may be in that shard, too.
        Set<SessionId> ids = all.stream().map(Browser::id).collect(Collectors.toSet());
        List<NearCopy> order = a.coordinator.copies().stream()
                .filter(copy -> ids.contains(copy.id()))
                .toList();
        order.subList(0, 20).forEach(copy -> copy.lock.acquireUninterruptibly());
        site.loseData();

        workSeconds(45, site, a, b);

        assertThat(all).filteredOn(each -> site.store.peek(each.id()) != null).hasSize(40);
    }

    @Test
    void valueThatCannotBeStoredCostsItselfAndNotTheSession() {
        site.loseData();
        a.tick();
        Exchange bad = browser.send(a);
        bad.write("x", TextCodec.UNENCODABLE);
        assertThat(bad.answer().status()).isEqualTo(503);

        settle();

        assertThat(browser.read(b, "y")).isEqualTo("1");
        assertThat(browser.read(b, "x")).isNull();
    }

    /** The request that has put it there is not refused yet. */
    @Test
    void valueThatCannotBeStoredIsWaitedForAsLongAsItsRequestIsInside() {
        Exchange bad = browser.send(a);
        bad.write("x", TextCodec.UNENCODABLE);
        site.loseData();
        settle();
        assertThat(bad.answer().status()).isEqualTo(503);

        settle();

        assertThat(browser.read(b, "y")).isEqualTo("1");
        assertThat(browser.read(b, "x")).isNull();
    }

    // ---- what the store refuses

    @Test
    void shardWhoseSessionsTheStoreNeverTakesIsSettledWithoutThem() {
        Site other = new Site();
        TestNode alone = other.member("A");
        alone.coordinator.start();
        browser.begin(alone);
        other.store.settling().refusePushes(true);
        other.loseData();
        workSeconds(29, other, alone);
        assertThat(isLookedUpInVain(alone)).isTrue();
        workSeconds(4, other, alone);

        assertThat(new Exchange(alone, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        Browser later = new Browser();
        later.begin(alone);
        assertThat(later.read(alone, "x")).isEqualTo("1");
    }

    @Test
    void sessionsThatAreTakenOneByOneAreAllSent() {
        Browser other = new Browser();
        other.begin(a, browser.id().sibling());
        Browser third = new Browser();
        third.begin(a, browser.id().sibling());
        site.store.settling().answerPushesOfAtMost(1);
        site.loseData();
        work(24);

        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(other.read(b, "x")).isEqualTo("1");
        assertThat(third.read(b, "x")).isEqualTo("1");
    }

    // ---- a failover in the middle

    /** What the marks stand for went with the old primary, the marks did not. */
    @Test
    void copiesThatWentWithThePrimaryAreSentAgain() {
        InMemorySessionStore.Image lagging = allHaveToldAndOnlyAHasToSend();
        site.store.settling().after("push", () -> failOverTo(lagging));

        a.tick();
        settle();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    private InMemorySessionStore.Image allHaveToldAndOnlyAHasToSend() {
        site.loseData();
        a.tick();
        b.tick();
        return site.store.image();
    }

    private void failOverTo(InMemorySessionStore.Image image) {
        site.store.restore(image);
        site.store.changePrimary();
    }

    /** The very command that tells that all were sent is the first to reach it. */
    @Test
    void copiesAreNotTakenForSentByAPrimaryThatIsReachedWithThatWord() {
        InMemorySessionStore.Image lagging = allHaveToldAndOnlyAHasToSend();
        site.store.settling().after("push", () -> site.store.settling().before("join", () -> failOverTo(lagging)));

        a.tick();
        assertThat(site.store.hasGeneration(browser.id().shard())).isFalse();
        settle();

        assertThat(stored("x")).isEqualTo("1");
    }
}
