package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many near copies a node keeps. */
class CopiesBoundTest {
    private static final int SURPLUS = 5;
    private static final Duration GRACE = Duration.ofMillis(Lifetimes.graceMillis(TestSession.MAX_INACTIVE));

    private final Site site = new Site();
    private final TestNode a = site.servingNode("A");
    private final List<Browser> browsers = new ArrayList<>();

    /** More sessions than the bound, the first ones used a second before the others. */
    private void beginMoreThanTheBound() {
        begin(2 * SURPLUS);
        site.pass(Duration.ofSeconds(1));
        begin(CopiesBound.MOST - SURPLUS);
        a.tick();
    }

    private void begin(int count) {
        for (int i = 0; i < count; i++) {
            Browser browser = new Browser();
            browser.begin(a);
            browsers.add(browser);
        }
    }

    @Test
    void copiesAboveTheBoundGoTheLongestUnusedFirstWhenTheirTrustIsOver() {
        beginMoreThanTheBound();
        site.pass(GRACE.minusSeconds(2));
        a.tick();
        assertThat(a.serving()).as("trusted ones stay").hasSize(CopiesBound.MOST + SURPLUS);
        site.pass(Duration.ofSeconds(3));

        a.tick();

        assertThat(a.serving()).hasSize(CopiesBound.MOST);
        assertThat(a.counter("copiesDropped")).isEqualTo(SURPLUS);
        assertThat(browsers.subList(0, 2 * SURPLUS))
                .filteredOn(browser ->
                        a.serving().stream().noneMatch(copy -> copy.id().equals(browser.id())))
                .hasSize(SURPLUS);
        for (Browser browser : browsers.subList(0, 2 * SURPLUS)) {
            assertThat(browser.read(a, "x")).isEqualTo("1");
        }
    }

    @Test
    void copyWithAValueThatIsNowhereElseStays() {
        begin(1);
        Exchange request = browsers.get(0).send(a);
        request.write("socket", new TextCodec.Socket("live"));
        browsers.get(0).receive(request.answer());
        site.pass(Duration.ofSeconds(1));
        beginMoreThanTheBound();
        site.pass(GRACE.plusSeconds(1));

        a.tick();

        assertThat(a.serving()).hasSize(CopiesBound.MOST);
        assertThat(a.serving())
                .extracting(NearCopy::id)
                .contains(browsers.get(0).id());
    }

    @Test
    void copiesThatMayBeAllThereIsStay() {
        beginMoreThanTheBound();
        Exchange inside = browsers.get(0).send(a).open();
        site.pass(GRACE.plusSeconds(1));
        a.store.setAway(true);
        a.coordinator.tick();
        assertThat(a.serving()).as("Redis is away").hasSize(CopiesBound.MOST + SURPLUS);
        assertThat(browsers.get(1).write(a, "x", "at risk").status()).isEqualTo(200);
        site.pass(GRACE.plusSeconds(1));
        a.store.setAway(false);

        a.coordinator.tick();

        assertThat(a.serving()).hasSize(CopiesBound.MOST);
        assertThat(a.serving())
                .extracting(NearCopy::id)
                .contains(browsers.get(0).id(), browsers.get(1).id());
        assertThat(inside.answer().status()).isEqualTo(200);
    }
}
