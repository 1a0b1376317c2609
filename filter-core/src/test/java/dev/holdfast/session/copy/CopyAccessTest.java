package dev.holdfast.session.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.session.Fields;
import dev.holdfast.session.SessionRefusedException;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How stored values become objects: what is of no use costs its attribute only, and neighbours may change it. */
class CopyAccessTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines logged = new LoggedLines();

    static List<Throwable> refusals() {
        return List.of(new IllegalArgumentException("4111-1111"), new NoClassDefFoundError("4111-1111"));
    }

    // ---- values that are of no use

    /** As a stored cookie with a name that the container's own class does not take. */
    @ParameterizedTest
    @MethodSource("refusals")
    void valueThatTheContainerDoesNotTakeReadsAsAbsentAndIsWrittenBackUntouched(Throwable refusal) {
        browser.begin(a);
        Exchange request = browser.send(b).open();
        request.run(() -> request.copy()
                .access()
                .decode(
                        "a:x",
                        value -> {
                            throw sneaky(refusal);
                        },
                        value -> {}));

        assertThat(request.read("x")).isNull();
        request.write("y", "2");
        browser.receive(request.answer());

        assertThat(browser.read(b, "x")).isNull();
        assertThat(raw("a:x")).isEqualTo("S1");
        assertThat(raw("a:y")).isEqualTo("S2");
        assertThat(browser.read(site.node("C"), "x")).isEqualTo("1");
        assertThat(b.counter("unreadable")).isEqualTo(1);
        assertThat(logged.messages())
                .singleElement()
                .asString()
                .startsWith("HF-203 a:x: Session " + browser.id()
                        + ": Attribute \"x\" cannot be read: what is stored is" + " nothing that this container takes.")
                .contains(refusal.getClass().getName() + " at ")
                .doesNotContain("4111");
    }

    private String raw(String field) {
        return new String(site.store.peek(browser.id()).values().get(field).bytes(), UTF_8);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // thrown unchecked, whatever it is
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** It would be taken for absent, and overwritten. */
    @Test
    void valueThatFindsNoRoomRefusesTheRequestAndIsReadByTheNextOne() {
        browser.begin(a);
        browser.receive(browser.write(a, "x", "large"));
        b.codec.isMemoryShort = true;

        Exchange request = browser.send(b).open();
        assertThatThrownBy(() -> request.read("x"))
                .isInstanceOf(SessionRefusedException.class)
                .hasMessage("HF-201: Attribute \"x\" of session " + browser.id()
                        + " does not fit into the memory that is left. The response is 503; see the heap of"
                        + " this node.");
        request.write("y", "2");
        assertThat(request.answer().status()).isEqualTo(503);

        b.codec.isMemoryShort = false;
        assertThat(browser.read(b, "x")).isEqualTo("large");
        assertThat(b.counter("unreadable")).isZero();
        assertThat(raw("a:x")).isEqualTo("Slarge");
    }

    // ---- neighbours

    /** Two requests decode one value; the one that is late must not take out what the other has used and saved. */
    @Test
    void valueThatANeighbourUsedAndSavedWhileItWasPublishedStays() {
        beginWithBuilder();
        browser.read(b, "other");
        Exchange late = browser.send(b).open();
        Exchange neighbour = new Exchange(b, browser.id(), null).open();
        TestSession object = late.session();

        late.run(() -> object.decode("cart", () -> {
            neighbour.append("cart", "+book");
            browser.receive(neighbour.answer());
        }));
        late.answer();

        assertThat(browser.read(b, "cart")).isEqualTo("empty+book");
    }

    private void beginWithBuilder() {
        Exchange request = new Exchange(a, null, null);
        request.create();
        request.write("cart", TextCodec.mutable("empty"));
        browser.receive(request.answer());
    }

    /** A value is removed, and the removal saved, while another request is still decoding it. */
    @Test
    void valueThatANeighbourRemovedWhileItWasDecodedDoesNotComeBack() {
        browser.begin(a);
        browser.read(b, "other");
        Exchange late = browser.send(b).open();
        Exchange neighbour = new Exchange(b, browser.id(), null).open();
        TestSession object = late.session();

        late.run(() -> object.copy()
                .access()
                .decode(
                        Fields.attribute("x"),
                        value -> {
                            neighbour.remove("x");
                            browser.receive(neighbour.answer());
                            return object.put("x", value);
                        },
                        value -> object.take("x", value)));
        late.answer();

        assertThat(browser.read(b, "x")).isNull();
    }
}
