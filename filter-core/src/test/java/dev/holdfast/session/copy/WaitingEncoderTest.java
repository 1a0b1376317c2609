package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Fields;
import dev.holdfast.session.UnencodableAttributeException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What other threads have in their hands while a request saves it. */
class WaitingEncoderTest extends ProtocolTest {
    private static final List<Duration> FOUR_PAUSES =
            List.of(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(4), Duration.ofMillis(8));

    @RegisterExtension
    final LoggedLines logged = new LoggedLines();

    @BeforeEach
    void begin() {
        Exchange request = new Exchange(a, null, null);
        request.create();
        request.write("page", TextCodec.mutable("empty"));
        browser.receive(request.answer());
    }

    private Duration waited() {
        return site.ticker.waits().stream().reduce(Duration.ZERO, Duration::plus);
    }

    private static void takeTheSocketOut(Exchange request) {
        request.run(() -> {
            StringBuilder page = (StringBuilder) request.session().get("page");
            int at = page.indexOf("+socket");
            page.delete(at, at + "+socket".length());
        });
    }

    private Exchange reading() {
        Exchange request = browser.send(a).open();
        request.read("page");
        return request;
    }

    /** So many of a session may wait for others. */
    private void takeAllPlacesOf(Exchange request) {
        for (int i = 0; i < 8; i++) {
            assertThat(a.waits.enter(request.copy().id(), a.threads)).isTrue();
        }
    }

    private Exchange clicking() {
        Exchange click = browser.send(a).open();
        click.append("page", "+socket");
        return click;
    }

    @Test
    void valueWithWhatANeighbourHasInItForAMomentIsStoredWithoutIt() {
        Exchange request = reading();
        Exchange neighbour = clicking();
        site.ticker.duringWaits(() -> {
            if (site.ticker.waits().size() == 6) {
                takeTheSocketOut(neighbour);
                neighbour.append("page", "+tea");
            }
        });

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(stored("page")).isEqualTo("empty+tea");
        assertThat(waited()).isEqualTo(Duration.ofMillis(1 + 2 + 4 + 8 + 16 + 16));
        assertThat(logged.messages()).isEmpty();
        assertThat(neighbour.answer().status()).isEqualTo(200);
    }

    @Test
    void sameHoldsForWhatARequestSavesBehindItsAnswer() {
        Exchange request = browser.send(a).open();
        request.save();
        browser.receive(new Answer(200, request.sendHeaders(), null));
        request.append("page", "+shown");
        Exchange neighbour = clicking();
        site.ticker.duringWaits(() -> takeTheSocketOut(neighbour));

        request.finish();

        assertThat(stored("page")).isEqualTo("empty+shown");
        assertThat(neighbour.answer().status()).isEqualTo(200);
    }

    @Test
    void neighbourIsWaitedForInHalfOfTheTimeThatARequestMayWaitForTheStore() {
        Exchange request = reading();
        Exchange neighbour = clicking();

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(waited()).isEqualTo(TestNode.PATIENT.dividedBy(2));
        assertThat(logged.messages()).singleElement().asString().contains("HF-306");
        assertThat(browser.read(b, "page")).isNull();
        assertThat(neighbour.answer().status()).isEqualTo(200);
    }

    /** Each would wait for the other, and none changes anything. */
    @Test
    void neighbourThatSavesTheSameIsNotWaitedFor() {
        Exchange request = reading();
        Exchange neighbour = clicking();
        site.ticker.duringWaits(() -> {
            if (site.ticker.waits().size() == 6) {
                assertThat(neighbour.answer().status()).isEqualTo(200);
            }
        });

        assertThat(request.answer().status()).isEqualTo(200);

        List<Duration> waits = site.ticker.waits();
        assertThat(waits.subList(6, waits.size())).isEqualTo(FOUR_PAUSES);
    }

    @Test
    void neighbourThatWaitsForTheLockIsNotWaitedFor() throws Exception {
        Exchange request = reading();
        Exchange neighbour = clicking();
        NearCopy copy = request.copy();
        copy.lock.acquire();
        CompletableFuture<Answer> first = CompletableFuture.supplyAsync(neighbour::answer);
        TestNode.awaitWaiting(site.ticker, 1);
        int before = site.ticker.waits().size();

        CompletableFuture<Answer> second = CompletableFuture.supplyAsync(request::answer);
        TestNode.awaitWaiting(site.ticker, 2);

        assertThat(site.ticker.waits()).hasSize(before + FOUR_PAUSES.size());
        copy.lock.release();
        assertThat(first.get().status()).isEqualTo(200);
        assertThat(second.get().status()).isEqualTo(200);
    }

