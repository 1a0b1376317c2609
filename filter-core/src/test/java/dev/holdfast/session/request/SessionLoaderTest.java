package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Who is served from memory, and what a load does: rules 1, 2 and 3 of the protocol. */
class SessionLoaderTest extends ProtocolTest {
    // ---- rule 1: trust

    @Test
    void stickyReadCostsNoRoundTripAndSetsNoCookie() {
        browser.begin(a);
        a.takeCalls();

        Exchange request = browser.send(a);
        assertThat(request.read("x")).isEqualTo("1");
        Answer answer = request.answer();

        assertThat(a.takeCalls()).isEmpty();
        assertThat(answer).isEqualTo(new Answer(200, null, null));
    }

    @Test
    void stickyChangeCostsOneRoundTripAndSetsNoCookie() {
        browser.begin(a);
        a.takeCalls();

        Answer answer = browser.write(a, "x", "2");

        assertThat(a.takeCalls()).containsExactly("commit");
        assertThat(answer).isEqualTo(new Answer(200, null, null));
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /**
     * The answer of a takeover that wrote, overtaken by that of another node: its mark is no proof that the browser was
     * nowhere else since.
     */
    @Test
    void markOfATakeoverThatWroteGivesNoTrustBeforeALoadHasConfirmedIt() {
        browser.begin(a);
        Exchange overtaken = browser.send(b);
        Exchange last = browser.send(a);
        overtaken.write("x", "2");
        Answer first = overtaken.answer();
        last.write("y", "2");
        Answer second = last.answer();

        browser.receive(second);
        browser.receive(first);

        assertThat(browser.read(b, "y")).isEqualTo("2");
    }

    @Test
    void requestWithoutTheCopysMarkIsNotServedFromMemory() {
        browser.begin(a);
        a.takeCalls();

        new Exchange(a, browser.id(), null).open().answer();
        new Exchange(a, browser.id(), Epoch.fresh("A")).open().answer();

        assertThat(a.takeCalls()).containsExactly("load", "load");
    }

    @Test
    void trustEndsTwoSecondsAfterTheLastGoodQuestion() {
        browser.begin(a);
        a.takeCalls();

        site.pass(Lifetimes.LOG_AGE);
        browser.read(a, "x");
        assertThat(a.takeCalls()).isEmpty();
        site.ticker.advance(Duration.ofNanos(1));
        browser.read(a, "x");

        assertThat(a.takeCalls()).containsExactly("load");
    }

    @Test
    void questionsKeepTrustAlive() {
        browser.begin(a);

        for (int i = 0; i < 5; i++) {
            site.pass(Duration.ofSeconds(1));
            a.tick();
        }
        a.takeCalls();
        browser.read(a, "x");

        assertThat(a.takeCalls()).isEmpty();
    }

    @Test
    void ageOfTheLogCountsFromTheSendingOfTheQuestion() {
        browser.begin(a);
        a.store.after("ask", () -> site.pass(Lifetimes.LOG_AGE.plusMillis(1)));
        a.tick();
        a.takeCalls();

        browser.read(a, "x");

        assertThat(a.takeCalls()).containsExactly("load");
    }

    @Test
    void questionThatFailsOnlyLetsTheAgeRun() {
        browser.begin(a);
        site.store.failNext(Fault.BEFORE);
        a.tick();
        a.takeCalls();

        browser.read(a, "x");

        assertThat(a.takeCalls()).isEmpty();
        assertThat(a.counter("gaps")).isZero();
    }

    @Test
    void trustEndsWhenTheStoreHasHeardOfNoUseForF() {
        browser.begin(a);
        follow(a, Lifetimes.graceMillis(TestSession.MAX_INACTIVE));
        a.takeCalls();
        browser.read(a, "x");
        assertThat(a.takeCalls()).isEmpty();

        site.ticker.advance(Duration.ofNanos(1));
        browser.read(a, "x");

        assertThat(a.takeCalls()).containsExactly("load");
    }

    @Test
    void useThatWasToldInABatchKeepsTrustAlive() {
        browser.begin(a);
        for (int i = 0; i < 3; i++) {
            follow(a, Lifetimes.graceMillis(TestSession.MAX_INACTIVE) - 2000);
            browser.read(a, "x");
            a.tick();
        }

        assertThat(a.takeCalls()).contains("touch").doesNotContain("load");
    }

    @Test
    void useIsToldFromTheBeginningOfTheRequestNotFromItsCall() {
        browser.begin(a);

        Exchange request = browser.send(a);
        site.pass(Duration.ofMillis(700));
        request.write("x", "2");
        request.answer();

        assertThat(a.store.last(SessionStore.Commit.class).useAgeMillis()).isEqualTo(700);
    }

    @Test
    void requestThatMayNotAskFindsOnlyATrustedCopy() {
        browser.begin(a);
        a.takeCalls();

        Exchange trusted = browser.send(a);
        Exchange other = new Exchange(a, browser.id(), null);

        assertThat(trusted.scope.find(browser.id(), false).found()).isEqualTo(Lookup.Found.FOUND);
        assertThat(other.scope.find(browser.id(), false).found()).isEqualTo(Lookup.Found.UNKNOWN_HERE);
        assertThat(a.takeCalls()).isEmpty();
    }

    @Test
    void forgedIdCostsOneCallAndLeavesNothing() {
        int keys = site.store.keys();

        Lookup lookup = new Exchange(a, SessionId.random(), Epoch.fresh("A")).find();

        assertThat(lookup.found()).isEqualTo(Lookup.Found.NONE);
        assertThat(a.takeCalls()).containsExactly("load");
        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(site.store.keys()).isEqualTo(keys);
    }

    @Test
    void silentStoreIsNotTakenForNoSession() {
        browser.begin(a);
        site.store.setDown(true);

        Exchange request = browser.send(b);

        assertThat(request.find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(b.coordinator.copies()).isEmpty();
        site.store.setDown(false);
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void heldSessionIsServedWhileTheStoreIsAway() {
        browser.begin(a);
        site.store.setDown(true);

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void copyWhoseEpochWasHeardToHaveMovedIsNotTrusted() {
        browser.begin(a);
        new Exchange(b, browser.id(), null).open().answer();
        a.tick();
        a.takeCalls();

        browser.read(a, "x");

        assertThat(a.takeCalls()).containsExactly("load");
    }

    // ---- rule 2: marks

    @Test
    void markOfANewSessionStandsInOneAnswerOnly() {
        Exchange creating = new Exchange(a, null, null);
        NearCopy copy = creating.create().copy();
        Exchange adopting = new Exchange(a, null, null);
        adopting.run(() -> adopting.scope.adopt(copy.access()));

        Epoch one = creating.answer().epoch();
        Epoch other = adopting.answer().epoch();

        assertThat(one).isNotNull();
        assertThat(other).isNotNull().isNotEqualTo(one);
    }

    @Test
    void steadyTrafficAfterATakeoverCostsOneConfirmationAndThenNothing() {
        browser.begin(a);

        Answer takeover = readAnswer(b);
        assertThat(takeover.epoch()).isNotNull();
        b.takeCalls();
        Answer confirming = readAnswer(b);
        Answer trusted = readAnswer(b);

        assertThat(confirming.epoch()).isNull();
        assertThat(trusted.epoch()).isNull();
        assertThat(b.takeCalls()).containsExactly("load");
    }

    @Test
    void renewalLeavesTheVersionAlone() {
        browser.begin(a);
        Exchange reader = browser.send(a).open();
        new Exchange(a, browser.id(), null).open().answer();
        reader.read("x");
        StateVersion base = reader.copy().stored().base();

        reader.answer();

        assertThat(a.counter("renewals")).isEqualTo(1);
        assertThat(site.snapshot(browser.id()).base()).isEqualTo(base);
    }

    /**
     * Whether an epoch is current is asked again when the wait for the lock is over: a neighbour's call has moved it
     * meanwhile.
     */
    @Test
    void requestRenewsIfTheEpochMovedWhileItWaitedForTheLock() {
        browser.begin(a);
        Exchange write = browser.send(a).open();
        Exchange neighbour = new Exchange(a, browser.id(), Epoch.fresh("B")).open();
        write.write("x", "2");
        neighbour.read("x");
        AtomicReference<CompletableFuture<Answer>> waiting = new AtomicReference<>();
        a.store.before("commit", () -> {
            waiting.set(CompletableFuture.supplyAsync(write::answer));
            TestNode.awaitQueued(write.copy(), 1);
        });

        Answer carried = neighbour.answer();
        Answer answer = waiting.get().join();

        assertThat(carried.epoch()).isNotNull();
        assertThat(answer.epoch()).isNotNull().isNotEqualTo(carried.epoch());
        assertThat(a.counter("renewals")).isEqualTo(1);
    }

    // ---- rule 3: load

    /** Hole 5 of the third check: requests that waited for one load must not share its mark. */
    @Test
    void oneLoadServesAllThatHadArrivedAndNoTwoAnswersCarryOneMark() {
        browser.begin(a);
        Exchange first = browser.send(b);
        Exchange second = browser.send(b);
        TestNode.shareOneLoad(b, first, second);

        assertThat(b.takeCalls()).containsExactly("load");
        assertThat(b.counter("sharedLoads")).isEqualTo(1);
        Epoch one = first.answer().epoch();
        Epoch other = second.answer().epoch();
        assertThat(one).isNotNull();
        assertThat(other).isNotNull().isNotEqualTo(one);
        assertThat(one).isEqualTo(b.serving().get(0).trust().epoch());
    }

    @Test
    void markThatASharedLoadGaveIsKnownToNobody() {
        browser.begin(a);
        Exchange first = browser.send(b);
        Exchange second = browser.send(b);
        TestNode.shareOneLoad(b, first, second);
        first.answer();
        browser.receive(second.answer());
        b.takeCalls();

        browser.read(b, "x");
        browser.read(b, "x");

        assertThat(b.takeCalls()).containsExactly("load", "load");
        assertThat(b.takeCalls()).isEmpty();
    }

    /** A load that was sent before a request arrived says nothing about what was acknowledged in between. */
    @Test
    void requestThatArrivesAfterALoadWasSentIsNotServedByIt() {
        browser.begin(a);
        AtomicReference<CompletableFuture<String>> late = new AtomicReference<>();
        b.store.after("load", () -> {
            browser.write(a, "x", "2");
            late.set(CompletableFuture.supplyAsync(() -> {
                Exchange request = browser.send(b);
                String value = request.read("x");
                request.answer();
                return value;
            }));
            TestNode.awaitQueued(b.coordinator.copies().get(0), 1);
        });

        new Exchange(b, browser.id(), null).open().answer();

        assertThat(late.get().join()).isEqualTo("2");
    }

    @Test
    void newerStateIsTakenOverUnderTheObjectInUse() {
        browser.begin(a);
        Exchange former = browser.send(a);
        TestSession object = former.session();
        former.answer();
        browser.write(b, "x", "2");

        Exchange request = browser.send(a);

        assertThat(request.read("x")).isEqualTo("2");
        assertThat(request.session()).isSameAs(object);
        assertThat(object.fields()).containsExactly("a:x");
        assertThat(a.serving()).hasSize(1);
    }

    /**
     * The marks of loads that a dropped copy had sent do not make a later arrival believe that its replacement was just
     * loaded.
     */
    @Test
    void replacementOfADroppedCopyIsLoadedForEachLaterRequest() {
        browser.begin(a);
        Exchange inside = browser.send(a).open();
        browser.write(b, "x", "2");
        assertThat(browser.read(a, "x")).isEqualTo("2");
        inside.answer();

        browser.write(b, "x", "4");

        for (int i = 0; i < 3; i++) {
            assertThat(browser.read(a, "x")).isEqualTo("4");
        }
    }

    /** The end is in the store and heard here while the reply of a load that ran before it is on its way. */
    @Test
    void replyIsNotInstalledForAnIdWhoseEndWasHeard() {
        browser.begin(a);
        Exchange follower = new Exchange(b, browser.id(), null).open();
        follower.answer();
        b.coordinator.tick();
        Exchange logout = browser.send(a).open();
        b.store.after("load", () -> {
            logout.logout();
            b.tick();
        });

        Lookup lookup = new Exchange(b, browser.id(), null).find();

        assertThat(lookup.found()).isEqualTo(Lookup.Found.NONE);
        assertThat(b.coordinator.copies()).isEmpty();
    }

    /** As before, for a session that this node never held: it follows the shard because of another one. */
    @Test
    void firstReplyIsNotInstalledForAnIdWhoseEndWasHeard() {
        browser.begin(a);
        new InShard(browser.id()).create(b);
        Exchange logout = browser.send(a).open();
        b.store.after("load", () -> {
            logout.logout();
            b.tick();
        });

        Lookup lookup = new Exchange(b, browser.id(), null).find();

        assertThat(lookup.found()).isEqualTo(Lookup.Found.NONE);
    }

    /**
     * The copy of a look-up that failed leaves the list before the next request gets its lock, and is then loaded into
     * another one.
     */
    @Test
    void copyIsListedIfItIsLoadedAfterAFailedLoadItWaitedFor() {
        browser.begin(a);
        Exchange second = browser.send(b);
        AtomicReference<CompletableFuture<Lookup>> waiting = new AtomicReference<>();
        CompletableFuture<Lookup> first = new CompletableFuture<>();
        b.store.before("load", () -> {
            waiting.set(CompletableFuture.supplyAsync(second::find));
            TestNode.awaitQueued(b.coordinator.copies().get(0), 1);
            site.store.failNext(Fault.REFUSED);
            b.store.before("load", first::join);
        });

        first.complete(browser.send(b).find());

        assertThat(first.join().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(waiting.get().join().found()).isEqualTo(Lookup.Found.FOUND);
        assertThat(b.serving()).containsExactly(second.copy());
    }

    @Test
    void staleCopyIsNotSweptWhileItsLoadIsUnderWay() {
        browser.begin(a);
        browser.read(b, "x");
        a.tick();
        site.pass(Duration.ofSeconds(31));
        a.store.before("load", a::tick);

        Exchange request = browser.send(a).open();
        request.write("x", "3");

        assertThat(request.answer().status()).isEqualTo(200);
        assertThat(a.serving()).hasSize(1);
        assertThat(a.takeCalls()).containsOnlyOnce("load");
    }

    @Test
    void copyThatAnotherNodeTookOverIsForgottenAfterHalfAMinute() {
        browser.begin(a);
        Exchange request = browser.send(a);
        TestSession object = request.session();
        request.answer();
        browser.read(b, "x");

        a.tick();
        site.pass(Duration.ofSeconds(30));
        a.tick();
        assertThat(a.serving()).hasSize(1);
        site.pass(Duration.ofMillis(1));
        a.tick();

        assertThat(a.coordinator.copies()).isEmpty();
        assertThat(object.events()).containsExactly("forgotten");
    }

    /** The load ran at the store, and its reply was lost: the copy here must not go on under the epoch from before. */
    @Test
    void loadWhoseReplyWasLostIsRefusedAndTheNextOneAnswers() {
        browser.begin(a);
        browser.write(b, "x", "2");
        site.store.failNext(Fault.AFTER);

        Lookup lost = browser.send(a).find();

        assertThat(lost.found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    // ---- rule 7, as far as it is built: the generation

    @Test
    void anotherGenerationIsLearntAndTheCallSentAgain() {
        InMemorySessionStore.Image empty = site.store.image();
        browser.begin(a);
        Browser second = new Browser();
        SessionId sibling = browser.id().sibling();
        site.store.restore(empty);
        Exchange creation = new Exchange(b, null, null);
        creation.create(sibling);
        creation.write("x", "new");
        second.receive(creation.answer());
        a.takeCalls();

        String value = second.read(a, "x");

        assertThat(value).isEqualTo("new");
        assertThat(a.takeCalls()).containsExactly("load", "load");
        assertThat(a.counter("gaps")).isEqualTo(1);
    }

    @Test
    void generationThatChangesOverAndOverIsUnavailableNotGone() {
        browser.begin(a);
        InMemorySessionStore.Image mine = site.store.image();
        site.store.loseData();
        site.store.restore(mine);
        Exchange request = new Exchange(a, browser.id(), null);
        a.store.before("load", () -> {
            site.store.loseData();
            new InShard(browser.id()).create(b);
            a.store.after("load", () -> {
                site.store.loseData();
                new InShard(browser.id()).create(site.node("C"));
            });
        });

        assertThat(request.find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    // ---- helpers

    private record InShard(SessionId id) {
        void create(TestNode node) {
            Exchange creation = new Exchange(node, null, null);
            creation.create(id.sibling());
            creation.answer();
        }
    }

    private Answer readAnswer(TestNode node) {
        Exchange request = browser.send(node);
        request.read("x");
        Answer answer = request.answer();
        browser.receive(answer);
        return answer;
    }

    /** Lets time pass while the node asks its questions. */
    private void follow(TestNode node, long millis) {
        for (long passed = 0; passed < millis; passed += 1000) {
            site.pass(Duration.ofMillis(Math.min(1000, millis - passed)));
            node.tick();
        }
    }

    /** A node that had the same values took the last access for that of its own last request. */
    @Test
    void copyWithTheSameValuesLearnsWhenTheSessionWasUsedElsewhere() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(20));
        browser.read(b, "x");
        site.pass(Duration.ofSeconds(5));

        Exchange back = browser.send(a);

        assertThat(back.session().sinceUseMillis()).isEqualTo(5_000);
        back.answer();
    }

    /**
     * The store notes a use as late as the call that tells it was on its way; the object that was used knows better.
     */
    @Test
    void copyThatWasUsedNowhereElseIsNotToldOfItsOwnUse() {
        browser.begin(a);
        b.store.before("load", () -> site.pass(Duration.ofMillis(150)));
        browser.read(b, "x");
        b.takeCalls();

        Exchange back = browser.send(b);

        assertThat(back.session().sinceUseMillis()).as("nothing was told").isEqualTo(-1);
        assertThat(b.takeCalls()).as("though the store was asked").containsExactly("load");
        back.answer();
    }
}
