package dev.holdfast.session.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import dev.holdfast.session.testing.WatchedText;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What becomes of a state that another node wrote while requests here are inside: rules 3 and 5, and
 * {@code holdfast.conflict}.
 */
class ConflictMergerTest extends ProtocolTest {
    // ---- merged

    @Test
    void changesOfDifferentAttributesOnTwoNodesAreBothKept() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", here.read("x") + "+here");
        elsewhere("y", "there");

        assertThat(here.answer().status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("1+here");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(a.counter("merges")).isEqualTo(1);
        assertThat(a.counter("conflicts")).isZero();
    }

    @Test
    void mergeCostsOneMoreCommitAndNothingElse() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "2");
        elsewhere("y", "there");
        a.takeCalls();

        here.answer();

        assertThat(a.takeCalls()).containsExactly("commit", "commit");
    }

    @Test
    void requestThatWasMergedSeesWhatTheOtherNodeWrote() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "2");
        elsewhere("y", "there");

        here.save();

        assertThat(here.read("y")).isEqualTo("there");
        assertThat(here.session().events()).isEmpty();
        here.finish();
    }

    @Test
    void attributeThatAnotherNodeAddedIsThereAfterTheMerge() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "2");
        elsewhere("new", "there");

        browser.receive(here.answer());

        assertThat(browser.read(a, "new")).isEqualTo("there");
    }

    @Test
    void attributeThatAnotherNodeRemovedIsGoneAfterTheMerge() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "2");
        Exchange there = new Exchange(b, browser.id(), null);
        there.remove("y");
        there.answer();

        browser.receive(here.answer());

        assertThat(browser.read(a, "y")).isNull();
        assertThat(stored("x")).isEqualTo("2");
    }

    /** A neighbour's unsaved value stays as it is; only the state that it will be committed on moves. */
    @Test
    void unsavedValueOfANeighbourOutlivesTheMerge() {
        browser.begin(a);
        Exchange here = browser.send(a);
        Exchange neighbour = browser.send(a);
        here.write("x", "2");
        neighbour.write("z", "blind");
        elsewhere("y", "there");

        assertThat(here.answer().status()).isEqualTo(200);
        assertThat(neighbour.answer().status()).isEqualTo(200);

        assertThat(stored("z")).isEqualTo("blind");
    }

    @Test
    void blindWriteOfTheSameAttributeIsMergedAndWins() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "here");
        elsewhere("x", "there");

        assertThat(here.answer().status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("here");
    }

    /**
     * The request has found nothing to write, because its value was the stored one; before it says so, a neighbour's
     * commit has merged another.
     */
    @Test
    void blindWriteOfTheOldValueIsNotTakenForSavedIfAMergeComesInBetween() {
        browser.begin(a);
        Exchange blind = new Exchange(a, browser.id(), null).open(); // has an epoch to tell, so it renews nothing
        Exchange neighbour = browser.send(a);
        neighbour.write("z", "1");
        elsewhere("x", "there");
        blind.write(
                "x",
                new WatchedText(
                        "1", () -> assertThat(neighbour.answer().status()).isEqualTo(200)));

        blind.save();

        assertThat(stored("x")).isEqualTo("1");
        blind.finish();
    }

    @Test
    void blindRemovalOfTheSameAttributeIsMergedAndWins() {
        browser.begin(a);
        Exchange here = browser.send(a).open();
        here.remove("x");
        elsewhere("x", "there");

        assertThat(here.answer().status()).isEqualTo(200);

        assertThat(stored("x")).isNull();
    }

    /** Nothing is left to write, but a third node may still serve an older state under the browser's epoch. */
    @Test
    void blindWriteOfWhatTheOtherNodeWroteMovesTheEpochAllTheSame() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "same");
        elsewhere("x", "same");

        Answer answer = here.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.epoch()).isEqualTo(here.copy().trust().epoch());
        assertThat(a.counter("renewals")).isEqualTo(1);
    }

    @Test
    void timeoutThatBothChangedIsTheOneWrittenLast() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.session().setMaxInactive(60);
        Exchange there = new Exchange(b, browser.id(), null);
        there.session().setMaxInactive(120);
        there.answer();

        assertThat(here.answer().status()).isEqualTo(200);

        assertThat(site.snapshot(browser.id()).maxInactiveSeconds()).isEqualTo(60);
    }

    @Test
    void timeoutThatOnlyTheOtherNodeChangedIsTakenOver() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "2");
        Exchange there = new Exchange(b, browser.id(), null);
        there.session().setMaxInactive(120);
        there.answer();

        here.answer();

        assertThat(here.session().maxInactiveSeconds()).isEqualTo(120);
        assertThat(site.snapshot(browser.id()).maxInactiveSeconds()).isEqualTo(120);
    }

    @Test
    void loadMergesUnderTheRequestThatIsInside() {
        browser.begin(a);
        Exchange inside = browser.send(a);
        assertThat(inside.read("x")).isEqualTo("1");
        elsewhere("y", "there");

        Exchange loading = new Exchange(a, browser.id(), null);

        assertThat(loading.read("y")).isEqualTo("there");
        assertThat(loading.session()).isSameAs(inside.session());
        assertThat(inside.read("y")).isEqualTo("there");
        inside.write("x", "2");
        assertThat(inside.answer().status()).isEqualTo(200);
        assertThat(loading.answer().status()).isEqualTo(200);
    }

    @Test
    void renewalMergesWhatItFinds() {
        browser.begin(a);
        Exchange reader = browser.send(a).open();
        new Exchange(a, browser.id(), null).open().answer();
        elsewhere("y", "there");

        Answer answer = reader.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(a.counter("merges")).isEqualTo(1);
        browser.receive(answer);
        assertThat(browser.read(a, "y")).isEqualTo("there");
        assertThat(a.serving()).containsExactly(reader.copy());
    }

    /** A write of a thread of the application's own, outside of any request, survives the takeover by another node. */
    @Test
    void writeOutsideOfARequestIsMergedWithALoad() {
        browser.begin(a);
        TestSession object = unused();
        object.set("job", "done");
        elsewhere("y", "there");

        Exchange next = new Exchange(a, browser.id(), null);
        assertThat(next.read("y")).isEqualTo("there");
        next.answer();

        assertThat(stored("job")).isEqualTo("done");
    }

    // ---- not merged

    @Test
    void attributeThatTheRequestReadAsAbsentIsInTheWay() {
        browser.begin(a);
        Exchange here = browser.send(a);
        assertThat(here.read("new")).isNull();
        here.write("x", "2");
        elsewhere("new", "there");

        assertThat(here.answer().status()).isEqualTo(503);
    }

    @Test
    void listOfNamesIsAReadOfAll() {
        browser.begin(a);
        Exchange here = browser.send(a).open();
        here.run(() -> here.copy().access().noteReadOfNames());
        here.write("x", "2");
        elsewhere("new", "there");

        assertThat(here.answer().status()).isEqualTo(503);
    }

    @Test
    void readAfterTheBlindWriteIsAUse() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "here");
        here.read("x");
        elsewhere("x", "there");

        assertThat(here.answer().status()).isEqualTo(503);
        assertThat(stored("x")).isEqualTo("there");
    }

    /** The blind write of one request is no blind write if a neighbour has read it. */
    @Test
    void readOfABlindWriteByANeighbourIsAUse() {
        browser.begin(a);
        Exchange here = browser.send(a);
        Exchange neighbour = browser.send(a);
        here.write("x", "here");
        assertThat(neighbour.read("x")).isEqualTo("here");
        elsewhere("x", "there");

        assertThat(here.answer().status()).isEqualTo(503);
        assertThat(neighbour.answer().status()).isEqualTo(503);
        assertThat(stored("x")).isEqualTo("there");
    }

    /**
     * A neighbour that has only read is in the way as long as it is inside: it may still write what it derives from
     * that.
     */
    @Test
    void readByANeighbourThatIsStillInsideIsInTheWayOfAMerge() {
        browser.begin(a);
        Exchange here = browser.send(a);
        Exchange neighbour = browser.send(a);
        here.write("x", "2");
        assertThat(neighbour.read("y")).isEqualTo("1");
        elsewhere("y", "there");

        assertThat(here.answer().status()).isEqualTo(503);
        Answer read = neighbour.answer();

        assertThat(read.status()).isEqualTo(200);
        assertThat(read.epoch()).isNotNull();
    }

    @Test
    void readOfARequestThatHasAnsweredIsNotInTheWay() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "2");
        Exchange neighbour = browser.send(a);
        assertThat(neighbour.read("y")).isEqualTo("1");
        neighbour.answer();
        elsewhere("y", "there");

        assertThat(here.answer().status()).isEqualTo(200);
    }

    @Test
    void changeInsideAValueThatAnotherNodeReplacedIsRefused() {
        Exchange creation = new Exchange(a, null, null);
        creation.create();
        creation.write("cart", TextCodec.mutable("empty"));
        browser.receive(creation.answer());
        Exchange here = browser.send(a);
        here.append("cart", "+book");
        elsewhere("cart", "sold");

        assertThat(here.answer().status()).isEqualTo(503);
        assertThat(stored("cart")).isEqualTo("sold");
    }

    /** A thread outside of any request may have read what it wrote. */
    @Test
    void writeOutsideOfARequestIsInTheWayOfTheSameChangeElsewhere() {
        browser.begin(a);
        TestSession object = unused();
        object.set("x", "job");
        elsewhere("x", "there");

        Exchange next = new Exchange(a, browser.id(), null);

        assertThat(next.read("x")).isEqualTo("there");
        assertThat(a.counter("conflicts")).isEqualTo(1);
        next.answer();
    }

    @Test
    void nodeThatIsAlwaysSlowerGivesUpAfterFiveMerges() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "here");
        AtomicInteger writes = new AtomicInteger();
        a.store.before("commit", () -> elsewhereEachTime(writes));

        assertThat(here.answer().status()).isEqualTo(503);

        assertThat(a.counter("merges")).isEqualTo(5);
        assertThat(writes).hasValue(6);
        assertThat(stored("x")).isEqualTo("1");
        assertThat(a.serving()).isEmpty();
    }

    @Test
    void sessionThatEndedBetweenTheCommitAndItsMergeIsGone() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "here");
        elsewhere("y", "there");
        a.store.after("commit", () -> new Exchange(b, browser.id(), null).logout());

        assertThat(here.answer().status()).isEqualTo(503);

        assertThat(here.scope.refusal()).hasMessageContaining("was ended elsewhere");
        assertThat(site.snapshot(browser.id())).isNull();
    }

    // ---- conflict=overwrite

    @Test
    void overwritingNodeKeepsWhatItsRequestWroteAndTakesTheRest() {
        TestNode over = site.overwritingNode("O");
        browser.begin(over);
        Exchange here = browser.send(over);
        here.write("x", here.read("x") + "+here");
        here.read("y");
        Exchange there = new Exchange(b, browser.id(), null);
        there.write("x", "there");
        there.write("y", "there");
        there.answer();

        assertThat(here.answer().status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("1+here");
        assertThat(stored("y")).isEqualTo("there");
        assertThat(over.counter("conflicts")).isEqualTo(1);
        assertThat(over.counter("overwrites")).isEqualTo(1);
    }

    @Test
    void overwritingNodeKeepsAChangeInsideAValue() {
        TestNode over = site.overwritingNode("O");
        Exchange creation = new Exchange(over, null, null);
        creation.create();
        creation.write("cart", TextCodec.mutable("empty"));
        browser.receive(creation.answer());
        Exchange here = browser.send(over);
        Exchange neighbour = browser.send(over);
        neighbour.append("cart", "+book");
        here.write("x", "2");
        elsewhere("cart", "sold");

        assertThat(here.answer().status()).isEqualTo(200);
        assertThat(neighbour.answer().status()).isEqualTo(200);

        assertThat(stored("cart")).isEqualTo("empty+book");
    }

    @Test
    void overwritingNodeRefusesAChangeInsideAValueThatItCouldNotKeep() {
        TestNode over = site.overwritingNode("O");
        Exchange creation = new Exchange(over, null, null);
        creation.create();
        creation.write("cart", TextCodec.mutable("empty"));
        browser.receive(creation.answer());
        Exchange here = browser.send(over);
        List<StringBuilder> held = new ArrayList<>();
        here.open().run(() -> held.add((StringBuilder) here.session().get("cart")));
        elsewhere("cart", "sold");
        new Exchange(over, browser.id(), null).open().answer();

        held.get(0).append("+book"); // after the state of the other node has arrived

        assertThat(here.answer().status()).isEqualTo(503);
        assertThat(stored("cart")).isEqualTo("sold");
    }

    @Test
    void changeInsideAValueThatWasSetAndSavedBeforeIsRefused() {
        browser.begin(a);
        Exchange here = browser.send(a);
        StringBuilder cart = TextCodec.mutable("empty");
        here.write("cart", cart);
        here.save();
        here.sendHeaders();
        elsewhere("cart", "sold");
        new Exchange(a, browser.id(), null).open().answer();

        cart.append("+book");

        assertThat(here.answer().status()).isEqualTo(503);
    }

    @Test
    void valueThatBothWroteAlikeIsNotUnsavedAnyMore() {
        browser.begin(a);
        Exchange here = browser.send(a);
        here.write("x", "same");
        elsewhere("x", "same");
        here.save();
        here.sendHeaders();
        elsewhere("x", "later");

        Exchange reader = new Exchange(a, browser.id(), null);
        String seen = reader.read("x");
        reader.answer();

        assertThat(seen).isEqualTo("later");
        assertThat(stored("x")).isEqualTo("later");
    }

    // ---- helpers

    /** A write on node B by a request that carries no epoch. */
    private void elsewhereEachTime(AtomicInteger writes) {
        elsewhere("y", "there" + writes.incrementAndGet());
        a.store.before("commit", () -> elsewhereEachTime(writes));
    }

    /** The object on node A, with no request inside. */
    private TestSession unused() {
        Exchange request = browser.send(a);
        TestSession session = request.session();
        request.answer();
        return session;
    }

    // ---- a value that is just being set

    /**
     * A listener of the application runs in the middle of setAttribute: a neighbour has saved the old value, another
     * one sees the new.
     */
    @Test
    void valueThatIsBeingSetIsSavedByWhoeverSeesIt() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange setting = browser.send(a).open();
        Exchange reader = browser.send(a).open();
        Exchange third = browser.send(a).open();
        TestSession session = setting.session();
        List<Integer> answers = new ArrayList<>();

        setting.run(() -> session.copy().access().write(Fields.attribute("x"), () -> {
            reader.read("x");
            answers.add(reader.answer().status());
            session.replace("x", "set here");
            assertThat(third.read("x")).isEqualTo("set here");
            answers.add(third.answer().status());
            assertThat(stored("x")).isEqualTo("set here");
        }));

        answers.add(setting.answer().status());
        assertThat(answers).containsExactly(200, 200, 200);
    }

    @Test
    void valueThatIsBeingSetIsInTheWayOfAMerge() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange setting = browser.send(a).open();
        Exchange third = browser.send(a).open();
        TestSession session = setting.session();
        List<Integer> answers = new ArrayList<>();

        setting.run(() -> session.copy().access().write(Fields.attribute("x"), () -> {
            session.replace("x", "set here");
            elsewhere("x", "set there");
            third.write("y", "9");
            answers.add(third.answer().status());
        }));
        answers.add(setting.answer().status());

        assertThat(answers).containsExactly(503, 503);
        assertThat(stored("x")).isEqualTo("set there");
    }

    // ---- a request that fails in the middle of its end

    /** What it had changed is nobody's: it must not become durable, nor stand in the way of what others write. */
    @Test
    void copyOfARequestWhoseEndFailsIsDropped() {
        browser.begin(a);
        browser.settleOn(a);
        Exchange failing = browser.send(a).open();
        failing.write("x", "50");
        a.store.before("commit", () -> {
            throw new IllegalStateException("a defect");
        });

        assertThatThrownBy(failing::finish)
                .isInstanceOf(SessionRefusedException.class)
                .hasMessageContaining("java.lang.IllegalStateException"); // its own text is in the log alone

        assertThat(failing.copy().isServing()).isFalse();
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }
}
