package dev.holdfast.session.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemoryNodeRegistry;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Uses without a change, joined and told later. */
class TouchBatcherTest {
    private final Site site = new Site();
    private final TestNode a = site.node("A");
    private final TestNode b = site.node("B");

    @Test
    void usesOfManySessionsAreToldInOneRoundTrip() {
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            browsers.add(new Browser());
            browsers.get(i).begin(a);
        }
        site.pass(Duration.ofMillis(500));
        for (Browser browser : browsers) {
            browser.read(a, "x");
            browser.read(a, "x");
        }
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).containsExactlyInAnyOrder("ask", "touch");
        assertThat(a.store.lastTouches()).hasSize(20);
        assertThat(a.counter("touches")).isEqualTo(20);
    }

    @Test
    void nothingIsToldTwice() {
        Browser browser = used();
        a.tick();
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).containsExactly("ask");
        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    @Test
    void useThatACommitHasToldNeedsNoTouch() {
        Browser browser = used();
        browser.write(a, "x", "2");
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).containsExactly("ask");
    }

    @Test
    void newestUseIsToldWithItsAge() {
        Browser browser = used();
        site.pass(Duration.ofMillis(200));
        browser.read(a, "x");
        site.pass(Duration.ofMillis(50));

        a.tick();

        assertThat(a.store.lastTouches())
                .containsExactly(
                        new SessionStore.Touch(browser.id(), generation(browser), TestSession.MAX_INACTIVE, 50));
    }

    @Test
    void olderUseThatEndsLaterDoesNotReplaceANewerOne() {
        Browser browser = new Browser();
        browser.begin(a);
        site.pass(Duration.ofMillis(100));
        Exchange older = browser.send(a).open();
        site.pass(Duration.ofMillis(100));
        browser.read(a, "x");
        older.answer();

        a.tick();

        assertThat(a.store.lastTouches())
                .containsExactly(
                        new SessionStore.Touch(browser.id(), generation(browser), TestSession.MAX_INACTIVE, 0));
    }

    @Test
    void failedBatchIsToldAgain() {
        used();
        site.store.setDown(true);
        a.tick();
        site.store.setDown(false);
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).contains("touch");
    }

    /** What the store has heard is the use, not the moment at which it was told. */
    @Test
    void trustCountsFromTheUseNotFromTheTouch() {
        Browser browser = used();
        site.pass(Duration.ofSeconds(1));
        a.tick();
        long grace = Lifetimes.graceMillis(TestSession.MAX_INACTIVE);
        for (long passed = 1000; passed < grace; passed += 1000) {
            site.pass(Duration.ofSeconds(1));
            a.tick();
        }
        a.takeCalls();

        site.pass(Duration.ofMillis(1));
        browser.read(a, "x");

        assertThat(a.takeCalls()).containsExactly("load");
    }

    @Test
    void touchOfASessionThatEndedDropsItsCopy() {
        Browser browser = used();
        Exchange logout = new Exchange(b, browser.id(), null).open();
        logout.logout();
        logout.answer();
        site.store.failNext(Fault.BEFORE); // the question

        a.tick();

        assertThat(a.coordinator.copies()).isEmpty();
    }

    @Test
    void touchUnderAnOldGenerationIsToldAgainUnderTheNewOne() {
        Browser browser = used();
        InMemorySessionStore.Image lost = site.store.image();
        site.store.loseData();
        Exchange creation = new Exchange(b, null, null);
        creation.create(browser.id().sibling());
        creation.answer();
        a.store.before("ask", () -> site.store.failNext(Fault.BEFORE));

        a.tick();
        assertThat(a.serving()).hasSize(1);
        a.takeCalls();
        a.store.before("ask", () -> site.store.failNext(Fault.BEFORE));
        a.tick();

        assertThat(a.takeCalls()).contains("touch");
        assertThat(a.coordinator.copies()).isEmpty();
        site.store.restore(lost);
    }

    @Test
    void moreUsesThanABatchHoldsAreToldInSeveral() {
        for (int i = 0; i < 501; i++) {
            new Browser().begin(a);
        }
        site.pass(Duration.ofMillis(1));
        for (NearCopy copy : a.serving()) {
            new Exchange(a, copy.id(), copy.trust().epoch()).open().answer();
        }
        a.takeCalls();

        a.tick();

        assertThat(a.takeCalls()).filteredOn("touch"::equals).hasSize(2);
    }

    /** Behind an outage there are as many as sessions; the questions of all applications come after them. */
    @Test
    void oneFlushSendsABoundedNumberAndTheOldestKnownUsesFirst() {
        List<NearCopy> copies = new ArrayList<>();
        SessionStore store = new InMemorySessionStore();
        TestNode node =
                new TestNode(store, InMemoryNodeRegistry.alone("A", site.ticker), site.ticker, Site.serving("A", true));
        for (int i = 0; i < 10_600; i++) {
            new Browser().begin(node);
        }
        site.pass(Duration.ofMillis(1));
        copies.addAll(node.serving());
        copies.forEach(copy ->
                new Exchange(node, copy.id(), copy.trust().epoch()).open().answer());
        NearCopy late = copies.get(0);
        late.trust().touched(site.ticker.nanos() - 1);
        node.takeCalls();

        node.tick();

        assertThat(node.takeCalls()).filteredOn("touch"::equals).hasSize(20);
        assertThat(node.counter("touches")).isEqualTo(10_000);
        assertThat(late.trust().needsTouch(site.ticker.nanos()))
                .as("left for the next")
                .isTrue();
        node.tick();
        assertThat(node.counter("touches")).isEqualTo(10_600);
        assertThat(copies).noneMatch(copy -> copy.trust().needsTouch(site.ticker.nanos()));
    }

    @Test
    void flushThatTakesLongLeavesTheRestToTheNextOne() {
        for (int i = 0; i < 1001; i++) {
            new Browser().begin(a);
        }
        site.pass(Duration.ofMillis(1));
        for (NearCopy copy : a.serving()) {
            new Exchange(a, copy.id(), copy.trust().epoch()).open().answer();
        }
        a.store.before("touch", () -> site.pass(Duration.ofMillis(501)));

        a.tick();
        assertThat(a.counter("touches")).isEqualTo(500);

        a.takeCalls();
        a.coordinator.stop(); // who has no later one sends all
        assertThat(a.takeCalls()).filteredOn("touch"::equals).hasSize(2);
    }

    /** A session that was read once after its last commit. */
    private Browser used() {
        Browser browser = new Browser();
        browser.begin(a);
        site.pass(Duration.ofMillis(1));
        browser.read(a, "x");
        return browser;
    }

    private String generation(Browser browser) {
        SessionStore.Load unknown = new SessionStore.Load(browser.id().sibling(), "", null, Epoch.fresh(""), null, 0);
        return site.store
                .load(unknown, new WaitBudget(Duration.ofSeconds(1)))
                .tail()
                .generation();
    }
}
