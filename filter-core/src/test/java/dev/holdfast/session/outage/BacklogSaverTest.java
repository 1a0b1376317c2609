package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What was acknowledged at risk is not given up where nobody else has touched what it stands on. */
class BacklogSaverTest extends ProtocolTest {
    BacklogSaverTest() {
        super(Site::servingNode);
    }

    // ---- a saving that was sent twice, because its connection was dead

    @Test
    void savingThatWasSentTwiceKnowsItsNodesOwnUnansweredCommit() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        browser.write(a, "x", "2");
        browser.write(a, "x", "3");
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REPEATED, "commit");

        a.tick();

        assertThat(stored("x")).isEqualTo("3");
        assertThat(a.counter("atRiskSaved")).isEqualTo(1);
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void savingWhoseFirstAttemptWasAppliedAndBuiltUponIsMerged() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REPEATED, "commit");
        site.store.betweenAttempts(() -> elsewhere("y", "there"));

        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    /** Somebody saw the first attempt and wrote over it: that is rule 6, and it holds for what is owed, too. */
    @Test
    void savingWhoseFirstAttemptWasOverwrittenIsGivenUp() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REPEATED, "commit");
        site.store.betweenAttempts(() -> elsewhere("x", "there"));

        a.tick();

        assertThat(stored("x")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    @Test
    void requestThatTakesADebtAlongDoesNotGiveItUpForASecondAttempt() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REPEATED, "commit");
        site.store.betweenAttempts(() -> elsewhere("y", "there"));

        assertThat(browser.write(a, "z", "3").status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(stored("z")).isEqualTo("3");
    }

    /** A blind write of a request that is inside would be taken for none, and written over what somebody has seen and changed. */
    @Test
    void blindWriteThatADebtIsTakenAlongWithIsNotRepeatedOverAnothers() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REPEATED, "commit");
        site.store.betweenAttempts(() -> elsewhere("z", "there"));

        assertThat(browser.write(a, "z", "3").status()).isEqualTo(503);

        assertThat(stored("z")).isEqualTo("there");
    }

    // ---- a creation that was applied, unanswered

    @Test
    void creationThatWasAppliedUnansweredIsMergedWithWhatAnotherNodeAdded() {
        a.store.goAwayUnanswered(true);
        browser.begin(a);
        browser.write(a, "x", "2");
        elsewhere("z", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("1");
        assertThat(stored("z")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isZero();
        assertThat(browser.read(a, "z")).isEqualTo("there");
    }

    @Test
    void whatAnotherNodeChangedOfAnUnansweredCreationStands() {
        a.store.goAwayUnanswered(true);
        browser.begin(a);
        browser.write(a, "x", "2");
        elsewhere("y", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    @Test
    void whatAnotherNodeRemovedOfAnUnansweredCreationDoesNotComeBack() {
        a.store.goAwayUnanswered(true);
        browser.begin(a);
        Exchange there = new Exchange(b, browser.id(), null);
        there.remove("y");
        assertThat(there.answer().status()).isEqualTo(200);

        a.store.setAway(false);
        a.tick();

        assertThat(stored("y")).isNull();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    @Test
    void timeoutThatAnotherNodeSetOfAnUnansweredCreationStands() {
        a.store.goAwayUnanswered(true);
        browser.begin(a);
        Exchange there = new Exchange(b, browser.id(), null).open();
        there.session().setMaxInactive(60);
        assertThat(there.answer().status()).isEqualTo(200);

        a.store.setAway(false);
        a.tick();

        assertThat(site.snapshot(browser.id()).maxInactiveSeconds()).isEqualTo(60);
        assertThat(a.serving()).singleElement().matches(copy -> copy.local().maxInactiveSeconds() == 60);
    }

    @Test
    void creationThatIsSentTwiceWhileAnotherNodeAddsSomethingIsMerged() {
        a.store.setAway(true);
        browser.begin(a);
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REPEATED, "create");
        site.store.betweenAttempts(() -> elsewhere("z", "there"));

        a.tick();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("z")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    /** Two sessions of one id: the one that is there is another's. */
    @Test
    void sessionThatAnotherNodeCreatedUnderTheIdIsLeftAlone() {
        a.store.setAway(true);
        browser.begin(a);
        Exchange there = new Exchange(b, null, null);
        there.create(browser.id());
        there.write("x", "there");
        assertThat(there.answer().status()).isEqualTo(200);

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("there");
        assertThat(stored("y")).isNull();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    // ---- the session runs out, or is ended

    /** The browser went on elsewhere, so this node finds the session idle; what it owes is not its to forget. */
    @Test
    void copyThatOwesIsNotForgottenForBeingIdle() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        site.pass(Duration.ofMinutes(29));
        new Exchange(b, browser.id(), null).open().answer();
        a.store.before("touch", () -> a.store.setAway(true));
        a.store.setAway(false);
        a.tick(); // hears of the move, and is cut off again
        site.pass(Duration.ofMinutes(2));

        a.store.setAway(false);
        a.sweep();
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void idleSessionThatOwesIsSavedBeforeItIsEnded() {
        browser.begin(a);
        site.pass(Duration.ofMinutes(29));
        a.store.setAway(true);
        browser.write(a, "x", "2");
        site.pass(Duration.ofMinutes(31));
        a.sweep();
        assertThat(a.serving()).hasSize(1);
        a.store.setAway(false);
        a.sweep();

        assertThat(a.serving()).hasSize(1);
        a.tick();
        assertThat(a.counter("atRisk")).isEqualTo(1);
        assertThat(a.coordinator.atRisk()).isZero();
    }

    @Test
    void sessionThatTheStoreNeverKnewRunsOutWhileTheStoreIsAway() {
        a.store.setAway(true);
        browser.begin(a);
        TestSession object = (TestSession) a.serving().get(0).local();
        a.tick();
        site.pass(Duration.ofMinutes(31));

        a.sweep();

        assertThat(object.events()).containsExactly("expired x=1");
        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(a.counter("atRiskLost")).isZero();
        assertThat(browser.send(a).find().found()).isNotEqualTo(Lookup.Found.FOUND);
    }

    /** Whether it ended is not known: then what others were acknowledged must not go with it. */
    @Test
    void logoutThatGoesUnansweredTakesNoDebtWithIt() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        Exchange logout = browser.send(a).open();
        site.store.failNext(InMemorySessionStore.Fault.BEFORE, "end");

        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        assertThat(logout.answer().status()).isEqualTo(503);

        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void logoutThatCannotSaveTheDebtIsRefusedAndTheSessionGoesOn() {
        for (InMemorySessionStore.Fault fault :
                new InMemorySessionStore.Fault[] {InMemorySessionStore.Fault.REFUSED, InMemorySessionStore.Fault.BEFORE
                }) {
            Browser each = new Browser();
            each.begin(a);
            a.store.setAway(true);
            each.write(a, "x", "2");
            a.store.setAway(false);
            Exchange logout = each.send(a).open();
            site.store.failNext(fault, "commit");
            a.takeCalls();

            assertThatThrownBy(logout::logout)
                    .isInstanceOf(SessionRefusedException.class)
                    .hasMessageContaining("what was changed while the store was away is not saved yet");
            assertThat(logout.answer().status()).isEqualTo(503);

            assertThat(a.takeCalls()).doesNotContain("end");
            a.tick();
            assertThat(site.stored(each.id(), "x")).isEqualTo("2");
            assertThat(each.read(a, "x")).isEqualTo("2");
        }
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void logoutEndsTheSessionThoughTheDebtIsGivenUp() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Exchange logout = browser.send(a).open();
        elsewhere("x", "there");
        a.store.setAway(false);

        logout.logout();

        assertThat(logout.answer().status()).isEqualTo(200);
        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    // ---- the first moments of an outage

    /** The first requests meet a silence, before it is known that the store is away. */
    @Test
    void copyWhoseCommitMetTheSilenceGoesOnInTheOutage() {
        browser.begin(a);
        a.store.failNext("commit", Reason.SILENT, true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);
        a.store.setAway(true);

        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(browser.write(a, "y", "2").status()).isEqualTo(200);

        a.store.setAway(false);
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("2");
    }

    @Test
    void copyOfARequestWhoseTimeWentIntoASilentLoadGoesOn() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(3));
        a.store.failNext("load", Reason.SILENT, true);
        Exchange request = browser.send(a);
        request.write("x", "2");
        a.store.failNext("commit", Reason.NONE, false);
        assertThat(request.answer().status()).isEqualTo(503);

        a.store.setAway(true);

        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    @Test
    void requestThatWaitsForANeighbourInTheOutageIsServedFromMemory() {
        TestNode impatient = site.node(new SessionOptions(
                "C",
                false,
                SessionOptions.Conflict.REFUSE,
                false,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.SERVE,
                true,
                Duration.ZERO));
        browser.begin(impatient);
        impatient.store.setAway(true);
        site.pass(Duration.ofSeconds(3));
        NearCopy copy = impatient.serving().get(0);
        copy.slot.acquireUninterruptibly(); // a neighbour looks whether the store is back

        assertThat(browser.read(impatient, "x")).isEqualTo("1");
        assertThat(browser.write(impatient, "x", "2").status()).isEqualTo(200);

        copy.slot.release();
        impatient.store.setAway(false);
        impatient.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(impatient.counter("atRiskSaved")).isEqualTo(1);
    }

    // ---- what is beside it

    /** It has read what another node changed since, and nothing of it is unsaved: the debt beside it can wait for its end. */
    @Test
    void readerInsideDoesNotTakeTheDebtOfOthersWithIt() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Exchange reader = browser.send(a);
        reader.read("y");
        elsewhere("y", "there");
        a.store.setAway(false);

        assertThat(reader.answer().status()).isEqualTo(200);

        a.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    /**
     * A round in the background comes while that reader is inside: it gave the debt up, though nothing of it stands on what was changed and
     * the reader was to end in a moment.
     */
    @Test
    void roundLeavesTheDebtToTheNextOneWhileAReaderIsInside() {
        Exchange reader = readerOfWhatAnotherNodeChanged("x");

        a.tick();
        a.tick();
        assertThat(a.coordinator.atRisk()).isEqualTo(1);
        assertThat(a.counter("conflicts")).isZero();
        assertThat(stored("x")).isEqualTo("1");

        assertThat(reader.answer().status()).isEqualTo(200);
        a.tick();
        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(a.counter("atRiskSaved")).isEqualTo(1);
        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("there");
    }

    /** What the reader derives from the old value is refused, as without the round: what was left has moved no base under it. */
    @Test
    void readerWhoseDebtWasLeftIsRefusedWhenItWrites() {
        Exchange reader = readerOfWhatAnotherNodeChanged("x");
        a.tick();

        reader.write("z", "derived from y");

        assertThat(reader.answer().status()).isEqualTo(503);
        assertThat(stored("z")).isNull();
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    /** It has read the unsaved value, too, so its answer waits for what cannot be saved any more. */
    @Test
    void readerOfTheDebtItselfIsNotAcknowledged() {
        Exchange reader = readerOfWhatAnotherNodeChanged("x");
        reader.read("x");
        a.tick();

        assertThat(reader.answer().status()).isEqualTo(503);
    }

    /** No end of a request makes room here: what is owed was derived from what is gone. */
    @Test
    void debtThatItselfStandsOnWhatWasChangedWaitsForNobody() {
        Exchange reader = readerOfWhatAnotherNodeChanged("y");

        a.tick();

        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
        assertThat(a.counter("conflicts")).isEqualTo(1);
        assertThat(reader.answer().status()).as("it has seen what is given up").isEqualTo(503);
        assertThat(stored("y")).isEqualTo("there");
    }

    @Test
    void readerThatNeverEndsIsWaitedForUntilTheSessionHasRunOut() {
        readerOfWhatAnotherNodeChanged("x");
        site.pass(Duration.ofMinutes(29));
        a.tick();
        assertThat(a.coordinator.atRisk()).isEqualTo(1);

        site.pass(Duration.ofMinutes(2));
        a.tick();

        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    @Test
    void nodeThatStopsWaitsForNoReader() {
        readerOfWhatAnotherNodeChanged("x");
        a.tick();

        a.coordinator.stop();

        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    /** Owes a change of a field; a request is inside that has read y, which another node has changed since; and the store is back. */
    private Exchange readerOfWhatAnotherNodeChanged(String owed) {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, owed, "2");
        Exchange reader = browser.send(a);
        reader.read("y");
        elsewhere("y", "there");
        a.store.setAway(false);
        return reader;
    }

    // ---- how long, and what for

    @Test
    void timeoutThatWasChangedAtRiskCountsAsWellAsTheOneThatTheStoreKnows() {
        Browser longer = new Browser();
        browser.begin(a);
        longer.begin(a);
        a.store.setAway(true);
        setTimeout(browser, 60);
        setTimeout(longer, 3600);

        site.pass(Duration.ofSeconds(61));
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(longer.send(a).find().found()).isEqualTo(Lookup.Found.FOUND);
        site.pass(Duration.ofMinutes(30));
        assertThat(longer.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    /** The store had gone back, and went away before it was told: what it has is older, though no request here has changed anything. */
    @Test
    void sessionThatCouldNotBeSentAgainIsOwed() {
        browser.begin(a);
        InMemorySessionStore.Image before = site.store.image();
        browser.write(a, "x", "2");
        site.store.restore(before);
        site.store.changePrimary();
        a.store.after("load", () -> a.store.setAway(true));
        assertThat(browser.read(a, "x")).isEqualTo("2");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
    }

    /** No live object was ever made of the old value; the new one is this node's work all the same. */
    @Test
    void valueRemovedBlindlyByAnUnansweredCommitIsKnownForOnesOwn() {
        browser.begin(b);
        browser.settleOn(a);
        a.store.goAwayUnanswered(true);
        Exchange removing = browser.send(a);
        removing.remove("y");
        browser.receive(removing.answer());
        elsewhere("z", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("y")).isNull();
        assertThat(stored("z")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    private void setTimeout(Browser who, int seconds) {
        Exchange request = who.send(a).open();
        request.session().setMaxInactive(seconds);
        who.receive(request.answer());
    }
}
