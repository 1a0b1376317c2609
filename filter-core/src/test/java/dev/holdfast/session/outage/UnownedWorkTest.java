package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What threads outside of any request write, a WebSocket's for one: it is saved by a round, and is not lost without a
 * word.
 */
class UnownedWorkTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    @Test
    void whatAThreadOutsideOfRequestsSetIsSavedByTheNextRound() {
        browser.begin(a);
        assertThat(a.coordinator.isOwing()).isFalse();

        object().set("x", "message");
        assertThat(a.coordinator.isOwing()).isTrue();
        a.tick();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("message");
        assertThat(a.coordinator.isOwing()).isFalse();
        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(browser.read(a, "x")).isEqualTo("message");
        assertThat(a.serving()).hasSize(1);
    }

    @Test
    void itIsSavedThoughAnotherNodeTookTheSessionOver() {
        browser.begin(a);
        TestSession object = object();
        Exchange poll = new Exchange(b, browser.id(), null);
        poll.read("y");
        browser.receive(poll.answer());
        a.tick();
        object.set("x", "message");

        for (int i = 0; i < 5; i++) {
            site.pass(Duration.ofSeconds(20));
            a.tick();
        }

        assertThat(site.stored(browser.id(), "x")).isEqualTo("message");
        b.tick();
        assertThat(browser.read(b, "x")).isEqualTo("message");
    }

    @Test
    void nodeThatStopsSavesIt() {
        browser.begin(a);
        object().set("x", "message");

        a.coordinator.stop();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("message");
        assertThat(log.messages()).noneMatch(line -> line.startsWith("HF-210"));
    }

    @Test
    void nodeThatStopsWithoutTheStoreSaysThatItIsLost() {
        browser.begin(a);
        object().set("x", "message");
        a.store.setAway(true);

        a.coordinator.stop();

        assertThat(log.messages())
                .anyMatch(line -> line.startsWith("HF-210: This node stops while changes of 1 sessions"));
    }

    /** It may have been derived from what it replaced. */
    @Test
    void whatAnotherNodeChangedMeanwhileStandsAndTheLogNamesWhatIsGivenUp() {
        browser.begin(a);
        TestSession object = object();
        Exchange elsewhere = new Exchange(b, browser.id(), null);
        elsewhere.write("x", "there");
        assertThat(elsewhere.answer().status()).isEqualTo(200);
        object.set("x", "message");

        a.tick();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("there");
        assertThat(a.serving()).isEmpty();
        assertThat(log.messages())
                .anyMatch(
                        line -> line.startsWith("HF-225: Session " + browser.id()) && line.endsWith("It concerns x."));
    }

    @Test
    void whatCannotBeSavedIsNamedAndTriedAgain() {
        browser.begin(a);
        object().set("x", "message");
        a.store.setRefusing(true);
        a.tick();

        assertThat(log.messages()).anyMatch(line -> line.startsWith("HF-226: Session " + browser.id()));
        a.store.setRefusing(false);
        a.tick();
        assertThat(site.stored(browser.id(), "x")).isEqualTo("message");
    }

    /** A WebSocket may hold the object for hours. */
    @Test
    void writeToAnObjectThatServesNoLongerIsNamed() {
        browser.begin(a);
        TestSession object = object();
        browser.settleOn(b);
        a.tick();
        site.pass(Duration.ofSeconds(31));
        a.tick();
        assertThat(a.coordinator.copies()).isEmpty();

        object.set("x", "message");
        a.tick();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("1");
        assertThat(log.messages())
                .anyMatch(line -> line.startsWith("HF-227: Session " + browser.id()) && line.contains("has set x in"));
        assertThat(a.coordinator.isOwing()).isFalse();
    }

    @Test
    void sessionThatEndsTakesItAlong() {
        browser.begin(a);
        TestSession object = object();
        object.set("x", "message");
        Exchange logout = browser.send(a).open();
        logout.logout();
        logout.answer();

        object.set("y", "late");
        a.tick();

        assertThat(a.coordinator.isOwing()).isFalse();
        assertThat(site.snapshot(browser.id())).isNull();
        assertThat(log.messages()).noneMatch(line -> line.startsWith("HF-22"));
    }

    @Test
    void requestThatSavesItFirstLeavesNothingToTheRound() {
        browser.begin(a);
        object().set("x", "message");
        assertThat(browser.read(a, "y")).isEqualTo("1");
        assertThat(site.stored(browser.id(), "x")).isEqualTo("message");
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).doesNotContain("commit");
        assertThat(a.coordinator.isOwing()).isFalse();
    }

    /** The write counted as that of the request that was inside, which had looked at its values for the last time. */
    @Test
    void writeBesideTheEndOfARequestIsNobodysWhenThatIsOver() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        request.write("y", "2");
        request.save();
        TestSession object = object();
        CompletableFuture.runAsync(() -> object.set("x", "message")).join();
        request.copy().close(request.scope.sessionOf(request.copy()));

        a.tick();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("message");
        assertThat(site.stored(browser.id(), "y")).isEqualTo("2");
    }

    private TestSession object() {
        return (TestSession) a.serving().get(0).local();
    }
}
