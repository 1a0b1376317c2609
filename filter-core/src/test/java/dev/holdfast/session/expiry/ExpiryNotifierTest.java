package dev.holdfast.session.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.Lookup;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who is told of sessions that ended because nobody used them, how often, and what listeners may do. */
class ExpiryNotifierTest extends ExpiryTest {
    // ---- claims that are not finished

    @Test
    void claimOfANodeThatDiedIsTakenOverAfterItsLease() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        site.store.failNext(Fault.AFTER, "claim");
        b.sweep();
        c.sweep();
        assertThat(c.sessions.told()).isEmpty();

        site.pass(LEASE);
        c.sweep();

        assertThat(b.sessions.told()).isEmpty();
        assertThat(c.sessions.told()).containsExactly("expired x=1");
    }

    @Test
    void endThatCannotBeStoredIsStoredLaterAndToldOnce() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.store.before("finish", () -> site.store.setDown(true));
        b.sweep();
        site.store.setDown(false);
        site.pass(LEASE);

        b.sweep();
        c.sweep();

        assertThat(b.sessions.told()).containsExactly("expired x=1");
        assertThat(c.sessions.told()).isEmpty();
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    /** The honest limit: who died after telling and before saying so is told for by another. */
    @Test
    void endOfANodeThatDiedWhileTellingIsToldTwice() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.store.before("finish", () -> site.store.setDown(true));
        b.sweep();
        site.store.setDown(false);
        site.pass(LEASE);

        c.sweep();
        b.sweep();

        assertThat(b.sessions.told()).containsExactly("expired x=1");
        assertThat(c.sessions.told()).containsExactly("expired x=1");
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    @Test
    void listenersThatTakeLongerThanTheLeaseAreNotRunBesideAnothersClaim() {
        new Browser().begin(a);
        new Browser().begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.sessions.onExpired(() -> site.pass(Lifetimes.LEASE.minusSeconds(5)));

        b.sweep();
        assertThat(b.sessions.told()).hasSize(1);
        c.sweep();
        assertThat(c.sessions.told()).isEmpty();

        site.pass(LEASE);
        c.sweep();
        assertThat(c.sessions.told()).hasSize(1);
    }

    // ---- at most once

    @Test
    void endThatIsToldAtMostOnceIsFinalBeforeItIsTold() {
        TestNode once = site.atMostOnceNode("O");
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        List<Boolean> ended = new ArrayList<>();
        once.sessions.onExpired(() -> ended.add(site.store.ended(browser.id())));

        once.sweep();

        assertThat(ended).containsExactly(true);
        assertThat(once.sessions.told()).containsExactly("expired x=1");
    }

    @Test
    void heldSessionThatIsToldAtMostOnceIsToldWithItsLiveObject() {
        TestNode once = site.atMostOnceNode("O");
        browser.begin(once);
        TestSession object = object(once);
        site.pass(MAX_INACTIVE);

        assertThat(browser.send(once).find().found()).isEqualTo(Lookup.Found.NONE);

        assertThat(object.events()).containsExactly("expired x=1");
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    /** The honest limit of the other choice: the reply that would have said so was lost. */
    @Test
    void endThatIsToldAtMostOnceIsNotToldIfNobodyKnowsThatItIsFinal() {
        TestNode once = site.atMostOnceNode("O");
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        site.store.failNext(Fault.AFTER, "finish");

        once.sweep();
        site.pass(LEASE);
        once.sweep();

        assertThat(once.sessions.told()).isEmpty();
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    @Test
    void endThatIsToldAtMostOnceIsToldByAnotherIfItDidNotBecomeFinal() {
        TestNode once = site.atMostOnceNode("O");
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        site.store.failNext(Fault.BEFORE, "finish");

        once.sweep();
        site.pass(LEASE);
        b.sweep();
        once.sweep();

        assertThat(once.sessions.told()).isEmpty();
        assertThat(b.sessions.told()).containsExactly("expired x=1");
    }

    // ---- listeners

    @Test
    void listenerThatFailsCostsNoOtherSessionItsEnd() {
        browser.begin(a);
        new Browser().begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.sessions.onExpired(() -> {
            throw new IllegalStateException("on purpose");
        });

        b.sweep();

        assertThat(b.sessions.told()).hasSize(2);
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    /**
     * As a class that is missing in the application makes one: it came again every half minute, and so did its
     * neighbours.
     */
    @Test
    void errorOfAListenerIsToldOnceAndSoAreItsNeighbours() {
        AtomicInteger told = new AtomicInteger();
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Browser each = new Browser();
            each.begin(a);
            browsers.add(each);
        }
        b.sessions.onExpired(() -> {
            if (told.incrementAndGet() == 2) {
                throw new NoClassDefFoundError("com/shop/Audit");
            }
        });
        site.pass(DEADLINE.plusSeconds(1));

        for (int i = 0; i < 3; i++) {
            b.sweep();
            site.pass(LEASE);
        }

        assertThat(told).hasValue(5);
        assertThat(browsers).allMatch(each -> site.store.ended(each.id()));
    }

    @Test
    void sessionThatCannotBeMadeForItsListenersCostsItsNeighboursNothing() {
        new Browser().begin(a);
        browser.begin(a);
        new Browser().begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.sessions.failToRestoreExpired(browser.id(), new IllegalStateException("on purpose"));

        b.sweep();

        assertThat(b.sessions.told()).hasSize(2);
        assertThat(log.messages()).anyMatch(line -> line.startsWith("HF-230: "));
        site.pass(LEASE);
        b.sweep();
        assertThat(b.sessions.told()).as("its lease is over").hasSize(3);
    }

    @Test
    void noRequestWaitsForAListener() {
        TestNode impatient = site.impatientNode("I");
        browser.begin(impatient);
        TestSession object = object(impatient);
        site.pass(MAX_INACTIVE);
        List<Lookup.Found> found = new ArrayList<>();
        object.onExpired(() -> found.add(browser.send(impatient).find().found()));

        impatient.sweep();

        assertThat(found).containsExactly(Lookup.Found.NONE);
        assertThat(object.events()).containsExactly("expired x=1");
    }

    @Test
    void noRequestWaitsForAListenerThatAnotherRequestRuns() {
        TestNode impatient = site.impatientNode("I");
        browser.begin(impatient);
        TestSession object = object(impatient);
        site.pass(MAX_INACTIVE);
        List<Lookup.Found> found = new ArrayList<>();
        object.onExpired(() -> found.add(browser.send(impatient).find().found()));

        found.add(browser.send(impatient).find().found());

        assertThat(found).containsExactly(Lookup.Found.NONE, Lookup.Found.NONE);
        assertThat(object.events()).containsExactly("expired x=1");
        assertThat(site.store.ended(browser.id())).isTrue();
    }

    @Test
    void stopFinishesWhatWasToldAndLeavesTheRestToTheLease() {
        new Browser().begin(a);
        new Browser().begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.sessions.onExpired(b.coordinator::stop);

        b.sweep();
        site.pass(LEASE);
        c.sweep();

        assertThat(b.sessions.told()).hasSize(1);
        assertThat(c.sessions.told()).hasSize(1);
    }

    @Test
    void stopStoresTheEndsThatCouldNotBeStored() {
        browser.begin(a);
        site.pass(DEADLINE.plusMillis(1));
        b.store.before("finish", () -> site.store.setDown(true));
        b.sweep();
        site.store.setDown(false);

        b.coordinator.stop();

        assertThat(site.store.ended(browser.id())).isTrue();
    }
}
