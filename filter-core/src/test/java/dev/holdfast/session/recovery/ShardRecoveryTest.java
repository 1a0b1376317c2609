package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A store that has lost its data, and the nodes that settle it: rule 7 without its first sentence. */
class ShardRecoveryTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    ShardRecoveryTest() {
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

    private void settle() {
        work(3);
    }

    /** Each node works so often, by turns, and no time passes. */
    private void work(int times) {
        for (int i = 0; i < times; i++) {
            a.tick();
            b.tick();
        }
    }

    /** These nodes work once a second, by turns; a second has passed since the last time. */
    private static void workSeconds(int seconds, Site site, TestNode... nodes) {
        for (int i = 0; i < seconds; i++) {
            for (TestNode node : nodes) {
                node.tick();
            }
            site.pass(Duration.ofSeconds(1));
        }
    }

    private boolean isLookedUpInVain(TestNode node) {
        return new Exchange(node, browser.id(), null).find().found() == Lookup.Found.UNAVAILABLE;
    }

    // ---- what comes back

    @Test
    void startGivesEachShardItsGenerationAtOnce() {
        Site fresh = new Site();
        TestNode first = fresh.member("A");

        first.coordinator.start();

        assertThat(fresh.store.keys()).isEqualTo(SessionId.SHARDS);
        assertThat(first.counter("lostShards")).isZero();
        assertThat(first.counter("sentAgain")).isZero();
    }

    /** Each may know of what the other does not: so both have to come, and the first request is not to wait for that. */
    @Test
    void nodesThatStartTogetherAtAnEmptyStoreAreReadyWithTheirStart() {
        Site fresh = new Site();
        List<TestNode> started = new ArrayList<>();
        TestNode first = waiting(fresh, "A", () -> {
            if (started.size() == 1) {
                started.get(0).coordinator.start();
                started.clear();
            }
        });
        TestNode second = waiting(fresh, "B", first.coordinator::saveOwed);
        started.add(second);

        first.coordinator.start();
        started.forEach(node -> node.coordinator.start());

        browser.begin(first);
        assertThat(browser.write(second, "x", "2").status()).isEqualTo(200);
        assertThat(first.counter("refused") + second.counter("refused")).isZero();
    }

    /** Who is to come, and does not, holds up a start no longer than one round. */
    @Test
    void startDoesNotWaitLongForANodeThatDoesNotCome() {
        Site fresh = new Site();
        TestNode first = fresh.member("A");
        fresh.member("B");

        first.coordinator.start();

        assertThat(fresh.ticker.waits().stream().reduce(Duration.ZERO, Duration::plus))
                .isBetween(Duration.ofSeconds(1), Duration.ofMillis(2100));
        assertThat(fresh.store.keys()).isZero();
    }

    /** @param meanwhile is done in each of its waits */
    private static TestNode waiting(Site site, String route, Runnable meanwhile) {
        Ticker ticker = new Ticker() {
            @Override
            public long nanos() {
                return site.ticker.nanos();
            }

            @Override
            public void await(long moment) {
                site.ticker.await(moment);
                meanwhile.run();
            }
        };
        Membership membership = new Membership(site.registry, new LiveNode(route, route, route + ":8080", 0), ticker);
        membership.enter();
        return new TestNode(site.store, membership, ticker, Site.serving(route, true));
    }

    @Test
    void sessionOfALivingHolderIsBackAndAnyNodeGoesOnWithIt() {
        browser.write(a, "x", "2");
        site.loseData();

        settle();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(browser.read(b, "x")).isEqualTo("2");
        assertThat(browser.write(b, "x", "3").status()).isEqualTo(200);
        assertThat(browser.read(a, "x")).isEqualTo("3");
        assertThat(a.counter("sentAgain")).isEqualTo(1);
        assertThat(a.counter("lostShards")).isEqualTo(SessionId.SHARDS);
    }

