package dev.holdfast.session.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The shortest traces in which the protocol failed before a rule of it was found, each by the name that it has in the
 * model's records: A for changes that are lost or never were, B for a browser that sees an older state than it was
 * answered.
 */
class ModelTracesTest extends ProtocolTest {
    /** A1: a neighbour's load must not lift the base under a request that has not seen the new state. */
    @Test
    void neighboursLoadDoesNotHideAConflict() {
        browser.begin(a);
        Exchange first = browser.send(a);
        String seen = first.read("x");
        browser.write(b, "x", "2");
        a.tick();
        Exchange neighbour = browser.send(a);
        assertThat(neighbour.read("x")).isEqualTo("2");

        first.write("x", seen + "+here");
        Answer refused = first.answer();

        assertThat(refused.status()).isEqualTo(503);
        assertThat(neighbour.answer().status()).isEqualTo(200);
        assertThat(stored("x")).isEqualTo("2");
    }

    /** A2: what was derived from a value that is then refused must not be acknowledged. */
    @Test
    void readerOfARefusedValueIsRefusedToo() {
        browser.begin(a);
        Exchange writer = browser.send(a);
        Exchange reader = browser.send(a);
        assertThat(writer.read("x")).isEqualTo("1");
        writer.write("x", "refused");
        String derived = reader.read("x");
        reader.write("y", derived);
        browser.write(b, "x", "2");

        assertThat(writer.answer().status()).isEqualTo(503);
        assertThat(reader.answer().status()).isEqualTo(503);
        assertThat(stored("y")).isEqualTo("1");
    }

    /** A2: it need not have written anything: the value that it answers with never existed. */
    @Test
    void requestThatOnlyReadARefusedValueIsRefusedToo() {
        browser.begin(a);
        Exchange writer = browser.send(a);
        Exchange reader = browser.send(a);
        assertThat(writer.read("x")).isEqualTo("1");
        writer.write("x", "refused");
        assertThat(reader.read("x")).isEqualTo("refused");
        browser.write(b, "x", "2");

        assertThat(writer.answer().status()).isEqualTo(503);
        assertThat(reader.answer().status()).isEqualTo(503);
    }

    /** A2, admitted after the commit has failed: the new request sees the state of the store, not the refused one. */
    @Test
    void requestThatComesAfterTheFailedCommitDoesNotSeeTheRefusedValue() {
        browser.begin(a);
        Epoch trusted = browser.epoch();
        Exchange writer = browser.send(a);
        assertThat(writer.read("x")).isEqualTo("1");
        writer.write("x", "refused");
        browser.write(b, "x", "2");

        assertThatThrownBy(writer::save).isInstanceOf(SessionRefusedException.class);
        Exchange later = new Exchange(a, browser.id(), trusted);

        assertThat(later.read("x")).isEqualTo("2");
        assertThat(later.answer().status()).isEqualTo(200);
        writer.finish();
    }

    /** A2: the reader of what is not saved yet saves it before it answers. */
    @Test
    void readerOfANeighboursUnsavedValueCommitsIt() {
        browser.begin(a);
        Exchange writer = browser.send(a);
        writer.write("x", "2");
        Exchange reader = browser.send(a);
        assertThat(reader.read("x")).isEqualTo("2");

        reader.answer();

        assertThat(stored("x")).isEqualTo("2");
    }

    /** A3, write skew: each reads what the other writes. One of them must not stand. */
    @Test
    void twoRequestsThatReadWhatTheOtherWritesAreNotBothAcknowledged() {
        browser.begin(a);
        Exchange here = browser.send(a);
        Exchange there = browser.send(b);
        assertThat(here.read("x")).isEqualTo("1");
        assertThat(there.read("y")).isEqualTo("1");
        here.write("y", "here");
        there.write("x", "there");

        assertThat(there.answer().status()).isEqualTo(200);
        assertThat(here.answer().status()).isEqualTo(503);

        assertThat(stored("x")).isEqualTo("there");
        assertThat(stored("y")).isEqualTo("1");
    }

    /**
     * A4: a blind write was applied, its reply is lost, another node builds on it; the second attempt must not write it
     * again.
     */
    @Test
    void retryOfABlindWriteIsNotMerged() {
        browser.begin(a);
        Exchange blind = browser.send(a);
        blind.write("x", "blind");
        site.store.failNext(Fault.REPEATED);
        site.store.betweenAttempts(() -> {
            Exchange built = new Exchange(b, browser.id(), null);
            built.write("x", built.read("x") + "+built");
            assertThat(built.answer().status()).isEqualTo(200);
        });

        assertThat(blind.answer().status()).isEqualTo(503);

        assertThat(stored("x")).isEqualTo("blind+built");
        assertThat(blind.scope.refusal()).hasMessageEndingWith("it may have been applied.");
    }

    /** A5: the command that was given up runs after the same node has written again. */
    @Test
    void lateCommitOverwritesNothing() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("x", "late");
        site.store.failNext(Fault.LATE);
        assertThat(request.answer().status()).isEqualTo(503);
        browser.write(a, "x", "2");

