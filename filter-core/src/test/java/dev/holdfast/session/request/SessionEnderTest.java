package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logout, and what a node that held the session hears of them: rule 8 of the protocol. */
class SessionEnderTest extends ProtocolTest {
    // ---- logout

    @Test
    void endedSessionIsGoneOnAllNodes() {
        browser.begin(a);

        logout(a);

        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void sessionEndedElsewhereIsServedFromMemoryForTwoSecondsAtMost() {
        browser.begin(a);
        Exchange logout = new Exchange(b, browser.id(), null).open();
        logout.logout();
        logout.answer();

        site.pass(Lifetimes.LOG_AGE.plusNanos(1));

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void nodeHearsOfAnEndWithItsNextQuestion() {
        browser.begin(a);
        Exchange request = browser.send(a);
        TestSession object = request.session();
        request.answer();
        logoutAt(b);

        a.tick();

        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(object.events()).containsExactly("ended elsewhere");
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    /**
     * Hole 2 of the third check: the first question of a shard must not begin behind an end that came after the load.
     */
    @Test
    void firstQuestionAfterALoadHearsAnEndThatCameBetween() {
        browser.begin(a);
        browser.read(b, "x");
        logoutAt(a);

        b.tick();

        assertThat(b.coordinator.copies()).isEmpty();
    }

    @Test
    void firstQuestionAfterACreationHearsAnEndThatCameBetween() {
        browser.begin(a);
        logoutAt(b);

        a.tick();

        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void entryOlderThanTheLoadSaysNothingAboutTheCopy() {
        browser.begin(a);
        browser.read(b, "x");
        browser.read(a, "x");
        browser.read(a, "x");

        a.tick();
        a.takeCalls();

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.takeCalls()).isEmpty();
    }

    /**
     * Hole 3 of the third check: the log went back, its numbers are used again, and the end gets one that was read
     * before.
     */
    @Test
    void endInALogThatWentBackIsHeard() {
        browser.begin(a);
        InMemorySessionStore.Image early = site.store.image();
        for (int i = 0; i < 5; i++) {
            browser.read(b, "x");
            browser.read(a, "x");
        }
        browser.read(a, "x");
        site.store.restore(early);
        site.store.changePrimary();
        a.tick();
        a.tick();
        browser.read(a, "x");
        browser.read(a, "x");
        a.tick();
        logoutAt(b);

        a.tick();

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    /**
     * As before, but the first call after the loss is a renewal: what it returns must not keep the old log's numbers.
     */
    @Test
    void endInALogThatWentBackIsHeardAfterARenewal() {
        browser.begin(a);
        InMemorySessionStore.Image early = site.store.image();
        for (int i = 0; i < 5; i++) {
            browser.read(b, "x");
            browser.read(a, "x");
        }
        browser.read(a, "x");
        Exchange reader = browser.send(a).open();
        new Exchange(a, browser.id(), null).open().answer();
        site.store.restore(early);
        site.store.changePrimary();
        a.tick();
        a.tick();
        browser.receive(reader.answer());
        assertThat(a.counter("renewals")).isEqualTo(1);
        browser.read(a, "x");
        a.tick();
        logoutAt(b);

        a.tick();

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void copiesAreNotTrustedAfterAnotherPrimaryUntilTheyAreLoadedAgain() {
        browser.begin(a);
        site.store.changePrimary();
        a.takeCalls();

        browser.read(a, "x");
        browser.read(a, "x");
        a.tick();
        browser.read(a, "x");
        browser.read(a, "x");
        a.takeCalls();
        browser.read(a, "x");

        assertThat(a.takeCalls()).isEmpty();
    }

    /** Hole 4 of the third check: a commit after a failover may find the epoch from before a takeover. */
    @Test
    void commitAfterAnotherPrimaryMovesTheEpoch() {
        browser.begin(a);
        InMemorySessionStore.Image beforeTakeover = site.store.image();
        Exchange write = browser.send(a).open();
        browser.read(b, "x");
        browser.read(b, "x");
        site.store.restore(beforeTakeover);
        site.store.changePrimary();

        write.write("x", "2");
        browser.receive(write.answer());

        assertThat(browser.epoch().route()).isEqualTo("A");
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    @Test
    void changeAfterTheEndIsRefusedAndBringsNothingBack() {
        browser.begin(a);
        Exchange write = browser.send(a).open();
        logoutAt(b);

        write.write("x", "2");

        assertThat(write.answer().status()).isEqualTo(503);
        assertThat(site.snapshot(browser.id())).isNull();
    }

    @Test
    void readerOfASessionEndedElsewhereAnswersNormally() {
        browser.begin(a);
        Exchange read = browser.send(a);
        read.read("x");
        logoutAt(b);
        a.tick();

        assertThat(read.answer().status()).isEqualTo(200);
    }

    @Test
    void neighbourOfALogoutOnTheSameNodeBringsNothingBack() {
        browser.begin(a);
        Exchange write = browser.send(a);
        write.write("x", "2");

        logout(a);
        write.answer();

        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(a.coordinator.copies()).isEmpty();
    }

    /** The logout is on an object that was dropped; what took its place must end, too. */
    @Test
    void logoutOnAnOrphanEndsTheSession() {
        browser.begin(a);
        Exchange logout = browser.send(a).open();
        browser.write(b, "x", "2");
        browser.read(a, "x");
        browser.read(a, "x");

        logout.logout();

        assertThat(logout.answer().status()).isEqualTo(200);
        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void logoutWithAnUncommittedIdEndsTheStoredSession() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.changeId();

        request.logout();
        request.answer();

        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void logoutThatTheStoreDoesNotHearIsRefusedAndTheSessionLivesOn() {
        browser.begin(a);
        Exchange logout = browser.send(a).open();
        site.store.setDown(true);

        assertThatThrownBy(logout::logout)
                .isInstanceOf(SessionRefusedException.class)
                .hasMessage("HF-201: Session " + browser.id().shortened()
                        + " cannot be ended: Cannot end: the store in memory is down.");

        assertThat(logout.answer().status()).isEqualTo(503);
        site.store.setDown(false);
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    // ---- a logout while neighbours are inside

    /** The neighbour's commit would have been refused; the end is no way around that. */
    @Test
    void neighbourOfALogoutIsRefusedIfItHasNotSeenWhatAnotherNodeWrote() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange neighbour = browser.send(a);
        Exchange logout = browser.send(a).open();
        neighbour.write("x", neighbour.read("x") + "+here");
        browser.write(b, "x", "1+there");

        logout.logout();

        assertThat(neighbour.answer().status()).isEqualTo(503);
        assertThat(logout.answer().status()).isEqualTo(200);
    }

    @Test
    void neighbourThatWaitsForItsCommitMeanwhileIsRefusedToo() throws Exception {
        browser.begin(a);
        browser.settleOn(a);
        Exchange neighbour = browser.send(a);
        Exchange logout = browser.send(a).open();
        neighbour.write("x", neighbour.read("x") + "+here");
        browser.write(b, "x", "1+there");
        AtomicReference<CompletableFuture<Answer>> answer = new AtomicReference<>();
        a.store.before("end", () -> {
            answer.set(CompletableFuture.supplyAsync(neighbour::answer));
            TestNode.awaitQueued(logout.copy(), 1);
        });

        logout.logout();

        assertThat(answer.get().get(10, TimeUnit.SECONDS).status()).isEqualTo(503);
        assertThat(logout.answer().status()).isEqualTo(200);
    }

    @Test
    void neighbourOfALogoutAnswersNormallyIfNobodyElseWrote() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange neighbour = browser.send(a);
        Exchange logout = browser.send(a).open();
        neighbour.write("x", "2");

        logout.logout();

        assertThat(neighbour.answer().status()).isEqualTo(200);
        assertThat(logout.answer().status()).isEqualTo(200);
    }

    /** What was doomed when the copy was dropped stays so. */
    @Test
    void neighbourOnAnOrphanIsRefusedAlsoIfTheSessionIsEndedThroughIt() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange neighbour = browser.send(a);
        Exchange logout = browser.send(a).open();
        Exchange third = browser.send(a).open();
        neighbour.write("x", neighbour.read("x") + "+here");
        third.write("y", third.read("y") + "+here");
        browser.write(b, "x", "1+there");
        assertThat(third.answer().status()).isEqualTo(503);

        logout.logout();

        assertThat(neighbour.answer().status()).isEqualTo(503);
        assertThat(logout.answer().status()).isEqualTo(200);
    }

    /** Its tombstone does not say whether somebody wrote before: rather a refusal too many. */
    @Test
    void neighbourOfALogoutWhoseFirstAnswerWasLostIsRefused() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange neighbour = browser.send(a);
        Exchange logout = browser.send(a).open();
        neighbour.write("x", "2");
        site.store.failNext(Fault.REPEATED, "end");

        logout.logout();

        assertThat(neighbour.answer().status()).isEqualTo(503);
        assertThat(logout.answer().status()).isEqualTo(200);
    }

    /** Else the user would be told that the session is over, and it would live on under its new id. */
    @Test
    void logoutUnderAnIdThatWasChangedElsewhereIsRefused() {
        browser.begin(a);
        Exchange logout = browser.send(b).open();
        Exchange change = browser.send(a).open();
        SessionId changed = change.changeId();
        change.answer();

        assertThatThrownBy(logout::logout)
                .isInstanceOf(SessionRefusedException.class)
                .hasMessage("HF-201: Session " + browser.id().shortened()
                        + " cannot be ended: another request has changed its id meanwhile, and it lives on under that."
                        + " The client may try again.");

        assertThat(logout.answer().status()).isEqualTo(503);
        assertThat(site.snapshot(changed)).isNotNull();
    }

    // ---- a logout that the store does not answer

    /** It is refused, and its session has ended: nobody but this node can tell the listeners. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"AFTER", "LATE"})
    void listenersAreToldOfALogoutThatWasRefusedAndDone(Fault fault) {
        browser.begin(a);
        Exchange logout = browser.send(a).open();
        site.store.failNext(fault, "end");
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        assertThat(logout.answer().status()).isEqualTo(503);
        site.store.runLate();
        TestSession object = logout.session();

        a.tick();
        a.sweep();
        a.sweep();

        assertThat(object.events())
                .filteredOn(event -> event.startsWith("expired"))
                .containsExactly("expired x=1");
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void listenersAreToldAlsoIfTheUserLogsOutAgainMeanwhile() {
        browser.begin(a);
        Exchange logout = browser.send(a).open();
        site.store.failNext(Fault.AFTER, "end");
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.answer();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);

        a.tick();
        a.sweep();

        assertThat(logout.session().events()).contains("expired x=1");
    }

    @Test
    void nobodyIsToldOfALogoutThatWasNotDone() {
        browser.begin(a);
        Exchange logout = browser.send(a).open();
        site.store.failNext(Fault.BEFORE, "end");
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.answer();
        logoutAt(b);

        a.tick();
        a.sweep();

        assertThat(logout.session().events()).noneMatch(event -> event.startsWith("expired"));
    }

    @Test
    void sessionThatTheStoreNeverKnewEndsWithoutACall() {
        Exchange request = new Exchange(a, null, null);
        request.create();

        request.logout();
        Answer answer = request.answer();

        assertThat(a.takeCalls()).isEmpty();
        assertThat(answer.epoch()).isNull();
        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void requestThatEndedItsSessionFindsItNoMore() {
        browser.begin(a);
        Exchange logout = browser.send(a).open();

        logout.logout();

        assertThat(logout.find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(logout.scope.endedSession()).isTrue();
        assertThat(logout.scope.hasSession()).isFalse();
    }

    @Test
    void requestMayBeginAnotherSessionAfterALogout() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        request.logout();
        request.create();
        request.write("x", "new");

        Answer answer = request.answer();
        browser.receive(answer);

        assertThat(answer.epoch()).isNotNull();
        assertThat(browser.read(b, "x")).isEqualTo("new");
    }

    // ---- outside of requests

    @Test
    void existenceIsAskedOfTheStoreAndCountsAsNoUse() {
        browser.begin(a);

        assertThat(b.coordinator.exists(browser.id())).isTrue();
        assertThat(b.coordinator.exists(SessionId.random())).isFalse();
        site.store.setDown(true);
        assertThat(b.coordinator.exists(browser.id())).isNull();
        assertThat(b.coordinator.copies()).isEmpty();
    }

    @Test
    void sessionThatIsNotHeldHereCanBeEnded() {
        browser.begin(a);

        b.coordinator.end(b.coordinator.unheld(browser.id(), new TestSession()));

        assertThat(site.snapshot(browser.id())).isNull();
        a.tick();
        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void stopTellsTheLastUsesAndEndsNoSession() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(1));
        browser.read(a, "x");
        a.takeCalls();

        a.coordinator.stop();

        assertThat(a.takeCalls()).containsExactly("touch");
        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    // ---- helpers

    private void logout(TestNode node) {
        Exchange request = browser.send(node).open();
        request.logout();
        request.answer();
    }

    /** The session ends there; this browser's cookie stays as it is. */
    private void logoutAt(TestNode node) {
        Exchange request = new Exchange(node, browser.id(), null).open();
        request.logout();
        request.answer();
    }

    // ---- a session that ends elsewhere while requests are inside

    @Test
    void requestThatOnlyReadHasNoSessionAnyMoreOnceItsNodeKnowsOfTheEnd() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.read("x");
        logoutAt(b);

        a.tick();

        assertThat(request.session().events()).containsExactly("ended elsewhere");
        assertThat(request.find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(request.answer().status()).isEqualTo(200);
    }

    @Test
    void requestThatChangedASessionThatEndedElsewhereIsRefusedAndItsObjectIsOfNoUse() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        logoutAt(b);
        a.tick();

        assertThat(request.answer().status()).isEqualTo(503);
        assertThat(request.session().events()).containsExactly("ended elsewhere");
    }

    @Test
    void refusedCommitTellsTheObjectThatTheSessionHasEnded() {
        browser.begin(a);
        Exchange request = browser.send(a);
        Exchange neighbour = browser.send(a);
        neighbour.read("x");
        request.write("x", "2");
        logoutAt(b);

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(neighbour.session().events()).containsExactly("ended elsewhere");
        assertThat(neighbour.find().found()).isEqualTo(Lookup.Found.NONE);
    }

    /** Else the object would be invalid before its listeners are told, and they never would be. */
    @Test
    void entryOfAnEndThatThisNodeIsMakingDoesNotTakeTheObjectAway() {
        browser.begin(a);
        Exchange request = browser.send(a);
        TestSession object = request.session();
        a.store.after("end", a::tick);

        request.logout();

        assertThat(object.events()).doesNotContain("ended elsewhere");
        assertThat(object.copy().admission().isEnded()).isTrue();
        request.answer();
    }

    @Test
    void sessionThatAnotherNodeHasEndedIsNotToldOfAgain() {
        Site site = new Site();
        TestNode a = site.node("A");
        TestNode b = site.node("B");
        Browser browser = new Browser();
        browser.begin(a);
        Exchange here = browser.send(a).open();
        NearCopy copy = here.copy();
        new Exchange(b, browser.id(), null).open().logout();

        assertThat(a.coordinator.end(copy.access())).isFalse();

        assertThat(copy.isServing()).isFalse();
        here.finish();
    }
}
