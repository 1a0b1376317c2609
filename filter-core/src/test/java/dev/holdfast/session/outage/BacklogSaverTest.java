package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Fields;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What becomes of work at risk when the store is back, and of what another node has done meanwhile. */
class BacklogSaverTest extends ProtocolTest {
    BacklogSaverTest() {
        super(Site::servingNode);
    }

    // ---- another node has gone on meanwhile

    @Test
    void changeOfAnotherNodeInWhatWasUsedStandsAndTheUnsavedPartIsGivenUp() {
        browser.begin(a);
        Exchange inside = browser.send(a);
        a.store.setAway(true);
        inside.write("x", inside.read("x") + "+here");
        assertThat(inside.answer().status()).isEqualTo(200);
        elsewhere("x", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
        assertThat(a.serving()).isEmpty();
        assertThat(browser.read(a, "x")).isEqualTo("there");
    }

    /**
     * Nobody is inside any more: without its uses the node would take over the other's y and save an x that was derived
     * from the old one.
     */
    @Test
    void whatAFinishedRequestOnlyReadIsInTheWayToo() {
        browser.begin(a);
        a.store.setAway(true);
        Exchange request = browser.send(a);
        request.write("x", request.read("y") + "+derived");
        browser.receive(request.answer());
        elsewhere("y", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    /**
     * A blind write of a request that is inside is none; of one that is over it may be long ago, and others have built
     * on what was there.
     */
    @Test
    void blindWriteThatWasAcknowledgedIsInTheWayToo() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "blind");
        elsewhere("x", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("there");
    }

    @Test
    void listOfNamesThatWasReadIsInTheWayOfANewName() {
        browser.begin(a);
        a.store.setAway(true);
        Exchange request = browser.send(a).open();
        request.run(() -> request.copy().access().noteReadOfNames());
        request.write("x", "2");
        browser.receive(request.answer());
        elsewhere("new", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("1");
    }

    @Test
    void changeOfAnotherNodeElsewhereIsMerged() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "here");
        elsewhere("y", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("here");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("atRiskSaved")).isEqualTo(1);
        assertThat(browser.read(a, "y")).isEqualTo("there");
    }

    /** B has taken the session over and trusts its copy: it must hear of the state that A saves late. */
    @Test
    void nodeThatTookTheSessionOverLearnsOfWhatIsSavedLate() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Browser moved = browser;
        moved.settleOn(b);
        assertThat(moved.read(b, "x")).isEqualTo("1");

        a.store.setAway(false);
        a.tick();
        b.tick();

        assertThat(moved.read(b, "x")).isEqualTo("2");
    }

    @Test
    void sessionThatEndedElsewhereMeanwhileIsNotBroughtBack() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Exchange elsewhere = new Exchange(b, browser.id(), null).open();
        elsewhere.logout();
        elsewhere.answer();

        a.store.setAway(false);
        a.tick();

        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void copyOfWhichANodeHeardThatItMovedIsKeptUntilItsDebtIsPaid() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        new Exchange(b, browser.id(), null).open().answer();
        site.pass(Duration.ofMinutes(2));
        a.store.before("touch", () -> a.store.setAway(true));
        a.store.setAway(false);
        a.tick(); // hears of the move, and is cut off again
        site.pass(Duration.ofMinutes(2));
        a.tick();

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
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

    /**
     * A blind write of a request that is inside would be taken for none, and written over what somebody has seen and
     * changed.
     */
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

    // ---- a request is inside

    /**
     * It has read what another node changed since, and nothing of it is unsaved: the debt beside it can wait for its
     * end.
     */
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
     * A round in the background comes while that reader is inside: it gave the debt up, though nothing of it stands on
     * what was changed and the reader was to end in a moment.
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

    /**
     * Owes a change of a field; a request is inside that has read y, which another node has changed since; and the
     * store is back.
     */
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

    /**
     * What the reader derives from the old value is refused, as without the round: what was left has moved no base
     * under it.
     */
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

    // ---- what cannot be saved yet

    /** The store never knew it: a load would find that it is gone, and log its user out. */
    @Test
    void newSessionWhoseValueCannotBeEncodedJustNowIsNotTakenForGone() {
        a.store.setAway(true);
        browser.begin(a);
        Exchange list = browser.send(a);
        list.write("list", TextCodec.mutable("a"));
        browser.receive(list.answer());
        TestSession object = (TestSession) a.serving().get(0).local();
        Object before = object.value(Fields.attribute("list"));
        object.take("list", before);
        object.put("list", TextCodec.UNENCODABLE);
        a.store.setAway(false);

        assertThat(browser.send(a).find().found()).isNotEqualTo(Lookup.Found.NONE);

        object.take("list", TextCodec.UNENCODABLE);
        object.put("list", before);
        assertThat(browser.read(a, "x")).isEqualTo("1");
        a.tick();
        assertThat(stored("list")).isEqualTo("a");
    }

    /** One session is refused again and again: the others are saved all the same. */
    @Test
    void sessionThatTheStoreRefusesHoldsUpNoOther() {
        Browser other = new Browser();
        browser.begin(a);
        other.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        site.pass(Duration.ofMillis(10));
        other.write(a, "x", "2");
        a.store.setAway(false);
        site.store.failNext(InMemorySessionStore.Fault.REFUSED, "commit");

        a.tick();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(site.stored(other.id(), "x")).isEqualTo("2");
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
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

    private void setTimeout(Browser who, int seconds) {
        Exchange request = who.send(a).open();
        request.session().setMaxInactive(seconds);
        who.receive(request.answer());
    }

    /**
     * The store had gone back, and went away before it was told: what it has is older, though no request here has
     * changed anything.
     */
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
}
