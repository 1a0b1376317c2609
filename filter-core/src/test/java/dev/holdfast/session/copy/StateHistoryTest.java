package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TextCodec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store that went back to a state which a copy remembers: the first sentence of rule 7. */
class StateHistoryTest extends ProtocolTest {
    @BeforeEach
    void begin() {
        browser.begin(a);
    }

    @Test
    void wholeSessionTravelsWithTheNextCommit() {
        InMemorySessionStore.Image lagging = site.store.image();
        Exchange request = browser.send(a);
        request.remove("y");
        request.write("x", "2");
        browser.receive(request.answer());
        site.store.restore(lagging);
        a.takeCalls();

        assertThat(browser.write(a, "z", "1").status()).isEqualTo(200);

        assertThat(a.takeCalls()).containsExactly("commit", "commit");
        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isNull();
        assertThat(stored("z")).isEqualTo("1");
        assertThat(a.counter("resends")).isEqualTo(1);
    }

    @Test
    void valueRemovedByTheCommitThatFindsAnOlderStateIsWrittenWhenItIsSetAgain() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "new", "1");
        site.store.restore(lagging);
        Exchange removing = browser.send(a);
        removing.remove("new");
        browser.receive(removing.answer());
        assertThat(stored("new")).isNull();

        browser.write(a, "new", "1");

        assertThat(stored("new")).isEqualTo("1");
    }

    @Test
    void loadThatFindsAnOlderStateSendsTheCopyBeforeItIsServed() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "2");
        site.store.restore(lagging);

        Exchange loading = new Exchange(a, browser.id(), null);

        assertThat(loading.read("x")).isEqualTo("2");
        assertThat(stored("x")).isEqualTo("2");
        browser.receive(loading.answer());
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    @Test
    void renewalThatFindsAnOlderStateSendsTheCopy() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "2");
        Exchange reader = browser.send(a).open();
        new Exchange(a, browser.id(), null).open().answer();
        site.store.restore(lagging);

        assertThat(reader.answer().status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("2");
    }

    @Test
    void valueThatWasNeverDecodedHereIsSentAsItWasStored() {
        Exchange damaged = browser.send(a);
        damaged.write("old", "damaged");
        browser.receive(damaged.answer());
        browser.read(b, "x");
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(b, "x", "2");
        site.store.restore(lagging);

        assertThat(browser.write(b, "x", "3").status()).isEqualTo(200);

        assertThat(stored("old")).isEqualTo("damaged");
        assertThat(stored("y")).isEqualTo("1");
        assertThat(browser.read(b, "y")).isEqualTo("1");
        assertThat(browser.write(b, "y", "2").status()).isEqualTo(200);
        assertThat(stored("y")).isEqualTo("2");
    }

    /** Somebody has gone on with the older state: what this copy knows of is a fork, and a conflict like any other. */
    @Test
    void stateThatAnotherNodeBuiltOnTheOlderOneIsNotOverwritten() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "lost");
        site.store.restore(lagging);
        Exchange there = new Exchange(b, browser.id(), null);
        there.write("x", "there");
        there.answer();

        Exchange here = browser.send(a);
        here.write("x", here.read("x") + "+here");

        assertThat(here.answer().status()).isEqualTo(503);
        assertThat(stored("x")).isEqualTo("there");
    }

    /**
     * The first attempt may have reached the primary that is lost; the second finds an older state, and repairs it
     * under one stamp.
     */
    @Test
    void retryThatMeetsAnOlderStateKeepsItsStamp() {
        InMemorySessionStore.Image lagging = site.store.image();
        browser.write(a, "x", "2");
        Exchange request = browser.send(a);
        request.write("y", "2");
        site.store.failNext(Fault.REPEATED);
        site.store.betweenAttempts(() -> site.store.restore(lagging));

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("2");
        assertThat(a.store.all(SessionStore.Commit.class).stream()
                        .skip(1)
                        .map(SessionStore.Commit::stamp)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void sixteenStatesAreRemembered() {
        InMemorySessionStore.Image lagging = site.store.image();
        for (int i = 0; i < 15; i++) {
            browser.write(a, "x", "write " + i);
        }
        site.store.restore(lagging);
        assertThat(browser.write(a, "y", "2").status()).isEqualTo(200);
        assertThat(stored("x")).isEqualTo("write 14");

        InMemorySessionStore.Image older = site.store.image();
        for (int i = 0; i < 16; i++) {
            browser.write(a, "x", "again " + i);
        }
        site.store.restore(older);
        browser.write(a, "y", "3");

        assertThat(stored("x")).isEqualTo("write 14");
    }

    /** It may go unanswered, too: the copy is still the only one that has what was acknowledged. */
    @Test
    void sendingAgainThatIsRefusedIsTriedAgain() {
        beginWithCart();
        InMemorySessionStore.Image lagging = site.store.image();
        append("+acknowledged");
        a.store.setAway(true);
        assertThat(append("+refused").status()).isEqualTo(503);
        site.store.restore(lagging);
        a.store.setAway(false);
        a.store.before("commit", () -> a.store.setAway(true));
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        a.store.setAway(false);

        assertThat(browser.read(a, "cart")).startsWith("empty+acknowledged");
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

    /** The load before it has taken all the time that its request may wait. */
    @Test
    void sendingAgainThatHasNoTimeLeftIsTriedAgain() {
        beginWithCart();
        InMemorySessionStore.Image lagging = site.store.image();
        append("+acknowledged");
        site.store.restore(lagging);
        site.store.changePrimary();
        a.tick();
        a.store.before("commit", StateHistoryTest::refuse);
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        assertThat(browser.read(a, "cart")).isEqualTo("empty+acknowledged");
    }

    private static void refuse() {
        throw new StoreUnavailableException("not asked, or refused", false, null);
    }

    /** Ended is ended, also where the store forgot it: nothing is created again. */
    @Test
    void sessionThatIsMissingIsNotSentAgain() {
        Exchange request = browser.send(a);
        request.write("x", "2");
        site.store.forget(browser.id());

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(site.snapshot(browser.id())).isNull();
    }
}
