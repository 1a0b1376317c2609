package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A change of the public id: rule 9 of the protocol. */
class IdChangeTest extends ProtocolTest {
    @Test
    void changedIdIsOneRoundTripWithTheChangesOfTheRequest() {
        browser.begin(a);
        SessionId old = browser.id();
        a.takeCalls();

        Exchange login = browser.send(a);
        login.write("x", "Ada");
        login.changeId();
        browser.receive(login.answer());

        assertThat(a.takeCalls()).containsExactly("commit");
        assertThat(site.snapshot(old)).isNull();
        assertThat(browser.read(b, "x")).isEqualTo("Ada");
    }

    @Test
    void sessionIsTrustedUnderItsNewId() {
        browser.begin(a);
        Exchange login = browser.send(a);
        login.changeId();
        browser.receive(login.answer());
        a.takeCalls();

        assertThat(browser.read(a, "x")).isEqualTo("1");

        assertThat(a.takeCalls()).isEmpty();
        assertThat(a.serving()).hasSize(1);
    }

    // ---- a request that is inside on another node

    /** With round robin that was each login beside a poll: getAttribute threw, and the page was a 500. */
    @Test
    void changeOfIdThatIsHeardOfElsewhereIsNoEndForARequestInside() {
        TestNode one = site.roamingNode("A");
        TestNode other = site.roamingNode("B");
        browser.begin(one);
        Exchange slow = browser.send(one).open();
        login(other);

        one.tick();

        assertThat(slow.session().events()).doesNotContain("ended elsewhere");
        assertThat(slow.read("x")).isEqualTo("1");
        assertThat(slow.answer().status()).isEqualTo(200);
        assertThat(one.serving()).isEmpty();
        assertThat(browser.read(one, "x")).isEqualTo("Ada");
    }

    @Test
    void changeOfIdThatALoadMeetsIsNoEndForARequestInside() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        Exchange late = new Exchange(a, browser.id(), null);
        login(b);

        assertThat(late.find().found()).isEqualTo(Lookup.Found.NONE);

