package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Nodes that serve without trust, alone and beside sticky ones: rule 12 of the protocol. */
class RoamingTest extends ProtocolTest {
    private final TestNode sticky = site.node("S");

    RoamingTest() {
        super(Site::roamingNode);
    }

    @Test
    void eachRequestAsksAndSeesTheLastAcknowledgedState() {
        browser.begin(a);
        b.takeCalls();

        for (int i = 2; i < 5; i++) {
            browser.write(i % 2 == 0 ? b : a, "x", Integer.toString(i));
            assertThat(browser.read(i % 2 == 0 ? a : b, "x")).isEqualTo(Integer.toString(i));
        }

        assertThat(b.takeCalls()).containsExactly("load", "commit", "load", "load", "commit");
    }

    @Test
    void sessionOfARoamingNodeHasNoHolderAndItsCookieStays() {
        browser.begin(a);
        Epoch born = browser.epoch();

        assertThat(born.hasHolder()).isFalse();
        Exchange request = browser.send(b);
        request.write("x", "2");
        assertThat(request.answer().epoch()).isNull();
        assertThat(request.copy().trust().isConfirmed()).isFalse();
    }

    @Test
    void browserWithoutTheCookieGetsIt() {
        browser.begin(a);

        Answer answer = new Exchange(b, browser.id(), null).open().answer();

        assertThat(answer.epoch()).isEqualTo(browser.epoch());
    }

    /**
     * Hole 1 of the third check: the holder trusts its cookie until an answer replaces it, also when nothing was moved.
     */
    @Test
    void everyRoamingAnswerReplacesTheCookieOfAFormerHolder() {
        browser.begin(sticky);
        Exchange first = browser.send(a).open();
        Exchange second = browser.send(b);
        second.write("x", "2");
        browser.receive(second.answer());

        assertThat(browser.epoch().hasHolder()).isFalse();
        assertThat(browser.read(sticky, "x")).isEqualTo("2");
        first.answer();
    }

    /** An idle logout is a rule of security: no grace for uses that nobody can have to tell. */
    @Test
    void idleSessionIsGoneTwoSecondsAfterItsTimeout() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE).plusMillis(2001));

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void listenersHearOfASessionThatWasGoneForRoamingNodes() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE + 3));
        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.NONE);
        site.pass(Duration.ofMillis(Lifetimes.graceMillis(TestSession.MAX_INACTIVE)));

        b.sweep();

        assertThat(b.sessions.told()).containsExactly("expired x=1");
    }

    @Test
    void requestThatLastsLongerThanTheTimeoutKeepsItsSessionOnAllNodes() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        for (int i = 0; i < TestSession.MAX_INACTIVE + 10; i += 1) {
            site.pass(Duration.ofSeconds(1));
            a.coordinator.tick();
        }
        site.pass(Duration.ofSeconds(1));
        assertThat(slow.answer().status()).isEqualTo(200);
        a.coordinator.tick();
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE - 1));

        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void roamingWriteIsSeenByTheFormerHolder() {
        browser.begin(sticky);

        browser.write(a, "x", "2");

        assertThat(browser.read(sticky, "x")).isEqualTo("2");
    }

    @Test
    void parallelRequestsOfARoamingNodeAreNotRefused() {
        browser.begin(a);
        Exchange one = browser.send(a);
        Exchange other = browser.send(a);
        one.write("x", "2");
        other.write("y", "2");

        assertThat(one.answer().status()).isEqualTo(200);
        assertThat(other.answer().status()).isEqualTo(200);
        assertThat(site.stored(browser.id(), "x")).isEqualTo("2");
        assertThat(site.stored(browser.id(), "y")).isEqualTo("2");
    }

    @Test
    void roamingAndStickyRequestsOfAPageAreReadYourWritesInEitherOrderOfAnswers() {
        browser.begin(sticky);
        Exchange held = browser.send(sticky);
        held.write("y", "held");
        Exchange strayed = browser.send(a).open();

        browser.receive(held.answer());
        browser.receive(strayed.answer());
        browser.write(b, "x", "2");

        assertThat(browser.read(sticky, "x")).isEqualTo("2");
        assertThat(browser.read(a, "y")).isEqualTo("held");
    }

    @Test
    void lateTouchOfARoamingNodeWaitsForTheFormerHolder() {
        browser.begin(sticky);
        Exchange request = browser.send(a);
        request.save();
        request.sendHeaders();

        request.write("x", "2");
        request.finish();

        assertThat(site.ticker.waits()).hasSize(1);
        assertThat(browser.read(sticky, "x")).isEqualTo("2");
    }
}
