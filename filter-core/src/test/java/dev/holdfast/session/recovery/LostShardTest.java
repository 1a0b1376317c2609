package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.LiveNode;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is waited for before copies are sent, how long, and who may send none. */
class LostShardTest extends RecoveryTest {
    // ---- who is waited for

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

    // ---- how long

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
                site.store.settling().after("push", this);
            }
        };
        site.store.settling().after("push", slow);
        work(25);

        assertThat(a.counter("sentAgain")).isEqualTo(401);
        assertThat(many).allSatisfy(other -> assertThat(other.read(b, "x")).isEqualTo("1"));
    }

    // ---- who may have missed an end

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

    private Membership third() {
        Membership third = new Membership(site.registry, new LiveNode("C", "C", "C:8080", 0), site.ticker);
        third.enter();
        a.tick();
        b.tick();
        return third;
    }

    private void passTwelveSeconds() {
        for (int i = 0; i < 12; i++) {
            site.pass(Duration.ofSeconds(1));
            a.tick();
            b.tick();
        }
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
}
