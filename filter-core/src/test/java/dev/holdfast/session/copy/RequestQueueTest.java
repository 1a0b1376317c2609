package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.Lookup;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code holdfast.parallel=off}: rule 13. */
class RequestQueueTest extends ProtocolTest {
    RequestQueueTest() {
        super(Site::queueingNode);
    }

    @BeforeEach
    void begin() {
        browser.begin(a);
    }

    @Test
    void requestSeesAllThatTheOneBeforeItDid() {
        Exchange first = browser.send(a);
        Exchange second = browser.send(a);
        first.write("x", first.read("x") + "+first");

        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> second.read("x"));
        awaitQueued(1);
        first.answer();

        assertThat(waiting.join()).isEqualTo("1+first");
        second.finish();
    }

    /** Saved and sent is not finished: what follows the headers belongs to the same turn. */
    @Test
    void turnLastsUntilTheRequestHasFinished() {
        Exchange first = browser.send(a).open();
        first.save();
        first.sendHeaders();
        Exchange second = browser.send(a);
        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> second.read("x"));
        awaitQueued(1);

        first.write("x", "late");
        first.finish();

        assertThat(waiting.join()).isEqualTo("late");
        second.finish();
    }

    @Test
    void requestsGoInTheOrderOfTheirFirstUse() {
        Exchange first = browser.send(a).open();
        CompletableFuture<Void> second = appending(browser.send(a), "+second");
        awaitQueued(1);
        CompletableFuture<Void> third = appending(browser.send(a), "+third");
        awaitQueued(2);

        first.answer();
        second.join();
        third.join();

        assertThat(site.stored(browser.id(), "x")).isEqualTo("1+second+third");
    }

    @Test
    void requestNeverWaitsForItself() {
        Exchange request = browser.send(a).open();

        Lookup again = request.find();

        assertThat(again.session()).isSameAs(request.session());
        assertThat(a.counter("queued")).isZero();
        assertThat(request.answer().status()).isEqualTo(200);
    }

    @Test
    void secondThreadOfARequestDoesNotWaitForTheFirst() {
        Exchange request = browser.send(a).open();

        assertThat(CompletableFuture.supplyAsync(request::find).join().session())
                .isSameAs(request.session());
    }

    @Test
    void requestThatMayNotAskDoesNotWaitEither() {
        Exchange first = browser.send(a).open();
        Exchange second = browser.send(a);

        assertThat(second.scope.find(browser.id(), false).found()).isEqualTo(Lookup.Found.UNKNOWN_HERE);
        assertThat(a.counter("queued")).isZero();

        first.answer();
        assertThat(second.scope.find(browser.id(), false).found()).isEqualTo(Lookup.Found.FOUND);
    }

    @Test
    void requestThatWaitedTooLongIsToldWhy() {
        site.ticker.loseAllPatience();
        browser.send(a).open();

        Lookup lookup = browser.send(a).find();

        assertThat(lookup.found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(lookup.cause())
                .hasMessage("another request of session " + browser.id().shortened()
                        + " has been inside for longer than holdfast.timeout (" + TestNode.PATIENT.toMillis()
                        + "ms), and holdfast.parallel is off: "
                        + "requests of one session go one at a time.");
        assertThat(a.counter("queued")).isEqualTo(1);
    }

    /** Else one slow request and a script hold all threads of the container. */
    @Test
    void onlyAHandfulWaitsForTheRequestInside() {
        Exchange first = browser.send(a).open();
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            waiting.add(appending(browser.send(a), "+" + i));
            awaitQueued(i);
        }

        Lookup tooMany = browser.send(a).find();

        assertThat(tooMany.found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        assertThat(tooMany.cause())
                .hasMessageStartingWith("another request of session "
                        + browser.id().shortened() + " is inside, and enough wait for it (HF-236: ");
        assertThat(a.counter("queued")).isEqualTo(8);
        first.answer();
        waiting.forEach(CompletableFuture::join);
        assertThat(site.stored(browser.id(), "x")).isEqualTo("1+1+2+3+4+5+6+7+8");
    }

    @Test
    void waitersOfAllSessionsHoldAQuarterOfTheThreads() {
        a.threads = 7;
        Exchange first = browser.send(a).open();
        Browser other = new Browser();
        other.begin(a);
        Exchange firstOfOther = other.send(a).open();
        CompletableFuture<Void> second = appending(browser.send(a), "+second");
        awaitQueued(1);

        assertThat(other.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        first.answer();
        second.join();
        CompletableFuture<Void> secondOfOther = appending(other.send(a), "+second");
        awaitQueued(1);
        firstOfOther.answer();
        secondOfOther.join();
    }

    @Test
    void waitForTheTurnCountsAsAWaitOfTheRequest() {
        Exchange first = browser.send(a).open();
        Exchange second = browser.send(a);
        CompletableFuture<Lookup> waiting = async(second::find);
        awaitQueued(1);
        site.pass(Duration.ofSeconds(1));

        first.answer();
        waiting.join();

        assertThat(second.scope.budget().remainingNanos())
                .isEqualTo(TestNode.PATIENT.minusSeconds(1).toNanos());
    }

    /**
     * A virtual thread that waits inside of a monitor keeps its carrier: the request inside might get none to leave
     * with.
     */
    @Test
    void waitingHoldsNoMonitor() {
        Exchange first = browser.send(a).open();
        AtomicReference<Thread> waiter = new AtomicReference<>();
        CompletableFuture<Lookup> waiting = async(() -> {
            waiter.set(Thread.currentThread());
            return browser.send(a).find();
        });
        awaitQueued(1);

        ThreadInfo info = ManagementFactory.getThreadMXBean()
                .getThreadInfo(new long[] {waiter.get().getId()}, true, false)[0];

        assertThat(Arrays.stream(info.getLockedMonitors()).map(MonitorInfo::getClassName))
                .noneMatch(name -> name.startsWith(RequestQueue.class.getName()));
        first.answer();
        waiting.join();
    }

    /** The request has been answered while a thread of its own still waits: nobody else is to wait for that one. */
    @Test
    void finishedRequestLeavesTheQueueThatAThreadOfItStandsIn() {
        Exchange first = browser.send(a).open();
        Exchange second = browser.send(a);
        CompletableFuture<Lookup> waiting = async(second::find);
        awaitQueued(1);

        second.finish();
        first.answer();

        assertThat(waiting.join().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
        site.ticker.loseAllPatience();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.FOUND);
    }

    /**
     * The copy is dropped under the request inside; the next one gets another copy, and its turn only after the first.
     */
    @Test
    void turnOutlivesTheCopy() {
        site.ticker.loseAllPatience();
        Exchange first = browser.send(a).open();
        a.coordinator.copies().forEach(copy -> copy.admission().drop());

        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        first.finish();
        assertThat(browser.send(a).find().found()).isEqualTo(Lookup.Found.FOUND);
    }

    @Test
    void requestWithTheNewIdWaitsForTheOneThatChangedIt() {
        site.ticker.loseAllPatience();
        Exchange login = browser.send(a).open();
        SessionId changed = login.changeId();
        login.save();

        assertThat(new Exchange(a, changed, null).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);

        login.finish();
        assertThat(new Exchange(a, changed, null).find().found()).isEqualTo(Lookup.Found.FOUND);
    }

    @Test
    void lookUpOfNoSessionKeepsNoTurn() {
        site.ticker.loseAllPatience();
        SessionId unknown = SessionId.random();
        Exchange first = new Exchange(a, unknown, null);
        assertThat(first.find().found()).isEqualTo(Lookup.Found.NONE);

        assertThat(new Exchange(a, unknown, null).find().found()).isEqualTo(Lookup.Found.NONE);
    }

    @Test
    void sessionsDoNotWaitForEachOther() {
        site.ticker.loseAllPatience();
        browser.send(a).open();
        Browser other = new Browser();
        other.begin(a);

        assertThat(other.read(a, "x")).isEqualTo("1");
    }

    @Test
    void creatorHoldsTheFirstTurn() {
        site.ticker.loseAllPatience();
        Exchange creation = new Exchange(a, null, null);
        creation.create();
        creation.save();

        assertThat(new Exchange(a, creation.copy().id(), null).find().found()).isEqualTo(Lookup.Found.UNAVAILABLE);
    }

    private static CompletableFuture<Void> appending(Exchange request, String text) {
        return async(() -> {
            request.write("x", request.read("x") + text);
            assertThat(request.answer().status()).isEqualTo(200);
            return null;
        });
    }

    /** On a thread of its own: the common pool has few. */
    private static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> new Thread(task, "turns-test").start());
    }

    private void awaitQueued(int requests) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> site.ticker.waiting() == requests);
    }
}
