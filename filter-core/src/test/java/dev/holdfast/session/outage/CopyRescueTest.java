package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a refused request leaves of a copy that may be all there is of what others were acknowledged. */
class CopyRescueTest extends ProtocolTest {
    @BeforeEach
    void begin() {
        browser.begin(a);
    }

    /**
     * With {@code outage=refuse}: the primary dies, a request is refused whose change is in the live object by then,
     * and the replica that follows lacks the last change that was acknowledged. The copy is the only one that has it.
     */
    @Test
    void changeRefusedDuringAFailoverTakesNothingAcknowledgedWithIt() {
        beginWithCart();
        InMemorySessionStore.Image lagging = site.store.image();
        append("+acknowledged");
        a.store.setAway(true);
        assertThat(append("+refused").status()).isEqualTo(503);
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        site.store.restore(lagging);
        a.store.setAway(false);

        assertThat(browser.read(a, "cart")).startsWith("empty+acknowledged");

        assertThat(browser.read(b, "cart")).startsWith("empty+acknowledged");
        assertThat(stored("x")).isEqualTo("1");
        assertThat(append("+later").status()).isEqualTo(200);
        assertThat(browser.read(b, "cart")).endsWith("+later");
    }

    private void beginWithCart() {
        Exchange request = browser.send(a);
        request.write("cart", TextCodec.mutable("empty"));
        browser.receive(request.answer());
    }

    private Answer append(String text) {
        Exchange request = browser.send(a);
        request.append("cart", text);
        Answer answer = request.answer();
        browser.receive(answer);
        return answer;
    }

    /** What was refused is kept only with what would be lost without it. */
    @Test
    void changeRefusedInAnOutageIsNotMadeWhereNothingWasLost() {
        beginWithCart();
        append("+acknowledged");
        a.store.setAway(true);
        assertThat(append("+refused").status()).isEqualTo(503);
        a.store.setAway(false);

        assertThat(browser.read(a, "cart")).isEqualTo("empty+acknowledged");

        assertThat(browser.read(b, "cart")).isEqualTo("empty+acknowledged");
        assertThat(a.counter("resends")).isZero();
    }

    @Test
    void changeRefusedInAnOutageDoesNotReplaceWhatAnotherNodeWroteMeanwhile() {
        beginWithCart();
        append("+acknowledged");
        a.store.setAway(true);
        assertThat(append("+refused").status()).isEqualTo(503);
        assertThat(browser.write(b, "x", "there").status()).isEqualTo(200);
        a.store.setAway(false);

        assertThat(browser.read(a, "cart")).isEqualTo("empty+acknowledged");

        assertThat(browser.read(a, "x")).isEqualTo("there");
    }

    /** A primary that has lost its replicas answers, and refuses. */
    @Test
    void changeRefusedByAStoreThatAnswersTakesNothingAcknowledgedWithIt() {
        beginWithCart();
        InMemorySessionStore.Image lagging = site.store.image();
        append("+acknowledged");
        a.store.before("commit", CopyRescueTest::refuse);
        assertThat(append("+refused").status()).isEqualTo(503);
        site.store.restore(lagging);

        assertThat(browser.read(a, "cart")).startsWith("empty+acknowledged");
    }

    private static void refuse() {
        throw new StoreUnavailableException("not asked, or refused", false, null);
    }

