package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.WatchedText;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** An answer that has begun when the epoch moves waits at its end until nobody trusts an older state: rule 10. */
class RequestScopeTest extends ProtocolTest {
    @Test
    void lateCommitThatFindsTheEpochMovedWaits() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();
        browser.read(b, "x");
        browser.read(b, "x");

        request.write("x", "2");
        request.finish();

        assertThat(site.ticker.waits()).containsExactly(Duration.ofMillis(2200));
        assertThat(browser.read(b, "x")).isEqualTo("2");
    }

    @Test
    void lateReadUnderAnEpochThatMovedRenewsAndWaits() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();
        new Exchange(a, browser.id(), null).open().answer();

        request.read("x");
        request.finish();

        assertThat(a.counter("renewals")).isEqualTo(1);
        assertThat(site.ticker.waits()).containsExactly(Duration.ofMillis(2200));
    }

    /** Else one browser holds all threads of the container with requests that flush first. */
    @Test
    void answerThatMayNotWaitIsNotEndedAndItsWorkStays() {
        browser.begin(a);
        a.threads = 4;
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();
        browser.read(b, "x");
        assertThat(a.waits.enter(SessionId.random(), a.threads)).isTrue();

        request.write("x", "2");

        assertThatThrownBy(request::finish)
                .isInstanceOf(SessionRefusedException.class)
                .hasMessageStartingWith("HF-237: The answer to a request of session "
                        + browser.id().shortened() + " had begun");
        assertThat(site.ticker.waits()).isEmpty();
        assertThat(site.stored(browser.id(), "x")).isEqualTo("2");
        assertThat(a.serving()).hasSize(1);
    }

    @Test
    void requestGoesOnThoughItsAnswerIsNotEnded() {
        browser.begin(a);
        a.threads = 4;
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();
        browser.read(b, "x");
        assertThat(a.waits.enter(SessionId.random(), a.threads)).isTrue();
        request.write("x", "2");
        assertThatThrownBy(() -> request.run(request.scope::endResponse)).isInstanceOf(SessionRefusedException.class);

        request.write("x", "3");
        request.finish();

        assertThat(request.scope.refusal()).isNotNull();
        assertThat(site.stored(browser.id(), "x")).isEqualTo("3");
    }

    @Test
    void handfulOfAnswersOfOneSessionWaitsAtATime() {
        SessionId id = SessionId.random();
        for (int i = 0; i < 8; i++) {
            assertThat(a.waits.enter(id, a.threads)).isTrue();
        }

        assertThat(a.waits.enter(id, a.threads)).isFalse();
        assertThat(a.waits.enter(SessionId.random(), a.threads)).isTrue();

        a.waits.leave(id);
        assertThat(a.waits.enter(id, a.threads)).isTrue();
    }

    @Test
    void requestThatIsDoneWithTheSessionWhenItsHeadersLeaveNeverWaits() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();
        new Exchange(a, browser.id(), null).open().answer();

        request.finish();

        assertThat(site.ticker.waits()).isEmpty();
        assertThat(a.counter("renewals")).isZero();
    }

    /** A value that may change in place, and counts how often it is encoded. */
    private static final class Looked implements CharSequence {
        private int looks;

        @Override
        public int length() {
            return 1;
        }

        @Override
        public char charAt(int index) {
            return 'v';
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return "v".substring(start, end);
        }

        @Override
        public String toString() {
            looks++;
            return "v";
        }
    }

    private Looked usedBy(Consumer<Exchange> ending) {
        browser.begin(a);
        Looked value = new Looked();
        browser.write(a, "kept", value);
        Exchange request = browser.send(a);
        request.run(() -> assertThat(request.session().get("kept")).isSameAs(value));
        value.looks = 0;
        ending.accept(request);
        return value;
    }

    @Test
    void whatWasSavedAtTheEndIsNotLookedAtAgain() {
        assertThat(usedBy(request -> {
                            request.saveAtTheEnd();
                            request.finish();
                        })
                        .looks)
                .isEqualTo(1);
    }

    /** The application may hold the value, and is still inside. */
    @Test
    void whatWasSavedBeforeTheEndIsLookedAtOnceMore() {
        assertThat(usedBy(request -> {
                            request.save();
                            request.finish();
                        })
                        .looks)
                .isEqualTo(2);
    }

    /** Its answer has not left: there is still somebody to be told. */
    @Test
    void requestWhoseWorkAtRiskIsGivenUpBeforeItsAnswerLeavesIsRefused() {
        TestNode serving = site.servingNode("S");
        browser.begin(serving);
        Exchange request = browser.send(serving);
        serving.store.setAway(true);
        request.write("x", "at risk");
        request.saveAtTheEnd();
        assertThat(serving.counter("atRisk")).isEqualTo(1);

        serving.coordinator
                .context()
                .copies()
                .drop(serving.coordinator.copies().iterator().next());

        assertThatThrownBy(request::finish).isInstanceOf(SessionRefusedException.class);
    }

    @Test
    void changeByAThreadOfTheApplicationsOwnAfterTheEndIsSaved() {
        usedBy(request -> {
            request.saveAtTheEnd();
            request.write("x", "late");
            request.finish();
        });

        assertThat(stored("x")).isEqualTo("late");
        assertThat(a.counter("lateCommits")).isEqualTo(1);
    }

    /** What the application has encode its values may use the session. */
    @Test
    void changeWhileTheEndIsSavedIsSaved() {
        browser.begin(a);
        Exchange request = browser.send(a);
        request.write("kept", new WatchedText("v", () -> request.write("x", "by the encoder")));

        request.saveAtTheEnd();
        request.finish();

        assertThat(stored("x")).isEqualTo("by the encoder");
    }

    @Test
    void timeoutThatIsSetAfterTheEndIsSaved() {
        usedBy(request -> {
            request.saveAtTheEnd();
            request.session().setMaxInactive(60);
            request.finish();
        });

        assertThat(a.counter("lateCommits")).isEqualTo(1);
    }

    @Test
    void takeoverThatIsToldInTheHeadersDoesNotWait() {
        browser.begin(a);

        browser.write(b, "x", "2");

        assertThat(site.ticker.waits()).isEmpty();
    }

    /** Else the time for which a thread stands still between a reply and the container's clock would be added. */
    @Test
    void sessionWasUsedNoLaterThanItsRequestBegan() {
        browser.begin(a);
        Exchange request = browser.send(a).open();
        site.pass(Duration.ofMillis(500));

        request.run(() -> {
            assertThat(RequestScope.usedAt(10_000, 20)).isEqualTo(9_500);
            assertThat(RequestScope.usedAt(10_000, 700)).isEqualTo(9_300);
        });

        assertThat(RequestScope.usedAt(10_000, 700)).as("without a request").isEqualTo(9_300);
        assertThat(RequestScope.usedAt(10_000, -1)).isEqualTo(10_000);
    }
}
