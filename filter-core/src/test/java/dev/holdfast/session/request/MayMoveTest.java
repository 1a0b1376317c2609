package dev.holdfast.session.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import org.junit.jupiter.api.Test;

/** Which browsers a node that is about to leave may send to another one. */
class MayMoveTest extends ProtocolTest {
    MayMoveTest() {
        super(Site::servingNode);
    }

    private boolean mayMoveAfterReading(String attribute) {
        Exchange request = browser.send(a);
        request.read(attribute);
        request.save();
        boolean may = request.scope.mayMove();
        request.finish();
        return may;
    }

    @Test
    void browserWhoseSessionIsStoredAndInNoOtherRequestMayMove() {
        browser.begin(a);

        assertThat(mayMoveAfterReading("x")).isTrue();
    }

    /** The other node would be in the way of it. */
    @Test
    void browserWithAnotherRequestInsideStays() {
        browser.begin(a);
        Exchange lasting = browser.send(a).open();

        assertThat(mayMoveAfterReading("x")).isFalse();

        lasting.answer();
        assertThat(mayMoveAfterReading("x")).isTrue();
    }

    @Test
    void browserStaysWhileTheStoreIsAway() {
        browser.begin(a);
        a.store.setAway(true);

        assertThat(mayMoveAfterReading("x")).isFalse();
    }

    /** What was acknowledged meanwhile is nowhere else, whatever this request has used. */
    @Test
    void browserStaysUntilWhatAnOutageLeftIsSaved() {
        browser.begin(a);
        browser.write(a, "y", "1");
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        a.coordinator.tick();
        assertThat(a.coordinator.atRisk()).isEqualTo(1);

        assertThat(mayMoveAfterReading("y")).isFalse();

        assertThat(a.coordinator.atRisk()).isEqualTo(1);
        a.coordinator.saveOwed();
        assertThat(site.stored(browser.id(), "x")).isEqualTo("2");
        assertThat(mayMoveAfterReading("y")).isTrue();
    }
}
