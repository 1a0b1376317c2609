package dev.holdfast.session.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which sessions end because nobody uses them, when, and on which node. */
class ExpirySweeperTest extends ExpiryTest {
    // ---- at its holder

    @Test
    void idleSessionEndsAtItsHolderWithItsAttributesReadable() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE);

        a.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(a.counter("expired")).isEqualTo(1);
    }

    /** An export, an upload, a batch that begins a session at its end: it was past its deadline at birth. */
    @Test
    void sessionThatALongRequestMakesIsUsedWhenItIsMade() {
        Exchange export = new Exchange(a, null, null);
        site.pass(DEADLINE.plusMinutes(1));
        export.create();
        export.write("x", "1");
        Answer answer = export.answer();
        assertThat(answer.status()).isEqualTo(200);
        browser.receive(answer);

        assertThat(browser.read(b, "x")).isEqualTo("1");

        site.pass(MAX_INACTIVE.minusSeconds(1));
        b.sweep();
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void sessionIsNotIdleAMillisecondBefore() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE.minusMillis(1));

        a.sweep();

        assertThat(object.events()).isEmpty();
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void sessionInUseElsewhereDoesNotEndHere() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE.minusSeconds(10));
        browser.read(b, "x");
        site.pass(Duration.ofSeconds(10));

        a.sweep();

        assertThat(object.events()).isEmpty();
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void sessionWithARequestInFlightDoesNotEnd() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        site.pass(MAX_INACTIVE.plusMinutes(1));

        a.sweep();
        slow.write("x", "2");

        assertThat(slow.answer().status()).isEqualTo(200);
        assertThat(site.stored(browser.id(), "x")).isEqualTo("2");
    }

    @Test
    void sessionWithARequestInFlightDoesNotEndUnderTheNextOne() {
        browser.begin(a);
        Exchange slow = browser.send(a);
        TestSession object = slow.session();
        site.pass(MAX_INACTIVE.plusMinutes(1));

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.FOUND);

        assertThat(object.events()).isEmpty();
        assertThat(slow.answer().status()).isEqualTo(200);
    }

    @Test
    void useCountsUntilTheEndOfALongRequest() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        site.pass(MAX_INACTIVE);
        slow.answer();
        a.tick();

        site.pass(MAX_INACTIVE.minusSeconds(1));
        a.sweep();

        assertThat(site.snapshot(browser.id())).isNotNull();
    }

    @Test
    void requestForAnIdleSessionFindsItEndedAndItsListenersTold() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);

        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void idleSessionThatTheStoreCannotEndStays() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE);
        site.store.setDown(true);

        a.sweep();

        assertThat(object.events()).isEmpty();
        site.store.setDown(false);
        a.sweep();
        assertThat(object.events()).as("others may have uses to tell").isEmpty();
        site.pass(GRACE);
        a.sweep();
        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void sessionThatEndedElsewhereIsNotToldTwice() {
        browser.begin(a);
        TestSession object = object(a);
        Exchange logout = new Exchange(b, browser.id(), null).open();
        logout.logout();
        logout.answer();
        site.pass(MAX_INACTIVE);

        a.sweep();

        assertThat(object.events()).containsExactly("ended elsewhere");
        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void sessionWithoutTimeoutNeverIdles() {
        Exchange creation = new Exchange(a, null, null);
        creation.create().setMaxInactive(0);
        creation.write("x", "1");
        browser.receive(creation.answer());
        site.pass(Duration.ofDays(20));

        a.sweep();

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void useThatIsStillToBeToldKeepsTheSessionUntilItWasTold() {
        browser.begin(a);
        site.pass(Duration.ofMinutes(1));
        a.tick();
        TestSession object = object(a);
        site.pass(MAX_INACTIVE);

        a.sweep();
        assertThat(object.events()).isEmpty();

        a.tick();
        a.sweep();
        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void shorterTimeoutThatTheApplicationSetCounts() {
        browser.begin(a);
        Exchange request = browser.send(a);
        TestSession object = request.session();
        object.setMaxInactive(60);
        browser.receive(request.answer());
        site.pass(Duration.ofSeconds(60));

        a.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void negativeTimeoutIsNoneOnAnyNode() {
        Exchange creation = new Exchange(a, null, null);
        creation.create().setMaxInactive(-1);
        creation.write("x", "1");
        browser.receive(creation.answer());
        site.pass(Duration.ofDays(29));

        a.sweep();
        b.sweep();

        assertThat(b.sessions.told()).isEmpty();
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    /** A load whose reply was lost has moved the epoch to a mark that this node does not know. */
    @Test
    void holderEndsASessionUnderAnEpochThatItNeverHeardOf() {
        browser.begin(a);
        TestSession object = object(a);
        site.store.failNext(Fault.AFTER);
        Exchange unheard = new Exchange(a, browser.id(), null);
        assertThat(unheard.find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        unheard.answer();
        site.pass(MAX_INACTIVE);

        a.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
    }

    /** The end stands in the log before the claim is answered: it is this node's own. */
    @Test
    void ownClaimHeardBeforeItsReplyIsNoEndElsewhere() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE);
        a.store.after("claim", a::tick);

        a.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void endElsewhereHeardWhileAClaimIsUnderWayIsNotMissed() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE.minusSeconds(1));
        browser.read(b, "x");
        site.pass(Duration.ofSeconds(1));
        a.store.after("claim", () -> {
            Exchange logout = new Exchange(b, browser.id(), null).open();
            logout.logout();
            logout.answer();
            a.tick();
        });

        a.sweep();

        assertThat(object.events()).containsExactly("forgotten");
        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void roamingNodeLeavesItsIdleSessionsToTheDeadline() {
        TestNode roaming = site.roamingNode("R");
        browser.begin(roaming);
        site.pass(MAX_INACTIVE.plusSeconds(1));
        roaming.sweep();
        assertThat(roaming.coordinator.copies()).isEmpty();
        assertThat(site.snapshot(browser.id())).isNotNull();

        site.pass(GRACE);
        roaming.sweep();

        assertThat(roaming.sessions.told()).containsExactly("expired x=1");
        assertThat(site.snapshot(browser.id())).isNull();
    }

    // ---- when its node is dead

    @Test
    void sessionOfADeadNodeEndsElsewhereWithItsAttributesReadable() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));

        b.sweep();

        assertThat(b.sessions.told()).containsExactly("expired x=1");
        assertThat(b.counter("expired")).isEqualTo(1);
        assertThat(b.coordinator.copies()).isEmpty();
        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void sessionOfADeadNodeIsToldOnce() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.store.before("claim", c::sweep);

        b.sweep();

        assertThat(b.sessions.told()).isEmpty();
        assertThat(c.sessions.told()).containsExactly("expired x=1");
    }

    @Test
    void anotherNodesLoadRevivesASessionUntilTheDeadline() {
        browser.begin(a);
        site.pass(DEADLINE);

        b.sweep();
        assertThat(browser.read(b, "x")).isEqualTo("1");

        site.pass(MAX_INACTIVE.minusSeconds(1));
        c.sweep();
        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(b.sessions.told()).isEmpty();
    }

    @Test
    void requestInFlightKeepsTheSessionOnAllNodes() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        for (int i = 0; i < 60; i++) {
            site.pass(Duration.ofMinutes(1));
            a.tick();
            b.sweep();
        }
        slow.write("x", "2");

        assertThat(slow.answer().status()).isEqualTo(200);
        assertThat(site.stored(browser.id(), "x")).isEqualTo("2");
        assertThat(b.sessions.told()).isEmpty();
    }

    @Test
    void requestInFlightKeepsASessionThatAnotherNodeHolds() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        browser.read(b, "x");
        for (int i = 0; i < 40; i++) {
            site.pass(Duration.ofMinutes(1));
            a.tick();
            b.sweep();
        }

        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(slow.answer().status()).isEqualTo(200);
    }

    /** The store does not know the session yet: a touch would find nothing. */
    @Test
    void sessionThatALongRequestHasBegunIsKept() {
        Exchange slow = new Exchange(a, null, null);
        slow.create();
        slow.write("x", "1");
        site.pass(Duration.ofSeconds(5));

        a.tick();
        browser.receive(slow.answer());

        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void quickRequestsCostNoTouchOfTheirOwn() {
        browser.begin(a);
        Exchange quick = browser.send(a).open();
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).containsExactly("ask");
        quick.answer();
    }

    /**
     * The node had the session in memory before another took it over, and its object still shows what the store has.
     */
    @Test
    void copyOfTheSameStateIsTheObjectThatListenersSee() {
        browser.begin(a);
        TestSession object = object(a);
        browser.read(b, "x");
        site.pass(DEADLINE.plusMillis(1));

        a.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
        assertThat(a.sessions.told()).isEmpty();
    }

    @Test
    void listenersSeeWhatTheStoreHasNotWhatAnOldCopyHas() {
        browser.begin(a);
        TestSession object = object(a);
        browser.write(b, "x", "2");
        site.pass(DEADLINE.plusMillis(1));

        a.sweep();

        assertThat(object.events()).containsExactly("forgotten");
        assertThat(a.sessions.told()).containsExactly("expired x=2");
    }

    @Test
    void anyNumberOfSessionsEndInOneSweep() {
        for (int i = 0; i < 200; i++) {
            new Browser().begin(a);
        }
        SessionId one = SessionId.random();
        for (int i = 0; i < 120; i++) {
            Exchange creation = new Exchange(a, null, null);
            creation.create(one.sibling());
            creation.write("x", "1");
            creation.answer();
        }
        site.pass(DEADLINE.plusMillis(1));

        b.sweep();

        assertThat(b.sessions.told()).hasSize(320).containsOnly("expired x=1");
        assertThat(b.store.takeCalls().stream().filter(call -> call.equals("due")))
                .hasSizeLessThan(5);
    }

    // ---- when uses may be missing in the store

    @Test
    void nothingIsClaimedWithinTheGraceAfterRedisCameBack() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        site.store.setDown(true);
        b.sweep();
        site.store.setDown(false);

        b.sweep();
        assertThat(b.sessions.told()).isEmpty();
        site.pass(GRACE);
        b.sweep();

        assertThat(b.sessions.told()).containsExactly("expired x=1");
    }

    @Test
    void nothingIsClaimedWithinTheGraceAfterAChangeOfPrimary() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        site.store.changePrimary();

        b.sweep();
        assertThat(b.sessions.told()).isEmpty();
        site.pass(GRACE);
        b.sweep();

        assertThat(b.sessions.told()).containsExactly("expired x=1");
    }

    /** One of the primaries of a cluster: the others answered all the time. */
    @Test
    void nothingOfAShardIsClaimedWithinTheGraceAfterItsPrimaryCameBack() {
        Browser other = new Browser();
        browser.begin(a, new SessionId("05" + "1".repeat(32)));
        other.begin(a, new SessionId("06" + "1".repeat(32)));
        site.pass(MAX_INACTIVE);
        site.store.cutOff(5, true);
        b.sweep();
        site.pass(GRACE.plusMillis(1));
        b.sweep();
        site.store.cutOff(5, false);

        b.sweep();
        assertThat(site.store.ended(other.id())).isTrue();
        assertThat(b.sessions.told()).hasSize(1);
        site.pass(GRACE);
        b.sweep();

        assertThat(b.sessions.told()).hasSize(2);
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    @Test
    void nodeThatHasJustStartedClaimsNothingForTheGrace() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        TestNode young = site.node("D");

        young.sweep();
        assertThat(young.sessions.told()).isEmpty();
        site.pass(GRACE);
        young.sweep();

        assertThat(young.sessions.told()).containsExactly("expired x=1");
    }

    // ---- many at once

    /**
     * Those whose state does not arrive in time are claimed all the same: they come when their leases end, fewer at
     * once.
     */
    @Test
    void bigSessionsAreToldOnceThoughAFewOfThemAreAllThatArrivesInTime() {
        for (int i = 0; i < 40; i++) {
            new Browser().begin(a);
        }
        site.store.answerClaimsOfAtMost(3);
        site.pass(DEADLINE.plusMillis(1));

        int sweeps = 0;
        while (b.sessions.told().size() < 40 && sweeps < 20) {
            sweeps++;
            b.sweep();
            site.pass(LEASE);
        }

        assertThat(b.sessions.told()).hasSize(40);
        assertThat(b.counter("expired")).isEqualTo(40);
        assertThat(sweeps).as("sweeps").isLessThan(6);
    }

    @Test
    void silentStoreIsNotAskedForEachSessionOfALongList() {
        for (int i = 0; i < 60; i++) {
            new Browser().begin(a);
        }
        site.store.answerClaimsOfAtMost(0);
        site.pass(DEADLINE.plusMillis(1));

        b.sweep();

        assertThat(b.takeCalls()).filteredOn("claim"::equals).hasSizeLessThan(12);
    }

    @Test
    void sessionThatTheStoreNeverKnewIsToldThoughTheClaimsBesideItFail() {
        TestNode serving = site.servingNode("S");
        browser.begin(serving);
        serving.store.setAway(true);
        Browser other = new Browser();
        other.begin(serving);
        serving.store.setAway(false);
        serving.coordinator.tick();
        NearCopy neverKnown = serving.serving().stream()
                .filter(copy -> copy.id().equals(other.id()))
                .findAny()
                .orElseThrow();
        TestSession object = (TestSession) neverKnown.local();
        site.pass(MAX_INACTIVE);
        neverKnown.lock.acquireUninterruptibly(); // so that it is not ended by itself
        serving.store.before("due", neverKnown.lock::release);
        site.store.failNext(Fault.BEFORE, "claim");

        serving.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void copyOfASessionThatIsUsedElsewhereIsNotKeptForEver() {
        browser.begin(a);
        TestSession object = object(a);
        site.pass(MAX_INACTIVE.minusSeconds(10));
        browser.read(b, "x"); // what the log says of it does not reach the other node
        site.pass(GRACE.plusSeconds(11));

        a.sweep();

        assertThat(object.events()).containsExactly("forgotten");
        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }
}
