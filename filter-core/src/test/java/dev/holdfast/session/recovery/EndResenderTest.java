package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.RateLimitedLog;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.copy.EndMemory;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Ends are told again to a store that may have lost them, and nothing that was not one. */
class EndResenderTest extends RecoveryTest {
    // ---- what stays dead

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
    void endThatTheStoreDoesNotTakeHoldsUpItsOwnShardOnly() {
        Browser other = new Browser();
        other.begin(a, inAnotherShard());
        browser.settleOn(b);
        browser.send(b).logout();
        site.store.settling().refuseEndsIn(browser.id().shard(), true);
        site.loseData();
        settle();

        assertThat(other.read(b, "x")).isEqualTo("1");
        assertThat(site.store.hasGeneration(browser.id().shard())).isFalse();

        // Nothing is sent there, or what ended would be back.
        workSeconds(40, site, a, b);
        assertThat(site.store.hasGeneration(browser.id().shard())).isTrue();
        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(site.store.ended(browser.id())).isFalse();
        site.store.settling().refuseEndsIn(browser.id().shard(), false);
        settle();
        assertThat(site.store.ended(browser.id())).isTrue();
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

    // ---- what is remembered

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
