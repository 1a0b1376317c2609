package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Two nodes of one name: a paused one and its successor, clones, two versions of an application side by side (rules 2,
 * 3 and 8).
 */
class IncarnationTest {
    private final Site site = new Site();
    private final Browser browser = new Browser();

    @Test
    void pausedNodeDoesNotTrustTheMarkOfItsSuccessor() {
        TestNode paused = site.node("A");
        TestNode successor = site.node("A");
        browser.begin(paused);
        assertThat(browser.read(paused, "x")).isEqualTo("1");
        site.pass(Duration.ofSeconds(60));

        Answer change = browser.write(successor, "x", "2");

        assertThat(change.epoch())
                .as("its own mark in place of the paused node's")
                .isNotNull();
        paused.tick(); // it wakes up, and asks the log
        assertThat(browser.read(paused, "x")).isEqualTo("2");
    }

    @Test
    void nodeThatHearsOfItsSuccessorInTheLogServesTheOldCookieNoMore() {
        TestNode paused = site.node("A");
        TestNode successor = site.node("A");
        browser.begin(paused);
        Epoch old = browser.epoch();
        browser.write(successor, "x", "2");
        paused.tick();
        paused.takeCalls();

        Exchange delayed = new Exchange(paused, browser.id(), old);

        assertThat(delayed.read("x")).isEqualTo("2");
        assertThat(paused.takeCalls()).containsExactly("load");
    }

    /** With one explicit name, two versions of an application are two incarnations on one server. */
    @Test
    void versionThatIsRolledBackToAsksBeforeItServes() {
        TestNode first = site.node("A");
        TestNode second = site.node("A");
        browser.begin(first);
        browser.write(second, "x", "2");
        assertThat(browser.read(second, "x")).isEqualTo("2");
        second.coordinator.stop(); // undeployed
        first.tick();

        assertThat(browser.read(first, "x")).isEqualTo("2");
    }

    @Test
    void onlyItsOwnIncarnationEndsASessionBeforeTheDeadline() {
        TestNode paused = site.node("A");
        TestNode successor = site.node("A");
        browser.begin(paused);
        browser.settleOn(successor);
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE + 1));

        paused.sweep();
        assertThat(paused.counter("expired")).isZero();

        successor.sweep();
        assertThat(successor.counter("expired")).isEqualTo(1);
    }

    @Test
    void ownMoveThatTheLogTellsOfIsNoReasonToAskAgain() {
        TestNode a = site.node("A");
        TestNode other = site.node("B");
        browser.begin(other);
        browser.settleOn(a);
        a.tick();
        a.takeCalls();

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.takeCalls()).isEmpty();
    }

    /** Whoever enters at this address takes this node for its dead predecessor. */
    @Test
    void nodeThatTheRegistryDoesNotKnowAnyMoreAsksForWhatItHolds() {
        TestNode a = site.member("A");
        browser.begin(a);
        browser.read(a, "x");
        a.tick();
        a.takeCalls();
        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.takeCalls()).isEmpty();

        site.registry.loseData();
        a.tick();
        a.tick();
        a.takeCalls();

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.takeCalls()).containsExactly("load");
        browser.read(a, "x");
        a.takeCalls();
        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.takeCalls()).as("once").isEmpty();
    }

    @Test
    void conflictNamesTheOtherNodeByItsRoute() {
        TestNode a = site.member("a-rather-long-name-of-a-pod");
        TestNode b = site.member("b");
        b.tick(); // it has seen the other one
        browser.begin(a);

        assertThat(conflict(a, b)).contains("node a-rather-long-name-of-a-pod changed \"x\"", "on node b ");
    }

    @Test
    void conflictWithANodeThatWasNeverSeenNamesTheBeginningOfItsRoute() {
        TestNode a = site.node("a-rather-long-name-of-a-pod");
        TestNode b = site.node("b");
        browser.begin(a);

        assertThat(conflict(a, b)).contains("node a-rather-lon changed \"x\"", "on node b ");
    }

    /** What is said of a request on b that has read what a then changes. */
    private String conflict(TestNode a, TestNode b) {
        Exchange slow = browser.send(b);
        assertThat(slow.read("x")).isEqualTo("1");
        slow.write("x", "2");
        Exchange quick = browser.send(a);
        quick.write("x", "3");
        assertThat(quick.answer().status()).isEqualTo(200);
        try {
            slow.save();
        } catch (SessionRefusedException e) {
            return String.valueOf(e.getMessage());
        } finally {
            slow.finish();
        }
        throw new AssertionError("The request was not refused");
    }

    @Test
    void ownerIsTheBeginningOfTheRouteAndAHashOfTheIncarnation() {
        String owner = Epoch.ownerOf("a-rather-long-name-of-a-pod", "x.1");

        assertThat(owner).matches("a-rather-lon_[A-Za-z0-9_-]{8}");
        assertThat(Epoch.ownerOf("n1", "x.1")).startsWith("n1_").endsWith(owner.substring(13));
        assertThat(Epoch.ownerOf("n1", "x.2")).startsWith("n1_").isNotEqualTo(Epoch.ownerOf("n1", "x.1"));
        Epoch epoch = Epoch.fresh(owner);
        assertThat(Epoch.parse(epoch.text())).isEqualTo(epoch);
        assertThat(epoch.route()).isEqualTo("a-rather-lon");
        assertThat(Epoch.fresh("").route()).isEmpty();
    }
}