    @Test
    void neighbourThatHasNotUsedTheAttributeIsNotWaitedFor() {
        Exchange stream = browser.send(a).open();
        stream.write("other", "1");

        assertThat(clicking().answer().status()).isEqualTo(200);

        assertThat(site.ticker.waits()).isEqualTo(FOUR_PAUSES);
        stream.finish();
    }

    @Test
    void noMoreRequestsThanMayWaitForOthersDoSo() {
        Exchange neighbour = clicking();
        Exchange request = reading();
        takeAllPlacesOf(request);

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(site.ticker.waits()).isEqualTo(FOUR_PAUSES);
        neighbour.finish();
    }

    @Test
    void whoHasWaitedIsCountedNoMore() {
        Exchange neighbour = clicking();
        Exchange request = reading();

        assertThat(request.answer().status()).isEqualTo(200);

        takeAllPlacesOf(request);
        neighbour.finish();
    }

    @Test
    void valueThatANeighbourSetsInItsPlaceIsStored() {
        Exchange request = reading();
        Exchange neighbour = clicking();
        site.ticker.duringWaits(() -> {
            if (site.ticker.waits().size() == 6) {
                neighbour.write("page", "another");
            }
        });

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(stored("page")).isEqualTo("another");
        assertThat(site.ticker.waits()).hasSize(6);
        assertThat(neighbour.answer().status()).isEqualTo(200);
    }

    @Test
    void removalByANeighbourIsSavedAsOne() {
        Exchange request = reading();
        Exchange neighbour = clicking();
        site.ticker.duringWaits(() -> {
            if (site.ticker.waits().size() == 6) {
                neighbour.remove("page");
            }
        });

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(stored("page")).isNull();
        assertThat(neighbour.answer().status()).isEqualTo(200);
    }

    @Test
    void threadOfNoRequestIsWaitedForInMilliseconds() {
        Exchange request = clicking();

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(site.ticker.waits()).isEqualTo(FOUR_PAUSES);
        assertThat(browser.read(b, "page")).isNull();
    }

    @Test
    void valueThatStaysHereIsNotWaitedForAgain() {
        browser.receive(clicking().answer());
        browser.settleOn(a);
        int before = site.ticker.waits().size();

        Exchange request = browser.send(a).open();
        request.append("page", "+more");
        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(site.ticker.waits()).hasSize(before);
    }

    @Test
    void valueThatTheStoreHasNeverHadIsNotWaitedFor() {
        Exchange neighbour = clicking();
        Exchange request = browser.send(a).open();
        request.write("other", TextCodec.mutable("new+socket"));

        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(site.ticker.waits()).isEmpty();
        neighbour.finish();
    }

    /** As a collection that a neighbour changes while it is written. */
    @Test
    void valueThatCannotBeStoredForAnotherReasonIsWaitedForEvenIfItIsNew() {
        Exchange request = browser.send(a).open();
        request.write("other", TextCodec.UNENCODABLE);
        Exchange neighbour = browser.send(a).open();
        neighbour.read("other");

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(waited()).isEqualTo(TestNode.PATIENT.dividedBy(2));
    }

    @Test
    void valueThatNoMomentMakesSmallerIsNotWaitedFor() {
        Exchange request = browser.send(a).open();
        request.write("page", TextCodec.HUGE);
        Exchange neighbour = browser.send(a).open();
        neighbour.read("page");

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(site.ticker.waits()).isEmpty();
    }

    @Test
    void valueOfAnotherNodeThatStayedThereIsNotWaitedFor() {
        browser.receive(clicking().answer());
        int before = site.ticker.waits().size();

        Exchange request = browser.send(b).open();
        request.write("page", new TextCodec.Socket("of B"));
        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(site.ticker.waits()).hasSize(before);
    }

    /** Each call of the container's own object makes a new one of what it keeps, as a login or a saved request. */
    @Test
    void whatTheContainerKeepsIsNotWaitedFor() {
        Exchange request = browser.send(a).open();
        RequestUse use = new RequestUse(request.copy(), 0);
        WaitingEncoder encoder =
                new WaitingEncoder(request.copy().context(), a.waits, use, new WaitBudget(TestNode.PATIENT));

        assertThatThrownBy(() ->
                        encoder.encodeUnlessReplaced(Fields.PRINCIPAL, TextCodec.UNENCODABLE, null, request.session()))
                .isInstanceOf(UnencodableAttributeException.class);

        assertThat(site.ticker.waits()).isEmpty();
        request.finish();
    }
}
