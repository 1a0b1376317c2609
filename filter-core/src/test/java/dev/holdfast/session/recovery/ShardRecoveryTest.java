package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.Ticker;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A store that has lost its data: what the nodes bring back, and who is served meanwhile. */
class ShardRecoveryTest extends RecoveryTest {
    // ---- the start

    @Test
    void startGivesEachShardItsGenerationAtOnce() {
        Site fresh = new Site();
        TestNode first = fresh.member("A");

        first.coordinator.start();

        assertThat(fresh.store.keys()).isEqualTo(SessionId.SHARDS);
        assertThat(first.counter("lostShards")).isZero();
        assertThat(first.counter("sentAgain")).isZero();
    }

    /**
     * Each may know of what the other does not: so both have to come, and the first request is not to wait for that.
     */
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

    // ---- what comes back

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
}