        site.store.runLate();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    /** A6: two histories of Redis wrote the same version; only the stamp tells them apart. */
    @Test
    void sameVersionOfAnotherHistoryIsNotOverwritten() {
        browser.begin(a);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "lost");
        Exchange request = browser.send(a);
        assertThat(request.read("x")).isEqualTo("lost");
        site.store.restore(lagging);
        Exchange other = new Exchange(b, browser.id(), null);
        other.write("x", "kept");
        assertThat(other.answer().status()).isEqualTo(200);

        request.write("y", "2");

        assertThat(request.answer().status()).isEqualTo(503);
        assertThat(stored("x")).isEqualTo("kept");
    }

    /** A6, where nobody used what differs: it is taken over, not kept because its version is the same. */
    @Test
    void changeOfTheSameVersionInAnotherHistoryIsSeen() {
        browser.begin(a);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "lost");
        Exchange request = browser.send(a).open();
        site.store.restore(lagging);
        assertThat(browser.write(b, "x", "kept").status()).isEqualTo(200);

        request.write("y", "2");
        browser.receive(request.answer());

        assertThat(stored("x")).isEqualTo("kept");
        assertThat(stored("y")).isEqualTo("2");
        assertThat(browser.read(a, "x")).isEqualTo("kept");
    }

    /** A7: Redis fails over to a replica that lags. The node that still holds what is lost sends it again. */
    @Test
    void changeThatRedisLostIsSentAgainWithTheNextOne() {
        browser.begin(a);
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "2");
        browser.write(a, "z", "new");
        site.store.restore(lagging);

        assertThat(browser.write(a, "y", "2").status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("2");
        assertThat(stored("z")).isEqualTo("new");
    }

    /** B1 and B2: the older answer of another node arrives last, and its node holds a copy older than the write. */
    @Test
    void answerThatOvertakesAnotherDoesNotBringAStaleCopyBack() {
        browser.begin(a);
        Exchange write = browser.send(a).open();
        Exchange strayed = browser.send(b).open();

        write.write("x", "2");
        browser.receive(write.answer());
        browser.receive(strayed.answer());

        assertThat(browser.epoch().route()).isEqualTo("B");
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /** B3: two answers with one mark would put back a mark that was confirmed before another node wrote. */
    @Test
    void secondAnswerDoesNotBringAConfirmedMarkBack() {
        browser.begin(a);
        Exchange late = browser.send(a).open();
        Exchange first = browser.send(b);
        Exchange second = browser.send(b);
        TestNode.shareOneLoad(b, first, second);
        browser.receive(first.answer());
        Answer held = second.answer();
        browser.read(b, "x");
        browser.read(b, "x");

        late.write("x", "2");
        browser.receive(late.answer());
        browser.receive(held);

        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /** B4: the copy was lifted by a stray load; the request's own epoch is what its browser still has. */
    @Test
    void commitComparesTheEpochOfTheRequestNotTheCopys() {
        browser.begin(a);
        Exchange write = browser.send(a).open();
        browser.settleOn(b);
        Exchange stray = browser.send(a).open();
        Answer lost = stray.answer();
        assertThat(lost.epoch()).isNotNull();

        write.write("x", "2");
        browser.receive(write.answer());

        assertThat(browser.epoch()).isEqualTo(write.copy().trust().epoch()).isNotEqualTo(lost.epoch());
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /** B4 for a write that a neighbour carried: nothing is left to commit, the epoch must move all the same. */
    @Test
    void requestWhoseWriteANeighbourCarriedRenewsTheEpoch() {
        browser.begin(a);
        Exchange write = browser.send(a).open();
        browser.settleOn(b);
        Exchange neighbour = browser.send(a).open();

        write.write("x", "2");
        assertThat(neighbour.read("x")).isEqualTo("2");
        neighbour.answer();
        a.takeCalls();
        browser.receive(write.answer());

        assertThat(a.takeCalls()).containsExactly("load");
        assertThat(a.counter("renewals")).isEqualTo(1);
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    /** B4 for a pure read of what a neighbour acknowledged to nobody yet. */
    @Test
    void pureReadUnderAnEpochThatMovedRenewsIt() {
        browser.begin(a);
        Exchange reader = browser.send(a).open();
        browser.settleOn(b);
        browser.send(a).open();

        assertThat(reader.read("x")).isEqualTo("1");
        Answer answer = reader.answer();

        assertThat(a.counter("renewals")).isEqualTo(1);
        assertThat(answer.epoch()).isNotNull();
        assertThat(answer.epoch().route()).isEqualTo("A");
    }

    /** B5: no cookie can be sent any more, and the old holder trusts its copy for L. */
    @Test
    void sessionTouchedFirstAfterTheHeadersWaitsUntilTheOldHolderAsked() {
        browser.begin(a);
        Exchange request = browser.send(b);
        request.save();
        request.sendHeaders();

        request.write("x", "2");
        request.finish();

        assertThat(site.ticker.waits()).containsExactly(Duration.ofMillis(2200));
        assertThat(b.counter("waits")).isEqualTo(1);
        assertThat(browser.read(a, "x")).isEqualTo("2");
    }
}
