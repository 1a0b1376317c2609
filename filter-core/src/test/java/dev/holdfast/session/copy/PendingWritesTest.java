package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What a copy owes the store, when that is paid, and what of the store is its own unanswered commit. */
class PendingWritesTest extends ProtocolTest {
    PendingWritesTest() {
        super(Site::servingNode);
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

    /**
     * Two requests of one session, one before the store came back and one after: the debt of the first is not taken for
     * paid too early.
     */
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

    // ---- creations that went unanswered

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
}
