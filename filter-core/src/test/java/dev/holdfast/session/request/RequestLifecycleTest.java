package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What nobody planned, while a request is saved or ends: it is refused like any other, and keeps nothing that others
 * wait for.
 */
class RequestLifecycleTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    RequestLifecycleTest() {
        super(Site::queueingNode);
    }

    @BeforeEach
    void begin() {
        browser.begin(a);
        site.ticker.loseAllPatience(); // who does not get the turn at once is refused
    }

    @Test
    void errorWhileARequestIsSavedIsARefusalAndItsTurnIsGivenBack() {
        Exchange request = browser.send(a);
        request.write("x", TextCodec.BROKEN);

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.counter("refused")).isEqualTo(1);
        assertThat(log.messages())
                .filteredOn(line -> line.startsWith("HF-231: "))
                .singleElement()
                .asString()
                .contains("java.lang.AssertionError");
    }

    @Test
    void errorBehindTheHeadOfAnAnswerBreaksItOffAndTheTurnIsGivenBack() {
        Exchange request = browser.send(a).open();
        request.save();
        request.sendHeaders();
        request.write("x", TextCodec.BROKEN);

        assertThatThrownBy(request::finish).isInstanceOf(SessionRefusedException.class);

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    /** As a listener does that hears that its session leaves the node. */
    @Test
    void errorOfTheApplicationWhileACopyIsDroppedKeepsNoTurn() {
        Exchange request = browser.send(a);
        request.session().onForgotten(() -> {
            throw new IllegalStateException("on purpose");
        });
        request.write("x", TextCodec.UNENCODABLE);

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(a.serving()).hasSize(1);
    }

    @Test
    void errorInOneOfTwoSessionsOfARequestKeepsTheTurnOfNeither() {
        Exchange request = browser.send(a);
        request.write("x", TextCodec.BROKEN);
        SessionId second = SessionId.random();
        TestSession other = new TestSession();
        request.run(() -> other.attach(a.coordinator.create(request.scope, second, other)));

        assertThat(request.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
        assertThat(new Exchange(a, second, null).find().found()).isEqualTo(Lookup.Found.NONE);
    }
}
