package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a node reads from its memory while the store is away, is silent, or is there and refuses. */
class OutageReadsTest extends ProtocolTest {
    OutageReadsTest() {
        super(Site::servingNode);
    }

    // ---- a store that is away

    @Test
    void sessionInMemoryIsReadForAsLongAsItsLastKnownUseAllows() {
        browser.begin(a);
        a.store.setAway(true);
        site.pass(Duration.ofMinutes(29));

        Exchange request = browser.send(a);
        assertThat(request.read("x")).isEqualTo("1");
        Answer answer = request.answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.epoch()).isNull();
        assertThat(a.counter("outageReads")).isEqualTo(1);
        site.pass(Duration.ofMinutes(2));
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void browserThatWasElsewhereIsNotServedFromAnOldCopy() {
        browser.begin(a);
        Epoch old = browser.epoch();
        browser.settleOn(b);
        a.store.setAway(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(new Exchange(a, browser.id(), old).find().found()).isEqualTo(Lookup.Found.FOUND);
    }

    @Test
    void markThatWasNeverConfirmedIsNotEnough() {
        browser.begin(a);
        browser.read(b, "x");
        b.store.setAway(true);

        assertThat(browser.send(b).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void copyWhoseEndOrMoveWasHeardIsNotServed() {
        browser.begin(a);
        Exchange elsewhere = new Exchange(b, browser.id(), null);
        elsewhere.open();
        elsewhere.answer();
        a.tick();
        a.store.setAway(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    /**
     * The numbers of the log say nothing any more after another primary; that the browser has gone elsewhere is as true
     * as before.
     */
    @Test
    void copyWhoseMoveWasHeardIsNotServedAfterAnotherPrimaryEither() {
        browser.begin(a);
        Epoch old = browser.epoch();
        browser.settleOn(b);
        browser.write(b, "x", "2");
        a.tick();
        site.store.changePrimary();
        a.store.setAway(true);

        for (int i = 0; i < 2; i++) {
            assertThat(new Exchange(a, browser.id(), old).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        }
    }

    @Test
    void nodeThatRefusesServesNothingThatItCannotAskFor() {
        TestNode refusing = site.node("C");
        browser.begin(refusing);
        refusing.store.setAway(true);
        site.pass(Duration.ofSeconds(3));

        assertThat(browser.send(refusing).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void unknownSessionIsUnavailableAndNotNew() {
        browser.begin(b);
        a.store.setAway(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void roamingNodeServesNothingFromMemory() {
        TestNode roaming = site.node(TestOptions.of(
                "R",
                true,
                SessionOptions.Conflict.REFUSE,
                false,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.SERVE,
                true,
                TestNode.PATIENT));
        browser.begin(roaming);
        roaming.store.setAway(true);

        assertThat(browser.send(roaming).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        Exchange fresh = new Exchange(roaming, null, null);
        fresh.create();
        assertThat(fresh.answer().status()).isEqualTo(503);
    }

    // ---- the first moments of an outage

    /** The first requests meet a silence, before it is known that the store is away. */
    @Test
    void copyWhoseCommitMetTheSilenceGoesOnInTheOutage() {
        browser.begin(a);
        a.store.failNext("commit", Reason.SILENT, true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);
        a.store.setAway(true);

        assertThat(browser.read(a, "x")).isEqualTo("2");
        assertThat(browser.write(a, "y", "2").status()).isEqualTo(200);

        a.store.setAway(false);
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(stored("y")).isEqualTo("2");
    }

    @Test
    void copyOfARequestWhoseTimeWentIntoASilentLoadGoesOn() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(3));
        a.store.failNext("load", Reason.SILENT, true);
        Exchange request = browser.send(a);
        request.write("x", "2");
        a.store.failNext("commit", Reason.NONE, false);
        assertThat(request.answer().status()).isEqualTo(503);

        a.store.setAway(true);

        assertThat(browser.read(a, "x")).isEqualTo("2");
    }

    @Test
    void requestThatWaitsForANeighbourInTheOutageIsServedFromMemory() {
        TestNode impatient = site.node(TestOptions.of(
                "C",
                false,
                SessionOptions.Conflict.REFUSE,
                false,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.SERVE,
                true,
                Duration.ZERO));
        browser.begin(impatient);
        impatient.store.setAway(true);
        site.pass(Duration.ofSeconds(3));
        NearCopy copy = impatient.serving().get(0);
        copy.lock.acquireUninterruptibly(); // a neighbour looks whether the store is back

        assertThat(browser.read(impatient, "x")).isEqualTo("1");
        assertThat(browser.write(impatient, "x", "2").status()).isEqualTo(200);

        copy.lock.release();
        impatient.store.setAway(false);
        impatient.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(impatient.counter("atRiskSaved")).isEqualTo(1);
    }

    // ---- a store that is there and refuses

    @Test
    void sessionInMemoryIsReadWhileTheStoreRefusesEverything() {
        browser.begin(a);
        a.store.setRefusing(true);

        for (int i = 0; i < 29; i++) {
            site.pass(Duration.ofMinutes(1));
            a.tick();
            assertThat(browser.read(a, "x")).isEqualTo("1");
        }

        assertThat(a.counter("outageReads")).isEqualTo(29);
        assertThat(a.coordinator.atRisk()).isZero();
        site.pass(Duration.ofMinutes(2));
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    @Test
    void changesAreRefusedAndNothingIsAtRisk() {
        browser.begin(a);
        a.store.setRefusing(true);
        site.pass(Duration.ofSeconds(3));

        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);
        Exchange fresh = new Exchange(a, null, null);
        fresh.create();
        assertThat(fresh.answer().status()).isEqualTo(503);
        Exchange logout = browser.send(a).open();
        assertThatThrownBy(logout::logout).isInstanceOf(SessionRefusedException.class);
        logout.finish();

        assertThat(a.counter("atRisk")).isZero();
        assertThat(a.coordinator.atRisk()).isZero();
    }

    /**
     * Its objects were changed inside by the request that was refused; what that did not touch is as good as before.
     */
    @Test
    void whatWasSavedIsReadBesideAChangeThatWasRefused() {
        browser.begin(a);
        a.store.setRefusing(true);
        site.pass(Duration.ofSeconds(3));
        for (int i = 0; i < 3; i++) {
            Exchange change = browser.send(a);
            change.read("x");
            change.write("x", "2");
            change.write("new", "2");
            change.remove("gone" + i);
            assertThat(change.answer().status()).isEqualTo(503);

            assertThat(status("y")).isEqualTo(200);
            assertThat(status("x")).as("nobody was told that it is kept").isEqualTo(503);
            assertThat(status("new")).isEqualTo(503);
            assertThat(status("y")).isEqualTo(200);
        }

        a.store.setRefusing(false);
        a.tick();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("1");
        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(browser.read(a, "new")).isNull();
        assertThat(browser.write(a, "x", "3").status()).isEqualTo(200);
    }

    private int status(String name) {
        Exchange request = browser.send(a);
        request.read(name);
        Answer answer = request.answer();
        browser.receive(answer);
        return answer.status();
    }

    @Test
    void attributeThatARefusedRequestRemovedIsNotShownAsAbsent() {
        browser.begin(a);
        a.store.setRefusing(true);
        site.pass(Duration.ofSeconds(3));
        Exchange change = browser.send(a);
        change.remove("x");
        assertThat(change.answer().status()).isEqualTo(503);

        assertThat(status("x")).isEqualTo(503);
        Exchange list = browser.send(a).open();
        list.run(() -> list.copy().access().noteReadOfNames());
        assertThat(list.answer().status()).isEqualTo(503);
        assertThat(status("y")).isEqualTo(200);

        a.store.setRefusing(false);
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    /** What was refused is not acknowledged because the store goes away afterwards and somebody reads it. */
    @Test
    void refusedChangeIsNotAtRiskWhenTheStoreGoesAwayAfterwards() {
        browser.begin(a);
        a.store.setRefusing(true);
        site.pass(Duration.ofSeconds(3));
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);
        a.store.setAway(true);

        assertThat(status("x")).isEqualTo(503);
        assertThat(a.counter("atRisk")).isZero();
        assertThat(browser.write(a, "y", "2").status()).isEqualTo(200);
        assertThat(browser.write(a, "x", "3").status()).isEqualTo(503);
        assertThat(a.counter("atRisk")).isEqualTo(1);

        a.store.setAway(false);
        a.store.setRefusing(false);
        a.tick();
        assertThat(site.stored(browser.id(), "x")).isEqualTo("1");
        assertThat(site.stored(browser.id(), "y")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    @Test
    void callWithoutAnAnswerInTimeIsARefusalOfChangesAndNotOfReads() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(3));
        a.store.failNext("load", Reason.SILENT, true);
        assertThat(browser.read(a, "x")).isEqualTo("1");
        a.store.failNext("load", Reason.SILENT, true);
        a.store.failNext("commit", Reason.SILENT, true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);

        assertThat(a.counter("atRisk")).isZero();
    }

    /** The call that it waits for crawls. */
    @Test
    void requestThatWaitsTooLongForAnothersCallReadsWhatIsInMemory() {
        TestNode impatient = site.node(TestOptions.of(
                "I",
                false,
                SessionOptions.Conflict.REFUSE,
                false,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.SERVE,
                true,
                Duration.ZERO));
        browser.begin(impatient);
        site.pass(Duration.ofSeconds(3));
        NearCopy copy = impatient.serving().get(0);
        copy.lock.acquireUninterruptibly();

        assertThat(browser.read(impatient, "x")).isEqualTo("1");
        assertThat(CompletableFuture.supplyAsync(
                                () -> browser.write(impatient, "x", "2").status())
                        .join())
                .isEqualTo(503);

        copy.lock.release();
        assertThat(impatient.counter("atRisk")).isZero();
    }

    @Test
    void browserWithAnotherMarkIsRefused() {
        browser.begin(a);
        a.store.setRefusing(true);
        site.pass(Duration.ofSeconds(3));

        assertThat(new Exchange(a, browser.id(), null).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(browser.send(b).open().read("x")).isEqualTo("1"); // b asks a store that does not refuse it
    }

    @Test
    void sessionWhoseEndOrMoveWasHeardIsNotRead() {
        browser.begin(a);
        Exchange elsewhere = new Exchange(b, browser.id(), null).open();
        elsewhere.answer();
        a.tick();
        a.store.setRefusing(true);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    /** What is stored there may be newer: it is another state, if it is one. */
    @Test
    void sessionThatTheStoreHasInAFormThatNobodyCanReadIsNotServedFromMemory() {
        browser.begin(a);
        site.pass(Duration.ofSeconds(3));
        a.store.failNext("load", Reason.FOREIGN, false);

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    /** An unheard logout is what who sets this cannot accept. */
    @Test
    void nodeThatRefusesInAnOutageReadsFromMemoryForTwoSecondsOnly() {
        TestNode refusing = site.node("C");
        browser.begin(refusing);
        refusing.tick();
        refusing.store.setRefusing(true);
        site.pass(Duration.ofSeconds(2));
        assertThat(browser.read(refusing, "x")).isEqualTo("1");
        site.pass(Duration.ofMillis(1));

        assertThat(browser.send(refusing).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }
}
