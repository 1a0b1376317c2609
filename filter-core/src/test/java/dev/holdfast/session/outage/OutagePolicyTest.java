package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Fields;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.copy.FieldStates;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.copy.PendingWrites;
import dev.holdfast.session.copy.RequestUse;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What goes on while the store is away from a node that serves, and what becomes of it when the store is back. */
class OutagePolicyTest extends ProtocolTest {
    OutagePolicyTest() {
        super(Site::servingNode);
    }

    // ---- reads

    @Test
    void sessionInMemoryIsReadForAsLongAsItsLastKnownUseAllows() {
        browser.begin(a);
        a.store.setAway(true);
        site.pass(Duration.ofMinutes(29));

        Exchange request = browser.send(a);
        assertThat(request.read("x")).isEqualTo("1");
        Answer answer = request.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.epoch()).isNull();
        assertThat(a.counter("outageReads")).isEqualTo(1);
        site.pass(Duration.ofMinutes(2));
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void browserThatWasElsewhereIsNotServedFromAnOldCopy() {
        browser.begin(a);
        Epoch old = browser.epoch();
        browser.settleOn(b);
        a.store.setAway(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(new Exchange(a, browser.id(), old).find().found()).isEqualTo(Lookup.Found.FOUND);
    }

    @Test
    void markThatWasNeverConfirmedIsNotEnough() {
        browser.begin(a);
        browser.read(b, "x");
        b.store.setAway(true);

        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void copyWhoseEndOrMoveWasHeardIsNotServed() {
        browser.begin(a);
        Exchange elsewhere = new Exchange(b, browser.id(), null);
        elsewhere.open();
        elsewhere.answer();
        a.tick();
        a.store.setAway(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    /** The numbers of the log say nothing any more after another primary; that the browser has gone elsewhere is as true as before. */
    @Test
    void copyWhoseMoveWasHeardIsNotServedAfterAnotherPrimaryEither() {
        browser.begin(a);
        Epoch old = browser.epoch();
        browser.settleOn(b);
        browser.write(b, "x", "2");
        a.tick();
        site.store.changePrimary();
        a.store.setAway(true);

        for (int i = 0; i < 2; i++) {
            assertThat(new Exchange(a, browser.id(), old).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        }
    }

    @Test
    void nodeThatRefusesServesNothingThatItCannotAskFor() {
        TestNode refusing = site.node("C");
        browser.begin(refusing);
        refusing.store.setAway(true);
        site.pass(Duration.ofSeconds(3));

        assertThat(browser.send(refusing).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void unknownSessionIsUnavailableAndNotNew() {
        browser.begin(b);
        a.store.setAway(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    // ---- changes

    @Test
    void changeIsAcknowledgedAndSavedWhenTheStoreIsBack() {
        browser.begin(a);
        a.store.setAway(true);

        Answer answer = browser.write(a, "x", "2");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.epoch()).isNull();
        assertThat(stored("x")).isEqualTo("1");
        assertThat(a.counter("atRisk")).isEqualTo(1);
        site.pass(Duration.ofSeconds(30));
        assertThat(browser.read(a, "x")).isEqualTo("2");
        a.tick();
        assertThat(stored("x")).isEqualTo("1");
        a.store.setAway(false);
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.counter("atRiskSaved")).isEqualTo(1);
        assertThat(a.counter("atRiskLost")).isZero();
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /** The value was changed inside, by a request that is over: nothing but what it had read says so. */
    @Test
    void changeInPlaceIsSavedToo() {
        browser.begin(a);
        Exchange first = browser.send(a);
        first.write("list", TextCodec.mutable("a"));
        browser.receive(first.answer());
        a.store.setAway(true);
        Exchange request = browser.send(a);
        request.append("list", "b");
        browser.receive(request.answer());
        browser.read(a, "x");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("list")).isEqualTo("ab");
    }

    @Test
    void removalIsSavedToo() {
        browser.begin(a);
        a.store.setAway(true);
        Exchange request = browser.send(a);
        request.remove("y");
        browser.receive(request.answer());

        a.store.setAway(false);
        a.tick();

        assertThat(stored("y")).isNull();
        assertThat(stored("x")).isEqualTo("1");
    }

    @Test
    void nextRequestSavesWhatIsOwedBeforeItAnswers() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);

        assertThat(browser.read(a, "x")).isEqualTo("2");

        assertThat(stored("x")).isEqualTo("2");
    }

    /** Nor are its browsers told anything that could be lost. */
    @Test
    void requestThatUsesNothingThatIsOwedDoesNotWaitForIt() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.takeCalls();

        assertThat(browser.read(a, "y")).isEqualTo("1");
        a.store.setAway(false);
        assertThat(browser.read(a, "y")).isEqualTo("1");

        assertThat(a.takeCalls()).isEmpty();
        assertThat(a.counter("atRisk")).isEqualTo(1);
        assertThat(a.coordinator.atRisk()).isEqualTo(1);
        browser.write(a, "y", "2");
        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.coordinator.atRisk()).isZero();
    }

    @Test
    void requestThatListsTheNamesHasSeenANewOne() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "new", "1");
        a.store.setAway(false);
        Exchange request = browser.send(a).open();
        request.run(() -> request.copy().access().noteReadOfNames());

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(stored("new")).isEqualTo("1");
    }

    @Test
    void oneSessionAfterTheOtherIsSavedInTheOrderInWhichTheyBeganToOwe() {
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            browsers.add(new Browser());
            browsers.get(i).begin(a);
        }
        a.store.setAway(true);
        for (int i = 4; i >= 0; i--) {
            site.pass(Duration.ofMillis(10));
            browsers.get(i).write(a, "x", "2");
        }
        a.store.setAway(false);
        int before = a.store.all(SessionStore.Commit.class).size();

        a.tick();

        List<SessionStore.Commit> commits = a.store.all(SessionStore.Commit.class);
        assertThat(commits.subList(before, commits.size()))
                .extracting(SessionStore.Commit::id)
                .containsExactly(
                        browsers.get(4).id(),
                        browsers.get(3).id(),
                        browsers.get(2).id(),
                        browsers.get(1).id(),
                        browsers.get(0).id());
    }