    /** What a login has left in a session is not kept under the id that somebody else may know. */
    @Test
    void loginRefusedDuringAFailoverLeavesWhatWasAcknowledgedAndNothingOfItself() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "acknowledged");
        Exchange login = browser.send(a);
        login.write("user", "secret");
        login.changeId();
        a.store.setAway(true);
        assertThat(login.answer().status()).isEqualTo(503);
        site.store.restore(lagging);
        a.store.setAway(false);

        assertThat(browser.read(a, "x")).isEqualTo("acknowledged");

        assertThat(stored("x")).isEqualTo("acknowledged");
        assertThat(stored("user")).isNull();
    }

    /** A part of what was acknowledged must not be shown for the whole, nor take the place of the whole. */
    @Test
    void loginThatHasChangedAValueInsideLeavesNothingInAnOutage() {
        TestNode serving = site.servingNode("A");
        browser.begin(serving);
        Exchange cart = browser.send(serving);
        cart.write("cart", TextCodec.mutable("empty"));
        browser.receive(cart.answer());
        Exchange login = browser.send(serving);
        login.append("cart", "+secret");
        login.changeId();
        serving.store.setAway(true);
        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.send(serving).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        serving.store.setAway(false);
        assertThat(browser.read(serving, "cart")).isEqualTo("empty");
    }

    /** A neighbour has the lock while the store falls silent: what it finds out decides about the copy of both. */
    @Test
    void requestRefusedBehindANeighbourThatGetsNoAnswerTakesNothingAcknowledgedWithIt() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(impatient, "x", "acknowledged");
        Exchange first = browser.send(impatient);
        first.write("y", "first");
        Exchange second = browser.send(impatient);
        second.write("z", "second");
        impatient.store.before("commit", () -> {
            assertThat(second.answer().status()).isEqualTo(503);
            impatient.store.setAway(true);
        });
        assertThat(first.answer().status()).isEqualTo(503);
        site.store.restore(lagging);
        impatient.store.setAway(false);

        assertThat(browser.read(impatient, "x")).isEqualTo("acknowledged");

        assertThat(stored("x")).isEqualTo("acknowledged");
    }

    /** The same where the neighbour only wants to read. */
    @Test
    void requestRefusedBehindALookUpThatGetsNoAnswerTakesNothingAcknowledgedWithIt() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(impatient, "x", "acknowledged");
        Exchange writing = browser.send(impatient);
        writing.write("z", "refused");
        impatient.store.before("load", () -> {
            assertThat(writing.answer().status()).isEqualTo(503);
            impatient.store.setAway(true);
        });
        assertThat(new Exchange(impatient, browser.id(), null).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        site.store.restore(lagging);
        impatient.store.setAway(false);

        assertThat(browser.read(impatient, "x")).isEqualTo("acknowledged");

        assertThat(stored("x")).isEqualTo("acknowledged");
    }

    /** The look-up is answered, by a store that went back. */
    @Test
    void requestRefusedBehindALookUpThatFindsAnOlderStateTakesNothingAcknowledgedWithIt() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(impatient, "x", "acknowledged");
        Exchange writing = browser.send(impatient);
        writing.write("z", "refused");
        impatient.store.before("load", () -> {
            assertThat(writing.answer().status()).isEqualTo(503);
            site.store.restore(lagging);
        });

        assertThat(new Exchange(impatient, browser.id(), null).read("x")).isEqualTo("acknowledged");

        assertThat(stored("x")).isEqualTo("acknowledged");
    }

    /** The same where the neighbour has the lock because its answer needs another epoch. */
    @Test
    void requestRefusedBehindARenewalThatFindsAnOlderStateTakesNothingAcknowledgedWithIt() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(impatient, "x", "acknowledged");
        Exchange reader = browser.send(impatient).open();
        Exchange writing = browser.send(impatient);
        writing.write("z", "refused");
        new Exchange(impatient, browser.id(), null).open().answer();
        impatient.store.before("load", () -> {
            assertThat(writing.answer().status()).isEqualTo(503);
            site.store.restore(lagging);
        });
        assertThat(reader.answer().status()).isEqualTo(200);

        assertThat(browser.read(impatient, "x")).isEqualTo("acknowledged");

        assertThat(stored("x")).isEqualTo("acknowledged");
    }

    /** What was refused behind a neighbour that was told nothing bad is not made either. */
    @Test
    void requestRefusedBehindANeighbourIsNotMadeWhereNothingWasLost() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        Exchange first = browser.send(impatient);
        first.write("y", "first");
        Exchange second = browser.send(impatient);
        second.write("z", "second");
        impatient.store.before(
                "commit", () -> assertThat(second.answer().status()).isEqualTo(503));
        browser.receive(first.answer());

        assertThat(browser.read(impatient, "y")).isEqualTo("first");

        assertThat(browser.read(impatient, "z")).isNull();
        assertThat(stored("z")).isNull();
        assertThat(impatient.counter("resends")).isZero();
    }

    /** Nobody asks for it here any more, and it is no better than any other copy of a session that went elsewhere. */
    @Test
    void copyThatIsKeptThoughAnotherNodeHasItsSessionIsForgottenSoon() {
        Exchange inside = browser.send(a);
        inside.write("z", "refused");
        new Exchange(b, browser.id(), null).open().answer();
        a.tick();
        a.store.before("commit", CopyRescueTest::refuse);
        assertThat(inside.answer().status()).isEqualTo(503);
        assertThat(a.coordinator.copies()).hasSize(1);

        site.pass(Duration.ofSeconds(31));
        a.tick();

        assertThat(a.coordinator.copies()).isEmpty();
    }

    /**
     * A request that comes in between, and finds the store again, must not make an object beside the one that is kept.
     */
    @Test
    void placeOfACopyThatIsKeptIsNeverFree() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        Exchange refused = browser.send(impatient);
        refused.write("x", "refused");
        List<Lookup.Found> between = new ArrayList<>();
        refused.session().onForgotten(() -> {
            impatient.store.setAway(false);
            between.add(browser.send(impatient).find().found());
        });
        impatient.store.setAway(true);
        assertThat(refused.answer().status()).isEqualTo(503);

        assertThat(between).containsExactly(Lookup.Found.UNAVAILABLE);

        assertThat(browser.read(impatient, "x")).isEqualTo("1");
    }

    /**
     * The store may have given the session its new id, so nothing that is told to the old one would last: it is asked
     * before anybody is served.
     */
    @Test
    void loginThatGotNoAnswerLeavesNothingThatIsServedWithoutTheStore() {
        TestNode serving = site.servingNode("A");
        browser.begin(serving);
        Exchange login = browser.send(serving);
        login.changeId();
        serving.store.goAwayUnanswered(true);
        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.send(serving).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        serving.store.setAway(false);
        assertThat(browser.send(serving).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(serving.counter("atRiskLost")).isZero();
    }
}
