package dev.holdfast.session.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a request must have in the store before it answers, and when it is refused: rules 4, 5, 6 and 7. */
class CommitTest extends ProtocolTest {
    // ---- rule 4: what is written

    @Test
    void creationIsOneRoundTripAndAnswersTheEpochItWasBornWith() {
        Exchange request = new Exchange(a, null, null);
        TestSession session = request.create();
        request.write("x", "1");

        Answer answer = request.answer();

        assertThat(a.takeCalls()).containsExactly("create");
        assertThat(answer.epoch()).isEqualTo(session.copy().trust().epoch());
        assertThat(stored("x", answer.id())).isEqualTo("1");
    }

    private @Nullable String stored(String name, SessionId id) {
        return site.stored(id, name);
    }

    @Test
    void changeInPlaceWithoutSetAttributeIsWritten() {
        beginWithBuilder();
        a.takeCalls();

        Exchange request = browser.send(a);
        request.append("cart", "+book");
        request.answer();

        assertThat(a.takeCalls()).containsExactly("commit");
        assertThat(browser.read(b, "cart")).isEqualTo("empty+book");
    }

    private void beginWithBuilder() {
        Exchange request = new Exchange(a, null, null);
        request.create();
        request.write("cart", TextCodec.mutable("empty"));
        browser.receive(request.answer());
    }

    @Test
    void valueThatWasOnlyReadAndDidNotChangeIsNotWritten() {
        beginWithBuilder();
        a.takeCalls();

        assertThat(browser.read(a, "cart")).isEqualTo("empty");

        assertThat(a.takeCalls()).isEmpty();
    }

    @Test
    void valueDecodedFromTheStoreAndChangedInPlaceIsWritten() {
        beginWithBuilder();

        Exchange request = browser.send(b);
        request.append("cart", "+book");
        browser.receive(request.answer());

        assertThat(browser.read(a, "cart")).isEqualTo("empty+book");
    }

    @Test
    void writeOfTheStoredValueCostsNothing() {
        browser.begin(a);
        a.takeCalls();

        browser.write(a, "x", "1");

        assertThat(a.takeCalls()).isEmpty();
    }

    @Test
    void onlyChangedFieldsTravel() {
        browser.begin(a);

        Exchange request = browser.send(a);
        request.read("y");
        request.write("x", "2");
        request.answer();

        assertThat(a.store.last(SessionStore.Commit.class).writes()).containsOnlyKeys("a:x");
    }

    @Test
    void removedAttributeIsGoneOnTheNextNode() {
        browser.begin(a);

        Exchange request = browser.send(a);
        request.remove("x");
        browser.receive(request.answer());

        assertThat(browser.read(b, "x")).isNull();
        assertThat(browser.read(b, "y")).isEqualTo("1");
    }

    /** The removal of a value that this node never decoded was once no removal: nothing had been there to remove. */
    @Test
    void removalOfAValueThatWasNeverDecodedHereIsARemoval() {
        browser.begin(a);

        Exchange request = browser.send(b).open();
        request.remove("x");
        assertThat(request.read("x")).isNull();
        browser.receive(request.answer());

        assertThat(browser.read(a, "x")).isNull();
    }

    @Test
    void timeoutAloneIsAChange() {
        browser.begin(a);

        Exchange request = browser.send(a);
        request.session().setMaxInactive(60);
        request.answer();

        Exchange elsewhere = browser.send(b);
        assertThat(elsewhere.session().maxInactiveSeconds()).isEqualTo(60);
    }

    @Test
    void unreadableValueReadsAsAbsentAndStaysInTheStore() {
        Exchange creation = new Exchange(a, null, null);
        creation.create();
        creation.write("x", "1");
        creation.write("old", "damaged");
        browser.receive(creation.answer());

        Exchange request = browser.send(b);
        assertThat(request.read("old")).isNull();
        request.write("x", "2");
        browser.receive(request.answer());

        assertThat(stored("old", browser.id())).isEqualTo("damaged");
        assertThat(b.counter("unreadable")).isEqualTo(1);
    }