    @Test
    void silentStoreThatIsNotKnownToBeAwayRefusesTheChange() {
        browser.begin(a);
        site.store.failNext(InMemorySessionStore.Fault.BEFORE, "commit");

        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);

        assertThat(a.counter("atRisk")).isZero();
        assertThat(browser.read(a, "x")).isEqualTo("1");
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

    /** Nobody is inside any more: without its uses the node would take over the other's y and save an x that was derived from the old one. */
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

    /** A blind write of a request that is inside is none; of one that is over it may be long ago, and others have built on what was there. */
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

    /** Two requests of one session, one before the store came back and one after: the debt of the first is not taken for paid too early. */
    @Test
    void commitWhoseValuesWereEncodedBeforeAChangeDoesNotPayForIt() {
        browser.begin(a);
        Exchange list = browser.send(a);
        list.write("list", TextCodec.mutable("a"));
        browser.receive(list.answer());
        Exchange late = browser.send(a);
        late.write("x", "2");
        a.store.setAway(true);
        // While the commit of the one is under way, the other changes a value inside and is acknowledged at risk.
        a.store.before("commit", () -> {
            Exchange other = browser.send(a);
            other.append("list", "b");
            NearCopy copy = other.copy();
            assertThat(copy.owe(holdOf(other), false, site.ticker.nanos())).isEqualTo(PendingWrites.Taken.FIRST);
            a.store.setAway(false);
        });

        late.save();
        assertThat(a.serving()).singleElement().matches(copy -> copy.owed().isOwing());
        assertThat(stored("list")).isEqualTo("a");
        late.finish();
        assertThat(browser.read(a, "list")).isEqualTo("ab");

        assertThat(stored("list")).isEqualTo("ab");
        assertThat(stored("x")).isEqualTo("2");
    }

    private static RequestUse holdOf(Exchange exchange) {
        RequestUse session = exchange.scope.sessionOf(exchange.copy());
        assertThat(session).isNotNull();
        return session;
    }

    // ---- commits that went unanswered

