package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.copy.NearCopy;
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
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a node that serves acknowledges while the store is away, and what it refuses. */
class OutagePolicyTest extends ProtocolTest {
    OutagePolicyTest() {
        super(Site::servingNode);
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
    void silentStoreThatIsNotKnownToBeAwayRefusesTheChange() {
        browser.begin(a);
        site.store.failNext(InMemorySessionStore.Fault.BEFORE, "commit");

        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);

        assertThat(a.counter("atRisk")).isZero();
        assertThat(browser.read(a, "x")).isEqualTo("1");
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

    private static boolean isRefused(Exchange request) {
        try {
            request.changeId();
            return false;
        } catch (SessionRefusedException e) {
            return true;
        }
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
}
