package dev.holdfast.session.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.TestNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a login that is refused leaves of a session that the store has lost, while that is recovered. */
class RefusedLoginTest extends RecoveryTest {
    /** The request is refused, and its browser comes back with the old id. */
    @Test
    void loginThatFindsTheLossLeavesWhatWasSaved() {
        Exchange login = browser.send(a).open();
        SessionId old = browser.id();
        login.write("y", "secret");
        site.loseData();
        login.changeId();
        assertThat(login.answer().status()).isEqualTo(503);
        assertThat(browser.read(a, "x")).isEqualTo("1"); // meanwhile

        settle();

        assertThat(browser.id()).isEqualTo(old);
        assertThat(browser.read(b, "x")).isEqualTo("1");
        assertThat(browser.read(b, "y")).isNotEqualTo("secret");
        assertThat(browser.write(b, "y", "2").status()).isEqualTo(200);
        assertThat(browser.read(a, "y")).isEqualTo("2");
    }

    @Test
    void sessionIsNotSentUnderAnIdThatALoginInsideGivesUp() {
        Exchange login = browser.send(a).open();
        site.loseData();
        b.tick();
        login.write("y", "secret");
        login.changeId();
        settle();
        assertThat(stored("y")).isNull();

        assertThat(login.answer().status()).isEqualTo(503);
        settle();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("y")).isNotEqualTo("secret");
    }

    /** What it leaves takes the place of a copy that stands on the list of those to be sent already. */
    @Test
    void loginThatIsRefusedWhileOtherShardsAreSentLeavesWhatWasSaved() {
        Browser other = new Browser();
        other.begin(a, inAnotherShard());
        Browser last = other.id().shard() > browser.id().shard() ? other : browser;
        Exchange login = last.send(a).open();
        site.loseData();
        login.changeId();
        List<Integer> refused = new ArrayList<>();
        site.store.settling().after("push", () -> refused.add(login.answer().status()));

        settle();

        assertThat(refused).containsExactly(503);
        assertThat(last.read(b, "x")).isEqualTo("1");
    }

    /** It cannot have the lock of its copy, which is not sent, and goes with its login. */
    @Test
    void loginThatIsRefusedWhileOthersOfItsShardAreSentLeavesWhatWasSaved() {
        new Browser().begin(a, browser.id().sibling());
        Exchange login = browser.send(a).open();
        site.loseData();
        login.changeId();
        login.scope.budget().spend(TestNode.PATIENT.toNanos());
        List<Integer> refused = new ArrayList<>();
        site.store.settling().after("push", () -> refused.add(login.answer().status()));

        settle();

        assertThat(refused).containsExactly(503);
        assertThat(browser.read(b, "x")).isEqualTo("1");
    }

    /** What is lost of it must not win over the copy of a node that has it all. */
    @Test
    void whatALoginLeavesGivesWayToAWholeCopy() {
        Exchange login = browser.send(a).open();
        new Exchange(b, browser.id(), null).open().answer();
        login.write("y", "secret");
        site.loseData();
        login.changeId();
        assertThat(login.answer().status()).isEqualTo(503);

        b.tick();
        settle();

        assertThat(stored("x")).isEqualTo("1");
        assertThat(stored("y")).isEqualTo("1");
    }

    @Test
    void whatALoginHasChangedIsNamedWhereItIsLost() {
        Exchange login = browser.send(a).open();
        SessionId old = browser.id();
        login.write("y", "secret");
        site.loseData();
        login.changeId();

        assertThat(login.answer().status()).isEqualTo(503);

        assertThat(log.messages())
                .contains("HF-224: Session " + old
                        + ", which Redis lost, goes on without [y] unless another node still has it: a request that was"
                        + " refused had changed these attributes.");
    }
}