    /** It trusts none of its copies, and they may be all there is. */
    @Test
    void nodeThatRoamsSendsItsCopiesAgain() {
        Site other = new Site();
        TestNode roaming = other.roamingNode("R");
        Browser guest = new Browser();
        guest.begin(roaming);
        other.loseData();

        roaming.tick();
        roaming.tick();

        assertThat(guest.read(roaming, "x")).isEqualTo("1");
        assertThat(roaming.counter("sentAgain")).isEqualTo(1);
    }

    @Test
    void newSessionsBeginAfterwards() {
        site.loseData();
        settle();

        Browser other = new Browser();
        other.begin(b);

        assertThat(other.read(a, "x")).isEqualTo("1");
    }

    @Test
    void untilItIsSettledItIsServedFromMemoryAndNothingElseIs() {
        site.loseData();
        a.tick();

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(isLookedUpInVain(b)).isTrue();
        assertThat(isLookedUpInVain(a)).isTrue();
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);
        settle();
        a.tick();

        // Not acknowledged, and perhaps done.
        assertThat(browser.read(b, "y")).isEqualTo("1");
        assertThat(browser.write(b, "y", "2").status()).isEqualTo(200);
    }

    @Test
    void commitThatFindsTheLossFirstKeepsTheCopyThatIsAllThereIs() {
        TestNode alone = site.node("C"); // refuses in an outage
        Browser other = new Browser();
        other.begin(alone);
        site.loseData();

        assertThat(other.write(alone, "x", "2").status()).isEqualTo(503);
        alone.tick();
        alone.tick();

        assertThat(site.stored(other.id(), "y")).isEqualTo("1");
        assertThat(other.write(alone, "x", "3").status()).isEqualTo(200);
    }

    @Test
    void newIdIsRefusedUntilItCanBeTold() {
        site.loseData();
        a.tick();
        b.tick();
        site.loseData(); // it begins anew, and the other one has not come
        a.tick();
        Exchange login = browser.send(a).open();

        assertThatThrownBy(login::changeId).isInstanceOf(SessionRefusedException.class);

        login.finish();
        settle();
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    /** As many as are sent at once, at the front of their shard: the others were given up with them, half a minute later. */
    @Test
    void copiesThatCannotBeSentKeepNoOthersFromComingBack() {
        List<Browser> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Browser each = new Browser();
            each.begin(a, new SessionId("05" + String.format("%032x", i + 1)));
            all.add(each);
        }
        // In the order in which they are sent, so that it is the first ones.
        List<NearCopy> order = a.coordinator.copies().stream()
                .filter(copy -> copy.id().shard() == 5)
                .toList();
        order.subList(0, 20).forEach(copy -> copy.slot.acquireUninterruptibly());
        site.loseData();

        workSeconds(45, site, a, b);

        assertThat(all).filteredOn(each -> site.store.peek(each.id()) != null).hasSize(40);
    }

    /** The request is refused, and its browser comes back with the old id. */
    @Test
    void loginThatFindsTheLossLeavesWhatWasSaved() {
        Exchange login = browser.send(a).open();
        SessionId old = browser.id();
        login.write("y", "secret");
        site.loseData();
        login.changeId();
        assertThat(login.answer().status()).isEqualTo(503);
        assertThat(browser.read(a, "x")).isEqualTo("1"); // meanwhile

        settle();

        assertThat(browser.id()).isEqualTo(old);
        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(browser.read(b, "y")).isNotEqualTo("secret");
        assertThat(browser.write(b, "y", "2").status()).isEqualTo(200);
        assertThat(browser.read(a, "y")).isEqualTo("2");
    }

    @Test
    void sessionIsNotSentUnderAnIdThatALoginInsideGivesUp() {
        Exchange login = browser.send(a).open();
        site.loseData();
        b.tick();
        login.write("y", "secret");
        login.changeId();
        settle();
        assertThat(stored("y")).isNull();

        assertThat(login.answer().status()).isEqualTo(503);
        settle();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("y")).isNotEqualTo("secret");
    }

    /** What it leaves takes the place of a copy that stands on the list of those to be sent already. */
    @Test
    void loginThatIsRefusedWhileOtherShardsAreSentLeavesWhatWasSaved() {
        Browser other = new Browser();
        other.begin(a, inAnotherShard());
        Browser last = other.id().shard() > browser.id().shard() ? other : browser;
        Exchange login = last.send(a).open();
        site.loseData();
        login.changeId();
        List<Integer> refused = new ArrayList<>();
        site.store.after("push", () -> refused.add(login.answer().status()));

        settle();

        assertThat(refused).containsExactly(503);
        assertThat(last.read(b, "x")).isEqualTo("1");
    }

    /** It cannot have the slot of its copy, which is not sent, and goes with its login. */
    @Test
    void loginThatIsRefusedWhileOthersOfItsShardAreSentLeavesWhatWasSaved() {
        new Browser().begin(a, browser.id().sibling());
        Exchange login = browser.send(a).open();
        site.loseData();
        login.changeId();
        login.scope.budget().spend(TestNode.PATIENT.toNanos());
        List<Integer> refused = new ArrayList<>();
        site.store.after("push", () -> refused.add(login.answer().status()));

        settle();

        assertThat(refused).containsExactly(503);
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    /** What is lost of it must not win over the copy of a node that has it all. */
    @Test
    void whatALoginLeavesGivesWayToAWholeCopy() {
        Exchange login = browser.send(a).open();
        new Exchange(b, browser.id(), null).open().answer();
        login.write("y", "secret");
        site.loseData();
        login.changeId();
        assertThat(login.answer().status()).isEqualTo(503);

        b.tick();
        settle();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("y")).isEqualTo("1");
    }

    @Test
    void whatALoginHasChangedIsNamedWhereItIsLost() {
        Exchange login = browser.send(a).open();
        SessionId old = browser.id();
        login.write("y", "secret");
        site.loseData();
        login.changeId();

        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(log.messages())
                .contains("HF-224: Session " + old
                        + ", which Redis lost, goes on without [y] unless another node still has it: a request that was"
                        + " refused had changed these attributes.");
    }

    /** A commit that waits behind the sending of its session is refused, and leaves the copy. */
    @Test
    void commitBehindTheSendingOfItsSessionLeavesTheCopy() {
        Exchange inside = browser.send(a);
        inside.write("x", "2");
        site.loseData();
        a.tick();
        NearCopy copy = inside.copy();
        copy.slot.acquireUninterruptibly();
        inside.scope.budget().spend(TestNode.PATIENT.toNanos());
        assertThat(inside.answer().status()).isEqualTo(503);
        copy.slot.release();

        settle();

        assertThat(browser.read(b, "y")).isEqualTo("1");
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

    @Test
    void changesOfARequestThatIsInsideAreSavedByItsOwnCommit() {
        Exchange inside = browser.send(a);
        inside.write("x", "inside");
        site.loseData();
        settle();

        assertThat(inside.answer().status()).isEqualTo(200);

        assertThat(browser.read(b, "x")).isEqualTo("inside");
    }

    @Test
    void ofTwoCopiesTheNewerStaysWhoeverSendsFirst() {
        browser.settleOn(b);
        browser.write(b, "x", "2");
        site.loseData();

        b.tick();
        a.tick(); // sends the older one
        assertThat(stored("x")).isEqualTo("1");
        b.tick();
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(new Exchange(a, browser.id(), null).read("x")).isEqualTo("2");

        browser.write(b, "x", "3");
        site.loseData();
        a.tick();
        b.tick(); // sends the newer one
        assertThat(stored("x")).isEqualTo("3");
        settle();
        assertThat(stored("x")).isEqualTo("3");
    }

    @Test
    void copyThatIsOlderThanEndsAreRememberedIsNotSent() {
        site.pass(Duration.ofMinutes(31));
        site.loseData();

        settle();

        assertThat(a.counter("sentAgain")).isZero();
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void shardThatLostItsDataAloneIsSettledByAllNodes() {
        site.store.loseData(browser.id().shard());

        assertThat(isLookedUpInVain(b)).isTrue();
        b.tick(); // tells by the registry
        a.tick();
        settle();

        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(a.counter("lostShards")).isEqualTo(1);
    }

    // ---- what does not

    @Test
    void sessionThatAnotherNodeEndedStaysEndedThoughNobodyHasHeardOfIt() {
        browser.settleOn(b);
        browser.send(b).logout();
        site.loseData();
        a.tick();
        a.tick();
        assertThat(site.snapshot(browser.id())).isNull();
        b.tick();

        settle();

        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(new Exchange(b, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(a.serving()).isEmpty();
    }

    /** An end whose reply is under way when its node tells all ends again is told with them. */
    @Test
    void endThatIsUnderWayWhenTheDataIsLostIsTold() {
        browser.settleOn(b);
        b.store.after("end", () -> {
            site.loseData();
            settle();
        });

        browser.send(b).logout();

        settle(); // its copy was in use till now
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    @Test
    void oldIdOfASessionStaysDeadAndTheNewOneIsBack() {
        new Exchange(b, browser.id(), null).open().answer();
        Exchange login = browser.send(a).open();
        SessionId old = browser.id();
        login.changeId();
        browser.receive(login.answer());
        site.loseData();

        settle();

        assertThat(new Exchange(b, old, null).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void endThatOnlyAnotherNodeHeardOfIsTold() {
        new Exchange(b, browser.id(), null).open().answer();
        Browser neighbour = new Browser();
        Exchange beside = new Exchange(b, null, null);
        beside.create(browser.id().sibling());
        neighbour.receive(beside.answer());
        Exchange elsewhere = new Exchange(a, browser.id(), null);
        elsewhere.open();
        elsewhere.logout();
        elsewhere.answer();
        b.tick();
        site.loseData();

        b.tick();

        assertThat(site.store.ended(browser.id())).isTrue();
    }

    @Test
    void whereANodeDoesNotComeBackNothingIsSentAndNewSessionsBegin() {
        site.loseData();
        workSeconds(9, site, a);
        assertThat(isLookedUpInVain(a)).isTrue();
        site.pass(Duration.ofSeconds(2));

        a.tick();

        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(a.counter("sentAgain")).isZero();
        Browser other = new Browser();
        other.begin(a);
        assertThat(other.read(a, "x")).isEqualTo("1");
    }

    /** It comes first, and sees nobody: they have not found the store again yet. */
    @Test
    void nodeThatBeganWhileTheStoreWasAwayWaitsForThoseWhoWereThereBefore() {
        setAway(true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        TestNode c = site.member("C");
        c.store.setAway(true);
        c.coordinator.start();
        site.loseData();
        setAway(false);
        c.store.setAway(false);

        c.tick();
        Exchange early = new Exchange(c, null, null);
        early.create();
        early.write("x", "1");
        assertThat(early.answer().status()).isEqualTo(503);
        assertThat(site.store.keys()).isZero();
        for (int i = 0; i < 4; i++) {
            settle();
            site.pass(Duration.ofSeconds(1));
            c.tick();
        }

        assertThat(stored("x")).isEqualTo("2");
        assertThat(browser.read(b, "x")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
        Browser other = new Browser();
        other.begin(c);
        assertThat(other.read(b, "x")).isEqualTo("1");
    }

    private void setAway(boolean away) {
        a.store.setAway(away);
        b.store.setAway(away);
        site.registry.setDown(away);
    }

    /** It has nobody's memory: what it would tell is not what its predecessor would have. */
    @Test
    void nodeThatWasStartedAgainDoesNotCountForTheOneBefore() {
        Membership again = new Membership(site.registry, new LiveNode("B again", "B", "B:8080", 0), site.ticker);
        site.loseData();
        again.enter();
        TestNode b2 = new TestNode(site.store, again, site.ticker, Site.serving("B", true));
        b2.coordinator.start();

        workSeconds(12, site, a, b2);

        assertThat(a.counter("sentAgain")).isZero();
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void withReseedOffNothingIsSentAndNobodyIsWaitedFor() {
        Site other = new Site();
        TestNode off = other.member("A", false);
        off.coordinator.start();
        browser.begin(off);
        other.loseData();

        off.tick();

        assertThat(off.counter("sentAgain")).isZero();
        assertThat(new Exchange(off, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void dataThatIsLostAgainWhileItIsSettledIsSettledAnew() {
        browser.settleOn(b);
        browser.send(b).logout();
        Browser other = new Browser();
        other.begin(a);
        site.loseData();
        a.tick();
        b.tick();
        site.loseData();

        settle();

        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(other.read(b, "x")).isEqualTo("1");
    }

    /** What the marks stand for went with the old primary, the marks did not. */
    @Test
    void copiesThatWentWithThePrimaryAreSentAgain() {
        InMemorySessionStore.Image lagging = allHaveToldAndOnlyAHasToSend();
        site.store.after("push", () -> failOverTo(lagging));

        a.tick();
        settle();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    /** The very command that tells that all were sent is the first to reach it. */
    @Test
    void copiesAreNotTakenForSentByAPrimaryThatIsReachedWithThatWord() {
        InMemorySessionStore.Image lagging = allHaveToldAndOnlyAHasToSend();
        site.store.after("push", () -> site.store.before("join", () -> failOverTo(lagging)));

        a.tick();
        assertThat(site.store.hasGeneration(browser.id().shard())).isFalse();
        settle();

        assertThat(stored("x")).isEqualTo("1");
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

    // ---- what the store refuses

    @Test
    void shardWhoseSessionsTheStoreNeverTakesIsSettledWithoutThem() {
        Site other = new Site();
        TestNode alone = other.member("A");
        alone.coordinator.start();
        browser.begin(alone);
        other.store.refusePushes(true);
        other.loseData();
        workSeconds(29, other, alone);
        assertThat(isLookedUpInVain(alone)).isTrue();
        workSeconds(4, other, alone);

        assertThat(new Exchange(alone, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        Browser later = new Browser();
        later.begin(alone);
        assertThat(later.read(alone, "x")).isEqualTo("1");
    }

    /** Missing is who could have come back: an outage of the store in between is not the other node's. */
    @Test
    void outageInBetweenLeavesTheOthersTheirTimeToComeBack() {
        site.loseData();
        workSeconds(8, site, a);
        setAway(true);
        workSeconds(12, site, a);
        setAway(false);
        workSeconds(5, site, a);
        settle();

        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(a.counter("sentAgain")).isEqualTo(1);
    }

    @Test
    void dataThatIsLostAgainGivesTheOthersTheirTimeAgain() {
        site.loseData();
        workSeconds(9, site, a);
        b.tick(); // comes, at last
        a.tick();
        site.loseData();
        workSeconds(9, site, a);
        settle();

        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void sessionsThatAreTakenOneByOneAreAllSent() {
        Browser other = new Browser();
        other.begin(a, browser.id().sibling());
        Browser third = new Browser();
        third.begin(a, browser.id().sibling());
        site.store.answerPushesOfAtMost(1);
        site.loseData();
        work(24);

        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(other.read(b, "x")).isEqualTo("1");
        assertThat(third.read(b, "x")).isEqualTo("1");
    }

    /** They are waited for as long as they come on, however long that takes. */
    @Test
    void whoHasMuchToSendIsWaitedFor() {
        List<Browser> many = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            Browser other = new Browser();
            other.begin(a, browser.id().sibling());
            many.add(other);
        }
        site.loseData();
        Runnable slow = new Runnable() {
            @Override
            public void run() {
                site.pass(Duration.ofSeconds(2));
                site.store.after("push", this);
            }
        };
        site.store.after("push", slow);
        work(25);

        assertThat(a.counter("sentAgain")).isEqualTo(401);
        assertThat(many).allSatisfy(other -> assertThat(other.read(b, "x")).isEqualTo("1"));
    }

    @Test
    void endThatTheStoreDoesNotTakeHoldsUpItsOwnShardOnly() {
        Browser other = new Browser();
        other.begin(a, inAnotherShard());
        browser.settleOn(b);
        browser.send(b).logout();
        site.store.refuseEndsIn(browser.id().shard(), true);
        site.loseData();
        settle();

        assertThat(other.read(b, "x")).isEqualTo("1");
        assertThat(site.store.hasGeneration(browser.id().shard())).isFalse();

        // Nothing is sent there, or what ended would be back.
        workSeconds(40, site, a, b);
        assertThat(site.store.hasGeneration(browser.id().shard())).isTrue();
        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(site.store.ended(browser.id())).isFalse();
        site.store.refuseEndsIn(browser.id().shard(), false);
        settle();
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    private SessionId inAnotherShard() {
        while (true) {
            SessionId id = SessionId.random();
            if (id.shard() != browser.id().shard()) {
                return id;
            }
        }
    }

    // ---- an end that a failover took along

    @Test
    void endThatWentWithThePrimaryIsToldAgainAndNotServedByItsNodeBefore() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.send(a).logout();
        site.store.restore(lagging);
        site.store.changePrimary();

        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
        a.tick();

        assertThat(site.store.ended(browser.id())).isTrue();
        assertThat(new Exchange(b, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    /** The thread of the ticks is one for all applications, and there may be many ends. */
    @Test
    void endsAreToldAgainOnTheThreadOfTheirApplication() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.send(a).logout();
        assertThat(a.coordinator.isOwing()).isFalse();
        site.store.restore(lagging);
        site.store.changePrimary();

        a.coordinator.tick();
        assertThat(site.store.ended(browser.id())).isFalse();
        assertThat(a.coordinator.isOwing()).isTrue();
        a.coordinator.saveOwed();

        assertThat(site.store.ended(browser.id())).isTrue();
        assertThat(a.coordinator.isOwing()).isFalse();
    }

    // ---- an end of which nobody knows whether it was made

    /** The browser was told 503, and goes on: what is acknowledged from then on is not to be buried by a failover. */
    @Test
    void endThatWasNeverExecutedIsNotToldLater() {
        site.store.failNext(Fault.BEFORE, "end");
        Exchange logout = browser.send(a);
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.finish();

        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        site.store.changePrimary();
        a.tick();

        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    @Test
    void changeOfIdThatWasNeverExecutedIsNotToldLater() {
        Exchange login = browser.send(a).open();
        login.changeId();
        site.store.failNext(Fault.BEFORE, "commit");
        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        site.store.changePrimary();
        a.tick();

        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /** The old id was buried while its change was under way, which was then refused: the user was logged out. */
    @Test
    void changeOfIdThatIsUnderWayIsToldWhenItsCallIsOver() {
        Exchange login = browser.send(a).open();
        login.changeId();
        a.store.before("commit", () -> {
            site.store.changePrimary();
            a.tick();
        });
        a.store.failNext("commit", Reason.NONE, false);

        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(a.coordinator.isOwing()).as("telling is not finished").isTrue();
        a.tick();
        assertThat(a.coordinator.isOwing()).isFalse();
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void changeOfIdThatWentWithThePrimaryIsToldWhenItsCallIsOver() {
        InMemorySessionStore.Image lagging = site.store.image();
        SessionId old = browser.id();
        Exchange login = browser.send(a).open();
        login.changeId();
        a.store.after("commit", () -> {
            site.store.restore(lagging);
            site.store.changePrimary();
            a.tick();
        });

        browser.receive(login.answer());
        assertThat(site.store.ended(old)).isFalse();
        a.tick();

        assertThat(site.store.ended(old)).isTrue();
    }

    /** It was taken for told again to another primary when it was still under way. */
    @Test
    void endThatWasToBeToldAndIsFoundNotToHaveBeenMadeIsNotTold() {
        Browser other = new Browser();
        other.begin(a);
        site.store.failNext(Fault.BEFORE, "end");
        Exchange logout = browser.send(a).open();
        a.store.before("end", () -> {
            site.store.changePrimary();
            a.tick();
        });
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.finish();
        other.send(a).logout();

        a.tick();

        assertThat(site.store.ended(other.id())).isTrue();
    }

    @Test
    void endThatWasExecutedUnansweredIsToldOnceTheLogTellsIt() {
        site.store.failNext(Fault.AFTER, "end");
        Exchange logout = browser.send(a);
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.finish();
        a.tick();
        site.loseData();

        settle();

        assertThat(site.store.ended(browser.id())).isTrue();
    }

    /** Nobody says it a second time. */
    @Test
    void endThatTheLogToldBeforeItsCallWasGivenUpIsToldToo() {
        Exchange logout = browser.send(a).open();
        a.store.after("end", () -> {
            a.tick();
            throw new StoreUnavailableException("Cannot end: no answer came in time.", true, null);
        });
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.finish();
        site.loseData();

        settle();

        assertThat(site.store.ended(browser.id())).isTrue();
        a.coordinator.expireIdle();
        assertThat(a.counter("ended")).as("whose listeners were told").isEqualTo(1);
    }

    // ---- who is served meanwhile

    /** Redis answers all the time, so two seconds are two seconds, however long a third node is waited for. */
    @Test
    void endThatIsToldAgainIsHeardWhileTheShardIsUnsettled() {
        TestNode c = site.member("C");
        c.coordinator.start();
        a.tick();
        b.tick();
        browser.settleOn(b);
        browser.settleOn(a); // the numbers of the log that is lost are higher than those of the next one
        Exchange elsewhere = new Exchange(b, browser.id(), null).open();
        elsewhere.logout();
        elsewhere.answer();
        site.loseData();
        a.tick();
        assertThat(browser.read(a, "x")).isEqualTo("1");
        b.tick(); // buries it

        a.tick();

        assertThat(a.serving()).isEmpty();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void whoDoesNotAskForTheEndsOfAnUnsettledShardServesNothingOfIt() {
        site.loseData();
        a.tick();
        site.pass(Lifetimes.LOG_AGE);
        assertThat(browser.read(a, "x")).isEqualTo("1");
        site.pass(Duration.ofMillis(1));
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        a.tick();

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void whereNobodyAnswersAnUnsettledShardIsServedFromMemory() {
        site.loseData();
        a.tick();
        a.store.setAway(true);
        a.tick();
        site.pass(Lifetimes.LOG_AGE.plusSeconds(1));

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    /** "No" would let the container look for another session, or begin one. */
    @Test
    void lookUpOutsideARequestDoesNotTakeALostSessionForGone() {
        site.loseData();

        assertThat(b.coordinator.exists(browser.id())).isNull(); // finds the loss
        assertThat(b.coordinator.exists(browser.id())).isNull();
        settle();

        assertThat(b.coordinator.exists(browser.id())).isTrue();
        assertThat(b.coordinator.exists(SessionId.random())).isFalse();
    }

    /** The numbers of its log begin anew. */
    @Test
    void takeoverAfterALossIsHeardThoughTheLogWasLongerBefore() {
        for (int i = 0; i < 5; i++) {
            browser.settleOn(b);
            browser.settleOn(a);
        }
        Epoch before = a.serving().get(0).trust().epoch();
        site.loseData();
        settle();
        browser.write(b, "x", "2");
        a.tick();
        a.tick();
        a.store.setAway(true);

        assertThat(new Exchange(a, browser.id(), before).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    // ---- ends that this node may have missed

    private Membership third() {
        Membership third = new Membership(site.registry, new LiveNode("C", "C", "C:8080", 0), site.ticker);
        third.enter();
        a.tick();
        b.tick();
        return third;
    }

    private void endAt(TestNode node, SessionId id) {
        Exchange elsewhere = new Exchange(node, id, null).open();
        elsewhere.logout();
        elsewhere.answer();
    }

    private void passTwelveSeconds() {
        for (int i = 0; i < 12; i++) {
            site.pass(Duration.ofSeconds(1));
            a.tick();
            b.tick();
        }
    }

    /** Who ended it is gone, and nobody else knows. */
    @Test
    void whoHasMissedAPartOfTheLogSendsNothing() {
        Membership third = third();
        TestNode c = new TestNode(site.store, third, site.ticker, Site.serving("C", true));
        endAt(c, browser.id());
        Browser next = new Browser();
        Exchange beside = new Exchange(c, null, null);
        beside.create(browser.id().sibling());
        next.receive(beside.answer());
        endAt(c, next.id());
        site.store.trimLog(browser.id().shard());
        third.leave();
        passTwelveSeconds();
        site.loseData();

        settle();

        assertThat(a.counter("gaps")).isPositive();
        assertThat(a.counter("sentAgain")).isZero();
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    /** The registry answered all the time, and the shard's own primary did not. */
    @Test
    void whoHasReadNothingSinceANodeWasForgottenSendsNothing() {
        Membership third = third();
        TestNode c = new TestNode(site.store, third, site.ticker, Site.serving("C", true));
        a.store.setRefusing(true);
        endAt(c, browser.id());
        third.leave();
        passTwelveSeconds();
        site.loseData();
        a.store.setRefusing(false);

        settle();

        assertThat(a.counter("sentAgain")).isZero();
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void nodeThatIsForgottenHindersNobodyWhoHasReadOn() {
        Membership third = third();
        third.leave();
        passTwelveSeconds();
        site.loseData();

        settle();

        assertThat(a.counter("sentAgain")).isEqualTo(1);
    }

    /** An end in the log has no timeout; that of a session that is held here says how long others may be remembered. */
    @Test
    void endThatWasHeardOfIsRememberedForTheLongestTimeoutThatIsKnown() {
        SessionId ended = browser.id().sibling();
        Exchange longer = browser.send(a);
        longer.session().setMaxInactive(8 * 3600);
        browser.receive(longer.answer());
        Exchange beside = new Exchange(b, null, null);
        beside.create(ended);
        beside.answer();
        endAt(b, ended);
        a.tick();
        site.pass(Duration.ofMinutes(31));
        site.loseData();

        a.tick();

        assertThat(site.store.ended(ended)).isTrue();
    }

    // ---- what is remembered

    @Test
    void endsThatDoNotFitAreCountedAndLetTheirShardComeBackEmpty() {
        SessionCounters counters = new SessionCounters();
        EndMemory tombstones = new EndMemory(site.ticker, new RateLimitedLog(site.ticker), counters, 2);
        SessionId first = browser.id();
        tombstones.made(first, "1", Tombstone.How.ENDED, 60);
        tombstones.made(first.sibling(), "2", Tombstone.How.ENDED, 60);
        assertThat(tombstones.isComplete(first.shard())).isTrue();

        tombstones.made(first.sibling(), "3", Tombstone.How.ENDED, 60);

        assertThat(tombstones.contains(first)).isFalse();
        assertThat(counters.all().get("forgottenEnds")).isEqualTo(1);
        assertThat(tombstones.isComplete(first.shard())).isFalse();
        assertThat(tombstones.isComplete((first.shard() + 1) % 64)).isTrue();
        site.pass(Duration.ofSeconds(61));
        assertThat(tombstones.isComplete(first.shard())).isTrue();
        assertThat(tombstones.of(-1L)).isEmpty();
    }
}
