package dev.holdfast.session.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.copy.NearCopy;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Browser;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestOptions;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The sessions that owe the store something: how many, how they are saved in rounds, and what the log says of it. */
class WriteBacklogTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines log = new LoggedLines();

    WriteBacklogTest() {
        super(Site::servingNode);
    }

    // ---- how many

    @Test
    void newSessionsCrowdOutNoChangesOfSessionsThatTheStoreKnows() {
        browser.begin(a);
        a.store.setAway(true);
        for (int i = 0; i < WriteBacklog.MOST_NEW; i++) {
            new Browser().begin(a);
        }

        assertThat(beginningAnother()).isEqualTo(503);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(200);

        assertThat(a.counter("atRiskFull")).isEqualTo(1);
        assertThat(log.messages())
                .contains(
                        "HF-216: The store is away, and 10000 sessions that it does not know are in the memory of this"
                                + " node: further new ones are answered 503 until some have run out, or the store is back."
                                + " Sessions that it knows go on.");
        a.tick();
        site.pass(Duration.ofMinutes(31));
        a.sweep(); // what nobody used again runs out, without the store
        assertThat(beginningAnother()).isEqualTo(200);
        a.store.setAway(false);
        a.tick();
        assertThat(a.coordinator.atRisk()).isZero();
    }

    private int beginningAnother() {
        Exchange request = new Exchange(a, null, null);
        request.create();
        return request.answer().status();
    }

    @Test
    void allNewSessionsAreSavedAndMakeRoomForOthers() {
        a.store.setAway(true);
        for (int i = 0; i < WriteBacklog.MOST_NEW; i++) {
            new Browser().begin(a);
        }
        assertThat(beginningAnother()).isEqualTo(503);

        a.store.setAway(false);
        while (a.counter("atRiskSaved") < WriteBacklog.MOST_NEW) {
            a.tick();
        }

        a.store.setAway(true);
        assertThat(beginningAnother()).isEqualTo(200);
        assertThat(a.counter("atRiskLost")).isZero();
    }

    // ---- a store that is back and refuses to take it

    @Test
    void readsGoOnWhileTheStoreRefusesToTakeWhatIsOwed() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        a.store.setRefusing(true);

        for (int i = 0; i < 2; i++) {
            assertThat(readStatus("y")).isEqualTo(200);
            assertThat(readStatus("x")).isEqualTo(200);
            assertThat(browser.write(a, "z", "3").status()).isEqualTo(503);
            assertThat(readStatus("x")).isEqualTo(200);
            assertThat(readStatus("z")).as("nobody was told that it is kept").isEqualTo(503);
            site.pass(Duration.ofSeconds(3)); // the copy is not trusted any more
        }

        a.store.setRefusing(false);
        a.tick();
        assertThat(stored("x")).isEqualTo("2");
        assertThat(a.counter("atRiskLost")).isZero();
    }

    private int readStatus(String name) {
        Exchange request = browser.send(a);
        request.read(name);
        Answer answer = request.answer();
        browser.receive(answer);
        return answer.status();
    }

    @Test
    void changeInsideOfWhatIsOwedIsNoRead() {
        browser.begin(a);
        Exchange first = browser.send(a);
        first.write("list", TextCodec.mutable("a"));
        browser.receive(first.answer());
        a.store.setAway(true);
        append("b");
        a.store.setAway(false);
        a.store.setRefusing(true);

        assertThat(readStatus("list")).isEqualTo(200);
        assertThat(append("c")).isEqualTo(503);
    }

    private int append(String text) {
        Exchange request = browser.send(a);
        request.append("list", text);
        Answer answer = request.answer();
        browser.receive(answer);
        return answer.status();
    }

    // ---- rounds

    @Test
    void oneSessionAfterTheOtherIsSavedInTheOrderInWhichTheyBeganToOwe() {
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            browsers.add(new Browser());
            browsers.get(i).begin(a);
        }
        a.store.setAway(true);
        for (int i = 4; i >= 0; i--) {
            site.pass(Duration.ofMillis(10));
            browsers.get(i).write(a, "x", "2");
        }
        a.store.setAway(false);
        int before = a.store.all(SessionStore.Commit.class).size();

        a.tick();

        List<SessionStore.Commit> commits = a.store.all(SessionStore.Commit.class);
        assertThat(commits.subList(before, commits.size()))
                .extracting(SessionStore.Commit::id)
                .containsExactly(
                        browsers.get(4).id(),
                        browsers.get(3).id(),
                        browsers.get(2).id(),
                        browsers.get(1).id(),
                        browsers.get(0).id());
    }

    /** The first are refused each time and take the whole round: the others must not wait for them for ever. */
    @Test
    void roundBeginsBehindTheSessionsThatTheLastOneEndedWith() {
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 210; i++) {
            browsers.add(new Browser());
            browsers.get(i).begin(a);
        }
        a.store.setAway(true);
        for (Browser each : browsers) {
            site.pass(Duration.ofMillis(10));
            each.write(a, "x", "2");
        }
        a.store.setAway(false);
        a.store.before("commit", () -> site.pass(Duration.ofMillis(600)));
        for (int i = 0; i < 200; i++) {
            site.store.failNext(InMemorySessionStore.Fault.REFUSED);
        }

        a.coordinator.saveOwed();

        assertThat(a.coordinator.atRisk()).isEqualTo(210);
        int before = a.store.all(SessionStore.Commit.class).size();
        a.coordinator.saveOwed();
        assertThat(a.coordinator.atRisk()).isZero();
        List<SessionStore.Commit> commits = a.store.all(SessionStore.Commit.class);
        assertThat(commits.subList(before, before + 10))
                .extracting(SessionStore.Commit::id)
                .containsExactlyElementsOf(
                        browsers.subList(200, 210).stream().map(Browser::id).toList());
    }

    /** Another round at once, as long as it gets on; none where nothing can be saved. */
    @Test
    void roundFollowsRoundUntilNothingIsOwed() {
        for (int i = 0; i < 500; i++) {
            Browser each = new Browser();
            each.begin(a);
            a.store.setAway(true);
            each.write(a, "x", "2");
            a.store.setAway(false);
        }
        for (int i = 0; i < 3; i++) {
            a.store.before("commit", () -> {
                site.pass(Duration.ofMillis(600));
                a.store.before("commit", () -> site.pass(Duration.ofMillis(600)));
            });
        }

        a.coordinator.saveOwed();

        assertThat(a.coordinator.atRisk()).isZero();
    }

    /** What only one of them meets is its own matter. */
    @Test
    void sessionsThatAreSavedTogetherHaveOutcomesOfTheirOwn() {
        TestNode b = site.servingNode("B");
        List<Browser> browsers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            browsers.add(new Browser());
            browsers.get(i).begin(a);
        }
        a.store.setAway(true);
        for (Browser each : browsers) {
            each.write(a, "x", "here");
        }
        elsewhere(b, browsers.get(0), "y"); // to be merged
        elsewhere(b, browsers.get(1), "x"); // in the way
        Exchange logout = new Exchange(b, browsers.get(2).id(), null).open();
        logout.logout();
        logout.answer();
        NearCopy busy = a.serving().stream()
                .filter(copy -> copy.id().equals(browsers.get(3).id()))
                .findFirst()
                .orElseThrow();
        busy.lock.acquireUninterruptibly();
        a.store.setAway(false);

        a.coordinator.saveOwed();

        assertThat(site.stored(browsers.get(0).id(), "x")).isEqualTo("here");
        assertThat(site.stored(browsers.get(0).id(), "y")).isEqualTo("there");
        assertThat(site.stored(browsers.get(1).id(), "x")).isEqualTo("there");
        assertThat(site.snapshot(browsers.get(2).id())).isNull();
        assertThat(site.stored(browsers.get(3).id(), "x")).isEqualTo("1");
        assertThat(site.stored(browsers.get(4).id(), "x")).isEqualTo("here");
        assertThat(a.coordinator.atRisk()).isEqualTo(1);
        assertThat(a.counter("atRiskLost")).isEqualTo(2);
        busy.lock.release();
        a.coordinator.saveOwed();
        assertThat(site.stored(browsers.get(3).id(), "x")).isEqualTo("here");
        assertThat(a.serving()).allMatch(copy -> copy.lock.availablePermits() == 1);
    }

    private static void elsewhere(TestNode node, Browser browser, String name) {
        Exchange there = new Exchange(node, browser.id(), null);
        there.write(name, "there");
        assertThat(there.answer().status()).isEqualTo(200);
    }

    @Test
    void whatCanNeverBeEncodedIsGivenUpWhenTheSessionHasRunOut() {
        browser.begin(a);
        a.store.setAway(true);
        Exchange request = browser.send(a);
        request.write("list", TextCodec.mutable("a"));
        browser.receive(request.answer());
        TestSession object = (TestSession) a.serving().get(0).local();
        object.replace("list", TextCodec.UNENCODABLE);
        a.store.setAway(false);
        a.tick();
        assertThat(a.coordinator.atRisk()).isEqualTo(1);
        assertThat(log.messages())
                .anyMatch(line -> line.startsWith("HF-215: Session " + browser.id() + " still has changes"));

        site.pass(Duration.ofMinutes(31));
        a.tick();

        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(a.counter("atRiskLost")).isEqualTo(1);
        assertThat(log.messages())
                .anyMatch(line -> line.startsWith("HF-209 list: Session " + browser.id() + ": what was"));
    }

    /** {@code holdfast.parallel=off}: nobody sees a request half done, not even the store. */
    @Test
    void sessionWhoseRequestIsInsideIsNotSavedWhereRequestsGoOneAtATime() {
        TestNode queueing = site.node(TestOptions.of(
                "Q",
                false,
                SessionOptions.Conflict.REFUSE,
                true,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.SERVE,
                true,
                TestNode.PATIENT));
        browser.begin(queueing);
        queueing.store.setAway(true);
        browser.write(queueing, "x", "2");
        Exchange inside = browser.send(queueing);
        inside.write("x", "half");
        queueing.store.setAway(false);

        queueing.tick();
        assertThat(stored("x")).isEqualTo("1");

        inside.write("x", "done");
        assertThat(inside.answer().status()).isEqualTo(200);
        assertThat(stored("x")).isEqualTo("done");
    }

    // ---- the end of the node

    @Test
    void nodeThatStopsSavesWhatItOwes() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);

        a.coordinator.stop();

        assertThat(stored("x")).isEqualTo("2");
    }

    @Test
    void stopWaitsForTheRoundUnderWay() throws InterruptedException {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        a.store.setAway(false);
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        a.store.before("commit", () -> {
            sent.countDown();
            await(answered);
        });
        CompletableFuture<Void> round = CompletableFuture.runAsync(a.coordinator::saveOwed);
        assertThat(sent.await(20, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Void> stop = CompletableFuture.runAsync(a.coordinator::stop);
        TestNode.awaitWaiting(site.ticker, 1);
        assertThat(stop).isNotDone();
        answered.countDown();
        round.join();
        stop.join();

        assertThat(stored("x")).isEqualTo("2");
        assertThat(log.messages()).noneMatch(line -> line.startsWith("HF-210"));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void nodeThatHasStoppedAcknowledgesNothingAtRisk() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        Exchange late = browser.send(a).open();

        a.coordinator.stop();
        late.write("y", "2");

        assertThat(late.answer().status()).isEqualTo(503);
        assertThat(log.messages())
                .anyMatch(line -> line.startsWith(
                        "HF-210: This node stops while changes of 1 sessions are kept in its memory only"));
    }

    // ---- what the log says

    @Test
    void eachBeginningOfRiskInTheLogHasItsEnd() {
        browser.begin(a);
        outage(Duration.ofSeconds(50));
        assertThat(codes()).containsExactly("HF-207", "HF-208");

        site.pass(Duration.ofSeconds(11));
        outage(Duration.ofSeconds(1));
        assertThat(codes()).as("a minute has not passed").containsExactly("HF-207", "HF-208", "HF-207");
        site.pass(Duration.ofMinutes(1));
        a.tick();

        assertThat(codes()).containsExactly("HF-207", "HF-208", "HF-207", "HF-208");
    }

    private void outage(Duration duration) {
        a.store.setAway(true);
        assertThat(browser.write(a, "x", "for " + duration).status()).isEqualTo(200);
        site.pass(duration);
        a.store.setAway(false);
        a.tick(); // saves it
        a.tick(); // says so
    }

    private List<String> codes() {
        return log.messages().stream()
                .map(line -> line.substring(0, 6))
                .filter(code -> code.equals("HF-207") || code.equals("HF-208") || code.equals("HF-209"))
                .toList();
    }

    @Test
    void changeThatWasRefusedIsCalledNeitherAcknowledgedNorLost() {
        browser.begin(a);
        a.store.failNext("commit", Reason.SILENT, true);
        assertThat(browser.write(a, "x", "2").status()).isEqualTo(503);
        assertThat(a.coordinator.atRisk()).isEqualTo(1);
        TestNode b = site.servingNode("B");
        Exchange there = new Exchange(b, browser.id(), null);
        there.write("x", "there");
        assertThat(there.answer().status()).isEqualTo(200);

        a.tick();

        assertThat(stored("x")).isEqualTo("there");
        assertThat(a.coordinator.atRisk()).isZero();
        assertThat(a.counter("atRiskLost")).isZero();
        assertThat(codes()).isEmpty();
    }

    @Test
    void endOfRiskIsToldWithItsNumbersAndHowLongItTook() {
        browser.begin(a);
        a.store.setAway(true);
        browser.write(a, "x", "2");
        site.pass(Duration.ofSeconds(30));
        a.store.setAway(false);
        a.store.due(1, new WaitBudget(TestNode.PATIENT)); // the first answer
        a.store.before("commit", () -> site.pass(Duration.ofMillis(120)));

        a.coordinator.saveOwed();

        assertThat(log.messages())
                .contains("HF-208: Nothing is at risk any more, 120ms after the store answered again: of the sessions"
                        + " that were changed while it was away, 1 were saved and 0 given up.");
    }
}