    @Test
    void commitThatWasAppliedUnansweredIsKnownForOnesOwn() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        assertThat(browser.write(a, "x", "3").status()).isEqualTo(200);
        assertThat(browser.write(a, "z", "new").status()).isEqualTo(200);
        assertThat(stored("x")).isEqualTo("2");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("3");
        assertThat(stored("z")).isEqualTo("new");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void removalThatWasAppliedUnansweredIsKnownForOnesOwn() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        Exchange request = browser.send(a);
        request.remove("y");
        browser.receive(request.answer());
        browser.write(a, "x", "2");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("y")).isNull();
        assertThat(stored("x")).isEqualTo("2");
    }

    @Test
    void commitThatRunsLateAfterTheDebtWasPaidChangesNothing() {
        browser.begin(a);
        a.store.goAwayUnanswered(false);
        browser.write(a, "x", "2");
        browser.write(a, "x", "3");
        a.store.setAway(false);
        a.tick();

        a.store.runLate();

        assertThat(stored("x")).isEqualTo("3");
    }

    @Test
    void whatAnotherNodeBuiltOnAnUnansweredCommitStands() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        browser.write(a, "x", "2");
        browser.write(a, "y", "here");
        elsewhere("x", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("there");
        assertThat(stored("y")).isEqualTo("1");
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
    }

    @Test
    void whatAnotherNodeBuiltBesideAnUnansweredCommitIsMerged() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        browser.write(a, "x", "2");
        browser.write(a, "x", "3");
        elsewhere("y", "there");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("3");
        assertThat(stored("y")).isEqualTo("there");
    }

    // ---- what was set back while a commit of it is unanswered

    @Test
    void valueSetBackIsWrittenOverTheUnansweredOne() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        assertThat(browser.write(a, "x", "1").status()).isEqualTo(200);
        assertThat(stored("x")).isEqualTo("2");

        a.store.setAway(false);

        assertThat(browser.read(a, "x")).isEqualTo("1");
        a.tick();
        assertThat(stored("x")).isEqualTo("1");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void valueSetBackStaysThoughTheUnansweredOneRunsLate() {
        browser.begin(a);
        a.store.goAwayUnanswered(false);
        browser.write(a, "x", "2");
        browser.write(a, "x", "1");
        a.store.setAway(false);
        a.tick();

        a.store.runLate();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void valueSetBackStaysThoughTheUnansweredOneRunsBeforeTheDebtIsPaid() {
        browser.begin(a);
        a.store.goAwayUnanswered(false);
        browser.write(a, "x", "2");
        browser.write(a, "x", "1");
        a.store.setAway(false);
        a.store.runLate();

        a.tick();

        assertThat(stored("x")).isEqualTo("1");
    }

    @Test
    void newValueThatWasRemovedAgainIsRemovedFromTheStore() {
        browser.begin(a);
        a.store.goAwayUnanswered(true);
        browser.write(a, "z", "new");
        Exchange removing = browser.send(a);
        removing.remove("z");
        browser.receive(removing.answer());
        assertThat(stored("z")).isEqualTo("new");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("z")).isNull();
        assertThat(browser.read(a, "z")).isNull();
    }

    @Test
    void newValueThatWasRemovedAgainDoesNotComeBackLate() {
        browser.begin(a);
        a.store.goAwayUnanswered(false);
        browser.write(a, "z", "new");
        Exchange removing = browser.send(a);
        removing.remove("z");
        browser.receive(removing.answer());
        a.store.setAway(false);
        a.tick();

        a.store.runLate();

        assertThat(stored("z")).isNull();
    }

    @Test
    void timeoutSetBackIsNotTakenForAnothersChange() {
        for (boolean executed : new boolean[] {true, false}) {
            Browser each = new Browser();
            each.begin(a);
            a.store.goAwayUnanswered(executed);
            setTimeout(each, 60);
            setTimeout(each, TestSession.MAX_INACTIVE);
            a.store.setAway(false);
            a.tick();
            if (!executed) {
                a.store.runLate();
            }

            assertThat(site.snapshot(each.id()).maxInactiveSeconds()).isEqualTo(TestSession.MAX_INACTIVE);
            assertThat(each.send(a).session().maxInactiveSeconds()).isEqualTo(TestSession.MAX_INACTIVE);
        }
    }

    private void setTimeout(Browser who, int seconds) {
        Exchange request = who.send(a).open();
        request.session().setMaxInactive(seconds);
        Answer answer = request.answer();
        assertThat(answer.status()).isEqualTo(200);
        who.receive(answer);
    }

    // ---- what is paid, and what is not

    /** A debt that comes in while somebody looks is newer than the look, which has not seen it. */
    @Test
    void debtThatComesInDuringALookIsNotPaidByIt() {
        FieldStates values = new FieldStates();
        PendingWrites owed = new PendingWrites();
        List<CompletableFuture<Void>> owing = new ArrayList<>();

        PendingWrites.Seen look = owed.seen(() -> {
            owing.add(CompletableFuture.runAsync(() -> owed.add(Set.of("x"), false, values::nextTick, 0, false)));
            giveItTime(owing.get(0));
            return values.tick();
        });
        owing.get(0).join();

        assertThat(look.fields()).doesNotContain("x");
        assertThat(owed.paid(look.tick())).isNull();
        assertThat(owed.isOwing()).isTrue();
    }

    /** A mark that is drawn and not entered yet must not be older than a look that has not seen it. */
    @Test
    void lookThatComesInWhileADebtIsEnteredSeesIt() {
        FieldStates values = new FieldStates();
        PendingWrites owed = new PendingWrites();
        List<CompletableFuture<PendingWrites.Seen>> looking = new ArrayList<>();

        owed.add(
                Set.of("x"),
                false,
                () -> {
                    long mark = values.nextTick();
                    looking.add(CompletableFuture.supplyAsync(() -> owed.seen(values::tick)));
                    giveItTime(looking.get(0));
                    return mark;
                },
                0,
                false);

        assertThat(looking.get(0).join().fields()).contains("x");
    }

    /** As long as something may need that is not to happen. */
    private static void giveItTime(CompletableFuture<?> task) {
        try {
            task.get(200, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // it waits, as it should
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

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

    // ---- a change of the id that meets the outage

    @Test
    void changeOfTheIdThatWaitedForACommitAtRiskIsRefused() {
        browser.begin(a);
        Exchange writer = browser.send(a);
        Exchange login = browser.send(a).open();
        writer.write("x", "2");
        NearCopy copy = writer.copy();
        List<CompletableFuture<Boolean>> changing = new ArrayList<>();
        a.store.before("commit", () -> {
            changing.add(CompletableFuture.supplyAsync(() -> isRefused(login)));
            TestNode.awaitQueued(copy, 1);
            a.store.setAway(true);
        });

        assertThat(writer.answer().status()).isEqualTo(200);
        assertThat(changing.get(0).join()).isTrue();
        login.finish();
        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    /** Else the first id would live on in the store, and with it whoever knows it. */
    @Test
    void changeOfTheIdThatWaitedForAnUnansweredCreationIsRefused() {
        Exchange creating = new Exchange(a, null, null);
        creating.create();
        creating.write("x", "1");
        NearCopy copy = creating.copy();
        Exchange login = new Exchange(a, copy.id(), copy.trust().epoch());
        login.run(() -> login.scope.adopt(copy.access()));
        login.open();
        List<CompletableFuture<Boolean>> changing = new ArrayList<>();
        a.store.goAwayUnanswered(true);
        a.store.before("create", () -> {
            changing.add(CompletableFuture.supplyAsync(() -> isRefused(login)));
            TestNode.awaitQueued(copy, 1);
        });

        browser.receive(creating.answer());
        assertThat(changing.get(0).join()).isTrue();
        login.finish();
        a.store.setAway(false);
        a.tick();

        assertThat(a.store.all(SessionStore.Create.class))
                .extracting(SessionStore.Create::id)
                .containsOnly(browser.id());
        assertThat(stored("x")).isEqualTo("1");
    }

    private static boolean isRefused(Exchange request) {
        try {
            request.changeId();
            return false;
        } catch (SessionRefusedException e) {
            return true;
        }
    }

    // ---- new sessions

    @Test
    void newSessionLivesInMemoryUntilItCanBeCreated() {
        a.store.setAway(true);
        browser.begin(a);
        assertThat(browser.id()).isNotNull();
        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);
        a.tick();
        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(site.snapshot(browser.id())).isNull();

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("1");
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    @Test
    void requestThatComesFirstCreatesTheSessionBeforeItLooksForIt() {
        a.store.setAway(true);
        browser.begin(a);
        a.store.setAway(false);

        assertThat(browser.read(a, "x")).isEqualTo("1");

        assertThat(stored("x")).isEqualTo("1");
    }

    @Test
    void creationThatWasAppliedUnansweredIsWrittenAgainWhole() {
        a.store.goAwayUnanswered(true);
        browser.begin(a);
        browser.write(a, "x", "2");
        Exchange removing = browser.send(a);
        removing.remove("y");
        browser.receive(removing.answer());
        assertThat(stored("x")).isEqualTo("1");

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isNull();
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void creationThatRunsLateDoesNotComeBackOverWhatIsThere() {
        a.store.goAwayUnanswered(false);
        browser.begin(a);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        a.tick();

        a.store.runLate();

        assertThat(stored("x")).isEqualTo("2");
    }

    @Test
    void sessionThatTheStoreNeverKnewCanBeEndedAndCanChangeItsId() {
        a.store.setAway(true);
        browser.begin(a);
        Exchange login = browser.send(a).open();
        login.changeId();
        browser.receive(login.answer());
        assertThat(browser.read(a, "x")).isEqualTo("1");
        Exchange logout = browser.send(a).open();
        logout.logout();
        assertThat(logout.answer().status()).isEqualTo(200);

        a.store.setAway(false);
        a.tick();

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(a.counter("atRiskLost")).isZero();
    }

    // ---- what cannot be done without the store

    @Test
    void endOfASessionThatTheStoreKnowsIsRefusedAndTheSessionGoesOn() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Exchange logout = browser.send(a).open();

        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        assertThat(logout.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("2");
        a.store.setAway(false);
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
    }

    @Test
    void changeOfAnIdThatTheStoreKnowsIsRefusedAndTheSessionGoesOn() {
        browser.begin(a);
        a.store.setAway(true);
        Exchange login = browser.send(a);
        assertThat(login.read("x")).isEqualTo("1");

        assertThatThrownBy(login::changeId).isInstanceOf(SessionRefusedException.class);
        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.serving()).singleElement().matches(copy -> !copy.owed().isOwing());
    }

    /** 503 does not say "not applied": what the request had done by then goes along with the rest. */
    @Test
    void refusedRequestTakesNothingAwayThatOthersWereAcknowledged() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Exchange login = browser.send(a);
        login.write("y", "2");
        assertThatThrownBy(login::changeId).isInstanceOf(SessionRefusedException.class);
        assertThat(login.answer().status()).isEqualTo(503);

        a.store.setAway(false);
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void idCannotBeChangedBeforeWhatIsOwedIsSaved() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        Exchange login = new Exchange(a, browser.id(), browser.epoch());
        a.store.setAway(true);
        login.open();
        a.store.setAway(false);

        assertThatThrownBy(login::changeId).isInstanceOf(SessionRefusedException.class);
        login.finish();
        a.tick();

        assertThat(stored("x")).isEqualTo("2");
    }

    @Test
    void roamingNodeServesNothingFromMemory() {
        TestNode roaming = site.node(new SessionOptions(
                "R",
                true,
                SessionOptions.Conflict.REFUSE,
                false,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.SERVE,
                true,
                TestNode.PATIENT));
        browser.begin(roaming);
        roaming.store.setAway(true);

        assertThat(browser.send(roaming).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        Exchange fresh = new Exchange(roaming, null, null);
        fresh.create();
        assertThat(fresh.answer().status()).isEqualTo(503);
    }

    // ---- the end of the node

    @Test
    void nodeThatStopsSavesWhatItOwes() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);

        a.coordinator.stop();

        assertThat(stored("x")).isEqualTo("2");
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
}