    @Test
    void unreadableValueMayBeReplaced() {
        Exchange creation = new Exchange(a, null, null);
        creation.create();
        creation.write("old", "damaged");
        browser.receive(creation.answer());

        assertThat(browser.write(b, "old", "mended").status()).isEqualTo(200);

        assertThat(browser.read(a, "old")).isEqualTo("mended");
    }

    @Test
    void writeOutsideOfAnyRequestIsSavedByTheNextOne() {
        browser.begin(a);
        TestSession session = object(a);

        session.set("job", "done");
        browser.send(a).open().answer();

        assertThat(stored("job", browser.id())).isEqualTo("done");
    }

    private TestSession object(TestNode node) {
        Exchange request = browser.send(node);
        TestSession session = request.session();
        request.answer();
        return session;
    }

    @Test
    void changeAfterTheHeadersIsCommittedAtTheEndAndCounted() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();

        request.write("x", "late");
        request.finish();

        assertThat(stored("x", browser.id())).isEqualTo("late");
        assertThat(a.counter("lateCommits")).isEqualTo(1);
        assertThat(site.ticker.waits()).isEmpty();
    }

    @Test
    void neighboursUnsavedValueThatWasNotReadIsLeftToTheNeighbour() {
        browser.begin(a);
        Exchange writer = browser.send(a);
        writer.write("x", "2");
        Exchange other = browser.send(a);
        other.write("y", "2");

        other.answer();

        assertThat(stored("x", browser.id())).isEqualTo("1");
        assertThat(stored("y", browser.id())).isEqualTo("2");
        assertThat(writer.answer().status()).isEqualTo(200);
        assertThat(stored("x", browser.id())).isEqualTo("2");
    }

    @Test
    void parallelRequestsOfOneNodeAreNeverRefused() {
        browser.begin(a);
        Exchange one = browser.send(a);
        Exchange other = browser.send(a);
        one.write("x", "2");
        other.write("x", "3");

        assertThat(one.answer().status()).isEqualTo(200);
        assertThat(other.answer().status()).isEqualTo(200);
        assertThat(stored("x", browser.id())).isEqualTo("3");
    }

    @Test
    void writeWhileTheCommitIsUnderWayIsNotTakenForSaved() {
        browser.begin(a);
        Exchange one = browser.send(a);
        Exchange other = browser.send(a);
        one.write("x", "2");
        a.store.before("commit", () -> other.write("x", "3"));

        one.answer();
        other.answer();

        assertThat(stored("x", browser.id())).isEqualTo("3");
    }

    /** A value set back to what was last known to be stored is a change if a commit of another one is under way. */
    @Test
    void writeBackToTheOldValueWhileTheCommitIsUnderWayIsNotLost() {
        browser.begin(a);
        Exchange one = browser.send(a);
        Exchange other = browser.send(a);
        one.write("x", "2");
        AtomicReference<CompletableFuture<Answer>> back = new AtomicReference<>();
        a.store.before("commit", () -> {
            other.write("x", "1");
            back.set(CompletableFuture.supplyAsync(other::answer));
            awaitDoneOrQueued(back.get(), one.copy());
        });

        one.answer();

        assertThat(back.get().join().status()).isEqualTo(200);
        assertThat(stored("x", browser.id())).isEqualTo("1");
    }

    private static void awaitDoneOrQueued(CompletableFuture<?> answer, NearCopy copy) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> answer.isDone() || copy.lock.hasQueuedThreads());
    }

    /** The same for an attribute that is new to the store. */
    @Test
    void removalOfAnAttributeWhoseFirstCommitIsUnderWayIsNotLost() {
        browser.begin(a);
        Exchange one = browser.send(a);
        Exchange other = browser.send(a);
        one.write("z", "1");
        AtomicReference<CompletableFuture<Answer>> removed = new AtomicReference<>();
        a.store.before("commit", () -> {
            other.remove("z");
            removed.set(CompletableFuture.supplyAsync(other::answer));
            awaitDoneOrQueued(removed.get(), one.copy());
        });

        one.answer();

        assertThat(removed.get().join().status()).isEqualTo(200);
        assertThat(stored("z", browser.id())).isNull();
    }

    /**
     * The writer has looked at its values and waits for the lock: a neighbour that sets one back in between must not be
     * overwritten.
     */
    @Test
    void writeBackToTheOldValueBeforeTheCommitIsSentIsNotLost() {
        browser.begin(a);
        Exchange one = browser.send(a);
        Exchange other = browser.send(a);
        one.write("x", "2");
        one.write("y", "2");
        other.open();
        one.copy().lock.acquireUninterruptibly();
        CompletableFuture<Answer> waiting = CompletableFuture.supplyAsync(one::answer);
        awaitDoneOrQueued(waiting, one.copy());

        other.write("x", "1");
        Answer settled = other.answer();
        one.copy().lock.release();

        assertThat(settled.status()).isEqualTo(200);
        assertThat(waiting.join().status()).isEqualTo(200);
        assertThat(stored("x", browser.id())).isEqualTo("1");
        assertThat(stored("y", browser.id())).isEqualTo("2");
    }

    // ---- rule 5: a state that a request has not seen

    @Test
    void changeOnAStateThatAnotherNodeReplacedIsRefused() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.read("x");
        browser.write(b, "x", "2");
        here.write("x", "here");

        assertThat(here.answer().status()).isEqualTo(503);

        assertThat(browser.read(b, "x")).isEqualTo("2");
        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void refusalSaysWhatIsLostAndNeverTheWholeId() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", here.read("x") + "here");
        browser.write(b, "x", "2");

        here.answer();

        assertThat(here.scope.refusal())
                .hasMessage("HF-202: Session " + browser.id().shortened()
                        + ": node B changed \"x\" while a request on node A was using it; "
                        + "what requests here changed is not kept. The client may try again.");
    }

    @Test
    void neighbourThatSawNothingUnsavedAnswersNormallyAfterADrop() {
        browser.begin(a);
        Exchange writer = browser.send(a);
        Exchange reader = browser.send(a);
        writer.read("x");
        writer.write("x", "refused");
        assertThat(reader.read("y")).isEqualTo("1");
        browser.write(b, "x", "2");

        assertThat(writer.answer().status()).isEqualTo(503);
        Answer answer = reader.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.epoch()).isNotNull();
    }

    /** What a request was refused for stays out of the store, also if it is refused for something else. */
    @Test
    void refusedWriteDoesNotBecomeDurableWithANeighboursCommit() {
        browser.begin(a);
        Exchange refused = browser.send(a);
        Exchange neighbour = browser.send(a);
        refused.write("x", "refused");
        refused.scope.refuse("Something else cannot be kept.", null);
        refused.answer();

        neighbour.write("y", "2");
        neighbour.read("x");
        neighbour.answer();

        assertThat(stored("x", browser.id())).isEqualTo("1");
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void refusedCommitDoesNotBecomeDurableWithANeighboursCommit() {
        browser.begin(a);
        Exchange refused = browser.send(a);
        Exchange neighbour = browser.send(a);
        refused.write("x", "refused");
        neighbour.write("y", "2");
        site.store.failNext(Fault.REFUSED);

        assertThat(refused.answer().status()).isEqualTo(503);
        neighbour.answer();

        assertThat(stored("x", browser.id())).isEqualTo("1");
    }

    @Test
    void valueThatCannotBeStoredRefusesTheRequestAndNothingOfItIsKept() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        request.write("bad", TextCodec.UNENCODABLE);

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(stored("x", browser.id())).isEqualTo("1");
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void copyOfAConflictAdmitsNobodyFromThatMomentOn() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.read("x");
        request.write("x", "refused");
        browser.write(b, "x", "2");

        assertThatThrownBy(request::save).isInstanceOf(SessionRefusedException.class);

        assertThat(a.serving()).isEmpty();
    }

    @Test
    void copyOfACommitWithoutAnAnswerAdmitsNobodyFromThatMomentOn() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        site.store.failNext(Fault.AFTER);

        assertThatThrownBy(request::save).isInstanceOf(SessionRefusedException.class);

        assertThat(a.serving())
                .noneMatch(copy -> copy == request.copy() || copy.trust().isConfirmed());
    }

    @Test
    void everythingAfterARefusalIsRefused() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        site.store.failNext(Fault.REFUSED);
        assertThatThrownBy(request::save).isInstanceOf(SessionRefusedException.class);

        assertThatThrownBy(request::save).isSameAs(request.scope.refusal());
        assertThat(a.counter("refused")).isEqualTo(1);
    }

    @Test
    void requestThatCannotWaitForANeighboursCallIsRefused() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        Exchange request = browser.send(impatient);
        request.write("x", "2");
        request.copy().lock.acquireUninterruptibly();

        Answer answer = request.answer();

        assertThat(answer.status()).isEqualTo(503);
        assertThat(request.scope.refusal()).hasMessageContaining("holdfast.timeout");
    }

    // ---- rule 6: unknown outcome

    @Test
    void commitWhoseReplyWasLostIsRefusedAndTheCopyDropped() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        site.store.failNext(Fault.AFTER);

        Answer answer = request.answer();

        assertThat(answer.status()).isEqualTo(503);
        assertThat(request.scope.refusal()).hasMessageContaining("it may or may not be in the store");
        assertThat(a.coordinator.copies())
                .noneMatch(copy -> copy == request.copy() || copy.trust().isConfirmed());
        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    @Test
    void lateCreationBringsNothingBackThatABrowserKnows() {
        Exchange request = new Exchange(a, null, null);
        request.create();
        site.store.failNext(Fault.LATE);

        Answer answer = request.answer();
        site.store.runLate();

        assertThat(answer).isEqualTo(new Answer(503, null, null));
        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void commitThatItsOwnRetryFindsAppliedIsAcknowledged() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        site.store.failNext(Fault.REPEATED);

        assertThat(request.answer()).isEqualTo(new Answer(200, null, null));
        assertThat(browser.write(a, "x", "3").status()).isEqualTo(200);
        assertThat(stored("x", browser.id())).isEqualTo("3");
    }

    @Test
    void commitThatMovedTheEpochAndIsRepeatedSendsTheMarkOfItsOwnCall() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        browser.read(b, "x");
        site.store.failNext(Fault.REPEATED);

        Answer answer = request.answer();

        assertThat(answer.epoch()).isEqualTo(request.copy().trust().epoch());
        assertThat(answer.epoch().route()).isEqualTo("A");
    }

    /** Between the two attempts another node has taken over: its mark is not this answer's to send. */
    @Test
    void commitThatItsRetryFindsAppliedSendsADeadMarkIfTheEpochMovedSince() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "2");
        AtomicReference<Epoch> others = new AtomicReference<>();
        a.store.before("commit", () -> {
            site.store.commit(a.store.last(SessionStore.Commit.class), new WaitBudget(Duration.ofSeconds(1)));
            others.set(new Exchange(b, browser.id(), null).open().answer().epoch());
        });

        Answer answer = request.answer();

        assertThat(others.get()).isNotNull();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.epoch()).isNotNull().isNotEqualTo(others.get());
        assertThat(answer.epoch().route()).isEqualTo("A");
        browser.receive(answer);
        a.takeCalls();
        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(a.takeCalls()).containsExactly("load");
    }
}