        assertThat(slow.session().events()).doesNotContain("ended elsewhere");
        assertThat(slow.answer().status()).isEqualTo(200);
    }

    @Test
    void changeOfIdThatACommitMeetsRefusesItAndIsNoEndForANeighbourInside() {
        browser.begin(a);
        Exchange reading = browser.send(a).open();
        Exchange writing = browser.send(a).open();
        login(b);
        writing.write("y", "2");

        assertThat(writing.answer().status()).isEqualTo(503);

        assertThat(reading.session().events()).doesNotContain("ended elsewhere");
        assertThat(reading.answer().status()).isEqualTo(200);
        assertThat(browser.read(b, "y")).isEqualTo("1");
    }

    @Test
    void changeOfIdThatALogoutMeetsRefusesItAndIsNoEndForANeighbourInside() {
        browser.begin(a);
        Exchange reading = browser.send(a).open();
        Exchange logout = browser.send(a).open();
        login(b);

        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.finish();

        assertThat(reading.session().events()).doesNotContain("ended elsewhere");
        assertThat(browser.read(b, "x")).isEqualTo("Ada");
    }

    @Test
    void changeOfIdThatATouchMeetsIsNoEndForARequestInside() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        site.pass(Duration.ofSeconds(5));
        login(b);
        site.store.failNext(Fault.REFUSED, "ask");

        a.coordinator.tick();

        assertThat(a.takeCalls()).contains("touch");
        assertThat(slow.session().events()).doesNotContain("ended elsewhere");
    }

    /** An end of the session under its new id is none of the old one's. */
    @Test
    void changeOfIdThatIsToldAgainToAnotherPrimaryIsStillAChange() {
        browser.begin(a);
        Exchange slow = browser.send(a).open();
        InMemorySessionStore.Image lagging = site.store.image();
        SessionId old = browser.id();
        login(b);
        site.store.restore(lagging);
        site.store.changePrimary();
        b.tick();
        assertThat(site.store.ended(old)).isTrue();

        a.tick();

        assertThat(slow.session().events()).doesNotContain("ended elsewhere");
    }

    private void login(TestNode node) {
        Exchange login = browser.send(node);
        login.write("x", "Ada");
        login.changeId();
        Answer answer = login.answer();
        assertThat(answer.status()).isEqualTo(200);
        browser.receive(answer);
    }

    @Test
    void oldIdIsUnknownOnTheNodeThatChangedItFromThatMomentOn() {
        browser.begin(a);
        Exchange login = browser.send(a);
        Exchange stranger = browser.send(a);
        login.changeId();

        assertThat(stranger.find().found()).isEqualTo(Lookup.Found.NONE);

        login.answer();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.NONE);
        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void newSessionMayChangeItsIdBeforeTheStoreKnowsIt() {
        Exchange login = new Exchange(a, null, null);
        SessionId first = login.create().copy().id();
        login.write("x", "1");
        login.changeId();
        browser.receive(login.answer());

        assertThat(site.snapshot(first)).isNull();
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    @Test
    void idMayChangeTwiceBeforeACommit() {
        browser.begin(a);
        SessionId old = browser.id();
        Exchange login = browser.send(a);
        SessionId between = login.changeId();
        login.changeId();

        assertThat(login.answer().status()).isEqualTo(200);

        browser.receive(new Answer(200, null, login.copy().id()));
        assertThat(site.snapshot(old)).isNull();
        assertThat(site.snapshot(between)).isNull();
        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.serving()).hasSize(1);
    }

    /** Model I1: another node's write that was acknowledged in between must not be lost with the old id. */
    @Test
    void changeOfIdTakesAlongWhatAnotherNodeWroteInBetween() {
        browser.begin(a);
        Exchange login = browser.send(a).open();
        browser.write(b, "x", "2");

        login.changeId();
        Answer answer = login.answer();
        browser.receive(answer);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    @Test
    void changeOfIdOnAStateThatTheRequestHasReadOtherwiseIsRefusedAndTheSessionStays() {
        browser.begin(a);
        Exchange login = browser.send(a);
        login.read("x");
        browser.write(b, "x", "2");

        login.changeId();
        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    /** Model I1, the other way round. */
    @Test
    void commitUnderTheOldIdIsRefusedAfterTheChange() {
        browser.begin(a);
        Exchange elsewhere = browser.send(b).open();
        Exchange login = browser.send(a);
        login.changeId();
        Answer changed = login.answer();

        elsewhere.write("x", "lost");

        assertThat(elsewhere.answer().status()).isEqualTo(503);
        browser.receive(changed);
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    /**
     * A commit that does not know of the new id is under way: the change waits, and is not taken for written by its
     * reply.
     */
    @Test
    void changeOfIdWaitsForACommitUnderWay() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        SessionId old = browser.id();
        Exchange write = browser.send(impatient).open();
        Exchange login = browser.send(impatient).open();
        write.write("x", "2");
        impatient.store.after(
                "commit",
                () -> assertThatThrownBy(login::changeId)
                        .isInstanceOf(SessionRefusedException.class)
                        .hasMessageStartingWith("HF-201: Session " + old.shortened() + " cannot change its id: "));

        assertThat(write.answer().status()).isEqualTo(200);
        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(site.snapshot(old)).isNotNull();
        assertThat(browser.read(impatient, "x")).isEqualTo("2");
    }

    @Test
    void refusedChangeOfIdLeavesTheSessionUnderItsOldId() {
        TestNode impatient = site.impatientNode("A");
        browser.begin(impatient);
        Exchange login = browser.send(impatient);
        login.changeId();
        login.copy().lock.acquireUninterruptibly();

        assertThat(login.answer().status()).isEqualTo(503);
        login.copy().lock.release();

        assertThat(browser.read(impatient, "x")).isEqualTo("1");
    }

    /** The request changed the id and was refused for something else: the browser never hears of the new id. */
    @Test
    void requestRefusedForSomethingElseLeavesTheSessionUnderItsOldId() {
        browser.begin(a);
        Exchange login = browser.send(a);
        login.changeId();
        login.scope.refuse("Something else cannot be kept.", null);

        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void changeOfIdThatTheStoreDoesNotAnswerLeavesNoSilentLogout() {
        browser.begin(a);
        Exchange login = browser.send(a);
        login.changeId();
        site.store.failNext(Fault.BEFORE);

        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void changeOfIdByAnOrphanIsRefusedAndTouchesNotItsReplacement() {
        browser.begin(a);
        Exchange login = browser.send(a);
        login.read("x");
        browser.write(b, "x", "2");
        browser.read(a, "x");
        NearCopy replacement = a.serving().get(0);

        login.changeId();

        assertThat(login.answer().status()).isEqualTo(503);
        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(a.coordinator.copies()).containsExactly(replacement);
    }

    @Test
    void neighboursCommitGoesToTheNewId() {
        browser.begin(a);
        Exchange neighbour = browser.send(a).open();
        Exchange login = browser.send(a);
        SessionId changed = login.changeId();
        neighbour.write("x", "2");

        assertThat(neighbour.answer().status()).isEqualTo(200);
        assertThat(login.answer().status()).isEqualTo(200);

        assertThat(site.stored(changed, "x")).isEqualTo("2");
    }

    /** A touch of the old id was on its way when the commit changed it: that the old id is gone ends nothing. */
    @Test
    void touchThatAChangeOfIdOvertookDropsNothing() {
        browser.begin(a);
        site.pass(Duration.ofMillis(1));
        browser.read(a, "x");
        Exchange login = browser.send(a).open();
        a.store.before("touch", () -> {
            login.changeId();
            browser.receive(login.answer());
        });

        a.tick();

        assertThat(a.serving()).hasSize(1);
        a.takeCalls();
        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.takeCalls()).isEmpty();
    }

    @Test
    void idNeverLeavesItsShard() {
        browser.begin(a);
        Exchange login = browser.send(a).open();
        SessionId other = new SessionId((login.copy().id().shard() == 0 ? "01" : "00") + "0".repeat(32));

        assertThatThrownBy(() -> a.coordinator.changeId(login.copy().access(), other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Session " + browser.id() + " cannot become " + other
                        + ": a session id keeps its first two digits");
    }
}
