package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TextCodec.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is said of a request that stores what another node would not have as it is here. */
class RequestReportTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines logged = new LoggedLines();

    private final TestNode reporting = site.node(new SessionOptions(
            "shop",
            "R",
            false,
            SessionOptions.Conflict.REFUSE,
            false,
            SessionOptions.Expiry.AT_LEAST_ONCE,
            SessionOptions.Outage.REFUSE,
            true,
            TestNode.PATIENT,
            SessionOptions.Unstorable.LOCAL,
            "cache"::equals,
            RequestReportTest::inspect,
            () -> SessionOptions.UNKNOWN_THREADS));

    /** What stays here, and what is stored and odd. */
    private static List<String> inspect(String attribute, Object value, byte @Nullable [] bytes) {
        if (bytes == null) {
            return List.of(attribute + ".first → Socket", attribute + ".second → Socket");
        }
        return value.toString().startsWith("odd") ? List.of(attribute + " → String is odd") : List.of();
    }

    @BeforeEach
    void begin() {
        browser.begin(reporting);
    }

    private Exchange request() {
        return browser.send(reporting).open();
    }

    private String session() {
        return "session " + browser.id().value().substring(0, 4) + "…";
    }

    @Test
    void requestThatStoresWhatTravelsSaysNothing() {
        browser.write(reporting, "x", "2");

        assertThat(logged.messages()).isEmpty();
    }

    @Test
    void oneLineNamesAllThatARequestWouldNotHaveElsewhere() {
        Exchange request = request();
        request.write("socket", new Socket("live"));
        request.write("x", "odd");
        request.write("y", "2");
        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(logged.messages())
                .containsExactly("HF-309: GET /cart, " + session()
                        + ": socket.first → Socket | socket.second → Socket | x → String is odd");
    }

    @Test
    void valueThatStaysIsNamedByEachRequestThatUsesItWithTheSameWordsOnceAMinute() {
        Exchange first = request();
        first.write("socket", new Socket("live"));
        first.answer();
        browser.read(reporting, "socket");
        browser.read(reporting, "x");
        assertThat(logged.messages()).hasSize(1);

        site.ticker.advance(Duration.ofMinutes(1));
        browser.read(reporting, "socket");

        assertThat(logged.messages())
                .hasSize(2)
                .last()
                .isEqualTo(logged.messages().get(0) + " (1 more like this since the last line)");
    }

    @Test
    void otherWordsAreNotHeldBack() {
        Exchange first = request();
        first.write("socket", new Socket("live"));
        first.answer();
        Exchange second = request();
        second.write("x", "odd");
        second.answer();

        assertThat(logged.messages()).hasSize(2);
    }

    @Test
    void valueThatStaysIsNamedOnceForARequestThatIsSavedTwice() {
        Exchange request = request();
        request.write("socket", new Socket("live"));
        request.save();
        site.ticker.advance(Duration.ofMinutes(1));
        request.sendHeaders();
        request.read("socket");
        request.finish();

        assertThat(logged.messages()).hasSize(1);
    }

    @Test
    void attributeThatStaysOnPurposeIsNotNamed() {
        Exchange request = request();
        request.write("cache", new Socket("live"));
        assertThat(request.answer().status()).isEqualTo(200);

        assertThat(logged.messages()).isEmpty();
    }

    @Test
    void lineIsBounded() {
        Exchange request = request();
        IntStream.range(10, 16).forEach(i -> request.write("socket" + i, new Socket("live")));
        request.answer();

        assertThat(logged.messages()).singleElement().asString().endsWith("socket14.second → Socket | and 2 more");
    }

    @Test
    void manyKindsOfLinesShareOneLimit() {
        for (int i = 0; i < 205; i++) {
            Exchange request = request();
            request.write("a" + i, "odd");
            request.answer();
        }

        assertThat(logged.messages()).hasSize(201);
    }
}
