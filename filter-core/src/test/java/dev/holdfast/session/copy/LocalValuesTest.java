package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.LocalMarker;
import dev.holdfast.session.SessionOptions;
import dev.holdfast.session.testing.Answer;
import dev.holdfast.session.testing.Exchange;
import dev.holdfast.session.testing.LoggedLines;
import dev.holdfast.session.testing.ProtocolTest;
import dev.holdfast.session.testing.TestNode;
import dev.holdfast.session.testing.TestSession;
import dev.holdfast.session.testing.TextCodec;
import dev.holdfast.session.testing.TextCodec.Socket;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What cannot be stored stays on its node, and costs nothing else. */
class LocalValuesTest extends ProtocolTest {
    @RegisterExtension
    final LoggedLines logged = new LoggedLines();

    @BeforeEach
    void begin() {
        browser.begin(a);
    }

    private Answer set(TestNode node, String name, Object value) {
        Exchange request = browser.send(node);
        request.write(name, value);
        Answer answer = request.answer();
        browser.receive(answer);
        return answer;
    }

    // ---- on its node and on others

    @Test
    void valueThatCannotBeStoredStaysOnItsNodeAndCostsNeitherTheRequestNorItsOtherAttributes() {
        Exchange request = browser.send(a);
        request.write("socket", new Socket("live"));
        request.write("y", "2");
        Answer answer = request.answer();
        browser.receive(answer);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(browser.read(a, "socket")).isEqualTo("live");
        assertThat(browser.read(b, "socket")).isNull();
        assertThat(browser.read(b, "y")).isEqualTo("2");
    }

    @Test
    void otherNodesListNoNameOfIt() {
        set(a, "socket", new Socket("live"));
        Exchange there = browser.send(b).open();

        assertThat(there.copy().access().undecodedAttributes()).containsExactlyInAnyOrder("x", "y");
        there.answer();
    }

    @Test
    void otherNodesReadItAsAbsentAndNeverAsWhatItWasBefore() {
        assertThat(browser.read(b, "x")).isEqualTo("1");

        set(a, "x", new Socket("live"));

        assertThat(browser.read(b, "x")).isNull();
    }

    @Test
    void valueIsThereAgainWhenItsBrowserComesBack() {
        Socket socket = new Socket("live");
        set(a, "socket", socket);
        browser.write(b, "y", "2");

        Exchange back = browser.send(a).open();

        assertThat(back.read("y")).isEqualTo("2");
        TestSession object = back.session();
        back.run(() -> assertThat(object.get("socket")).isSameAs(socket));
        back.answer();
    }

    @Test
    void valueIsAbsentWhereAnotherNodeHasSetOneOfItsOwnSince() {
        set(a, "socket", new Socket("of A"));
        set(b, "socket", new Socket("of B"));

        assertThat(browser.read(a, "socket")).isNull();
        assertThat(browser.read(b, "socket")).isEqualTo("of B");
    }

    @Test
    void valueIsReplacedByWhatAnotherNodeHasStoredSince() {
        set(a, "socket", new Socket("live"));
        browser.write(b, "socket", "stored");

        assertThat(browser.read(a, "socket")).isEqualTo("stored");
    }

    @Test
    void valueThatAnotherNodeHasRemovedIsGone() {
        set(a, "socket", new Socket("live"));
        Exchange there = browser.send(b);
        there.remove("socket");
        browser.receive(there.answer());

        assertThat(browser.read(a, "socket")).isNull();
        assertThat(site.store.peek(browser.id()).values()).doesNotContainKey("a:socket");
    }

    @Test
    void markOfAnotherSessionGivesNoValue() {
        set(a, "socket", new Socket("live"));
        NearCopy copy = a.serving().get(0);
        LocalValues local = heldFor(copy);

        byte[] marker = local.marker();
        assertThat(local.value(copy.stored().internalId(), "a:socket", marker)).isEqualTo("live");
        assertThat(local.value("another", "a:socket", marker)).isNull();
        assertThat(local.value(copy.stored().internalId(), "a:other", marker)).isNull();
        assertThat(local.value(copy.stored().internalId(), "a:socket", LocalMarker.of("B")))
                .isNull();
    }

    // ---- what it costs

    @Test
    void usingItAgainAndReplacingItCostsNoRoundTrip() {
        set(a, "socket", new Socket("first"));
        browser.settleOn(a);
        a.takeCalls();

        assertThat(browser.read(a, "socket")).isEqualTo("first");
        assertThat(set(a, "socket", new Socket("second")).status()).isEqualTo(200);
        assertThat(browser.read(a, "socket")).isEqualTo("second");

        assertThat(a.takeCalls()).isEmpty();
    }

    @Test
    void valueThatBecomesStorableIsStoredWithTheNextCommit() {
        Socket socket = new Socket("live");
        set(a, "socket", socket);
        browser.settleOn(a);
        socket.isStorable = true;

        browser.read(a, "socket");

        assertThat(stored("socket")).isEqualTo("live");
        assertThat(browser.read(b, "socket")).isEqualTo("live");
    }

    @Test
    void valueThatBecomesStorableInAnotherCopyIsStored() {
        Socket socket = new Socket("live");
        set(a, "socket", socket);
        browser.write(b, "y", "2"); // A's copy is filled anew
        assertThat(browser.read(a, "socket")).isEqualTo("live");
        socket.isStorable = true;

        browser.read(a, "socket");

        assertThat(browser.read(b, "socket")).isEqualTo("live");
    }

    // ---- copies come and go

    @Test
    void copyThatTakesTheOthersPlaceHasTheValue() {
        set(a, "socket", new Socket("live"));
        browser.settleOn(a);
        dropByAConflict("y");

        assertThat(browser.read(a, "socket")).isEqualTo("live");
    }

    @Test
    void whatARefusedRequestSetIsNotShown() {
        set(a, "socket", new Socket("kept"));
        browser.settleOn(a);
        Exchange refused = browser.send(a).open();
        refused.read("y");
        elsewhere("y", "2");
        refused.write("socket", new Socket("refused"));
        refused.write("x", "of the refused");

        assertThat(refused.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "socket")).isEqualTo("kept");
    }

    private void dropByAConflict(String name) {
        NearCopy before = a.serving().get(0);
        Exchange refused = browser.send(a).open();
        refused.read(name);
        elsewhere(name, "2");
        refused.write("x", "of the refused");
        assertThat(refused.answer().status()).isEqualTo(503);
        assertThat(before.isServing()).isFalse();
    }

    @Test
    void valueOfBeforeDoesNotComeBackWithTheMarkOfALaterOne() {
        set(a, "socket", new Socket("before"));
        browser.write(b, "socket", "stored");
        assertThat(browser.read(a, "socket")).isEqualTo("stored");
        set(a, "socket", new Socket("later"));
        browser.settleOn(a);
        dropByAConflict("y");

        assertThat(browser.read(a, "socket")).isEqualTo("later");
    }

    @Test
    void valueOfBeforeDoesNotComeBackWithTheMarkerOfOneThatWasChangedInside() {
        set(a, "cart", new Socket("before"));
        set(b, "cart", TextCodec.mutable("cart"));
        Exchange request = browser.send(a);
        request.append("cart", "+socket");
        browser.receive(request.answer());
        browser.settleOn(a);
        dropByAConflict("y");

        assertThat(browser.read(a, "cart")).isEqualTo("cart+socket");
        assertThat(browser.read(b, "cart")).isNull();
    }

    @Test
    void copyThatTakesTheOthersPlaceHasTheValueThatWasSetLast() {
        set(a, "socket", new Socket("first"));
        set(a, "socket", new Socket("second"));
        browser.settleOn(a);
        dropByAConflict("y");

        assertThat(browser.read(a, "socket")).isEqualTo("second");
    }

    @Test
    void nodeLetsGoOfTheValuesOfSessionsThatHaveEnded() {
        set(a, "socket", new Socket("live"));
        NearCopy copy = a.serving().get(0);
        a.tick();
        assertThat(copy.hasLocalValues()).isTrue();
        Exchange logout = browser.send(a).open();
        logout.logout();
        logout.answer();
        a.tick();
        site.pass(Duration.ofSeconds(61));

        a.tick();

        assertThat(copy.hasLocalValues()).isFalse();
    }

    /** A request that looked before another one set a value, and is told of behind it. */
    @Test
    void lookThatIsToldOfLateReplacesNoNewerValue() {
        NearCopy copy = a.serving().get(0);
        LocalValues local = new LocalValues("A");

        local.stored(copy.admission(), copy.stored(), look("newer", 7));
        local.stored(copy.admission(), copy.stored(), look("older", 5));
        local.stored(copy.admission(), copy.stored(), look("older still", 0));

        assertThat(local.value(copy.stored().internalId(), "a:socket", local.marker()))
                .isEqualTo("newer");
    }

    @Test
    void lookAtADroppedCopyReplacesNothingOfTheOneThatServes() {
        NearCopy dropped = a.serving().get(0);
        LocalValues local = new LocalValues("A");
        local.stored(dropped.admission(), dropped.stored(), look("of before", 3));
        dropByAConflict("y");
        browser.read(a, "y");
        NearCopy serving = a.serving().get(0);
        local.stored(serving.admission(), serving.stored(), look("newer", 1));

        local.stored(dropped.admission(), dropped.stored(), look("older", 0));

        assertThat(local.value(serving.stored().internalId(), "a:socket", local.marker()))
                .isEqualTo("newer");
    }

    @Test
    void whatIsOwedDoesNotTakeAwayWhatItIsToReplace() {
        NearCopy copy = a.serving().get(0);
        LocalValues local = heldFor(copy);
        ChangeSet owed = ChangeSet.none();
        owed.write("a:socket", new byte[] {'S'});

        local.owed(copy.admission(), copy.stored(), owed);
        assertThat(local.has(copy.stored().internalId())).isTrue();
        local.stored(copy.admission(), copy.stored(), owed);

        assertThat(local.has(copy.stored().internalId())).isFalse();
    }

    private static ChangeSet look(String live, long tick) {
        ChangeSet changes = ChangeSet.none();
        changes.stays("a:socket", live);
        changes.wasWritten("a:socket", tick);
        return changes;
    }

    @Test
    void valuesOfEndedSessionsAreLetGo() {
        LocalValues local = heldFor(a.serving().get(0));
        NearCopy copy = a.serving().get(0);
        local.forgetOld(site.ticker.nanos());
        assertThat(local.has(copy.stored().internalId())).isTrue();

        Exchange logout = browser.send(a).open();
        logout.logout();
        logout.answer();
        local.forgetOld(site.ticker.nanos());
        assertThat(local.has(copy.stored().internalId()))
                .as("listeners may read it")
                .isTrue();
        site.pass(Duration.ofSeconds(61));
        local.forgetOld(site.ticker.nanos());

        assertThat(local.has(copy.stored().internalId())).isFalse();
    }

    @Test
    void valuesThatNoCopyHasServedForAsLongAsASessionMayBeIdleAreLetGo() {
        NearCopy copy = a.serving().get(0);
        LocalValues local = heldFor(copy);
        dropByAConflict("y");
        local.forgetOld(site.ticker.nanos());
        site.pass(Duration.ofSeconds(TestSession.MAX_INACTIVE));
        local.forgetOld(site.ticker.nanos());
        assertThat(local.has(copy.stored().internalId())).isTrue();
        site.pass(Duration.ofSeconds(1));

        local.forgetOld(site.ticker.nanos());

        assertThat(local.has(copy.stored().internalId())).isFalse();
    }

    private static LocalValues heldFor(NearCopy copy) {
        LocalValues local = new LocalValues("A");
        local.stored(copy.admission(), copy.stored(), look("live", 0));
        return local;
    }

    /** It has written nothing, so its dropped copy has nothing to save; and the next copy has another value. */
    @Test
    void requestThatReplacedTheValueInADroppedCopyIsRefused() {
        set(a, "socket", new Socket("kept"));
        browser.settleOn(a);
        Exchange replacing = browser.send(a).open();
        replacing.write("socket", new Socket("refused"));
        dropByAConflict("y");

        assertThat(replacing.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "socket")).isEqualTo("kept");
    }

    /** Its commit is in the store, but the copy that has the value is nobody's any more. */
    @Test
    void requestWhoseCopyIsDroppedWhileItCommitsIsRefused() {
        set(a, "socket", new Socket("kept"));
        browser.settleOn(a);
        Exchange neighbour = browser.send(a).open();
        neighbour.write("bad", TextCodec.UNENCODABLE);
        Exchange replacing = browser.send(a).open();
        replacing.write("socket", new Socket("refused"));
        replacing.write("x", "2");
        a.store.before("commit", () -> assertThat(neighbour.answer().status()).isEqualTo(503));

        assertThat(replacing.answer().status()).isEqualTo(503);

        assertThat(browser.read(a, "socket")).isEqualTo("kept");
    }

    /** Until a request has found that it is to stay, the store has the value of before. */
    @Test
    void valueThatWasStoredUntilItWasNamedIsNotReadElsewhereWhenItHasChanged() {
        set(a, "cache", TextCodec.mutable("old"));
        TestNode named = node("N", SessionOptions.Unstorable.LOCAL, Set.of("cache"));
        assertThat(browser.read(named, "cache")).isEqualTo("old");
        Exchange request = browser.send(named);
        request.append("cache", "er");
        Answer answer = request.answer();
        browser.receive(answer);
        assertThat(answer.status()).isEqualTo(200);

        assertThat(browser.read(b, "cache")).isNull();
        assertThat(browser.read(named, "cache")).isEqualTo("older");
    }

    @Test
    void valueThatIsChangedHereAndThereIsKeptWhereTheLastWriterWins() {
        TestNode overwriting = site.overwritingNode("O");
        browser.settleOn(overwriting);
        set(overwriting, "socket", new Socket("first"));
        browser.settleOn(overwriting);
        Exchange request = browser.send(overwriting).open();
        assertThat(request.read("socket")).isEqualTo("first");
        elsewhere("socket", "of B");
        request.write("socket", new Socket("of O"));
        request.write("x", "2");
        Answer answer = request.answer();
        browser.receive(answer);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(browser.read(overwriting, "socket")).isEqualTo("of O");
        assertThat(browser.read(b, "socket")).isNull();
    }

    // ---- outages

    @Test
    void valueThatWasSetWhileRedisWasAwayIsThereWhenItIsBack() {
        TestNode serving = site.servingNode("S");
        browser.settleOn(serving);
        serving.store.setAway(true);
        Exchange request = browser.send(serving);
        request.write("socket", new Socket("at risk"));
        request.write("y", "2");
        Answer answer = request.answer();
        browser.receive(answer);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(browser.read(serving, "socket")).isEqualTo("at risk");
        serving.store.setAway(false);

        serving.tick();

        assertThat(browser.read(serving, "socket")).isEqualTo("at risk");
        assertThat(browser.read(b, "socket")).isNull();
        assertThat(browser.read(b, "y")).isEqualTo("2");
    }

    // ---- what is said, and chosen

    @Test
    void onceForEachAttributeTheLogSaysWhatStaysAndOnTheOtherNodeWhatIsMissing() {
        set(a, "socket", new Socket("first"));
        set(a, "socket", new Socket("second"));
        browser.read(b, "socket");
        browser.read(b, "socket");

        assertThat(logged.messages())
                .containsExactly(
                        "HF-306 socket of Socket: Attribute \"socket\" holds Socket, which is not serializable. Until"
                                + " then the value stays on this node, where the application uses it as ever; after a"
                                + " failover the attribute \"socket\" is absent. If that is intended, name it in"
                                + " holdfast.attributes.local. (shop)",
                        "HF-307 socket: Session " + browser.id()
                                + ": attribute \"socket\" reads as absent on this node. It"
                                + " cannot be stored, or is named in holdfast.attributes.local, so its value stayed on"
                                + " node A, where it was set, or went with it. If the application cannot do without"
                                + " it, see HF-306 in that node's log.");
        assertThat(a.counter("localValues")).isEqualTo(1);
        assertThat(b.counter("localAbsent")).isEqualTo(1);
    }

    @Test
    void attributesThatAreNamedStayOnTheirNodeWithoutAWord() {
        TestNode named = node("N", SessionOptions.Unstorable.REFUSE, Set.of("cache"));
        browser.settleOn(named);

        assertThat(set(named, "cache", "rows").status()).isEqualTo(200);

        assertThat(browser.read(named, "cache")).isEqualTo("rows");
        assertThat(browser.read(node("M", SessionOptions.Unstorable.LOCAL, Set.of("cache")), "cache"))
                .isNull();
        assertThat(logged.messages()).isEmpty();
    }

    @Test
    void valueIsRefusedWhereThatWasChosen() {
        TestNode refusing = node("R", SessionOptions.Unstorable.REFUSE, Set.of());
        browser.settleOn(refusing);

        assertThat(set(refusing, "x", new Socket("live")).status()).isEqualTo(503);

        assertThat(browser.read(refusing, "x")).isEqualTo("1");
    }

    @Test
    void valueIsRefusedByDefaultWhereEachRequestMayComeToAnyNode() {
        TestNode roaming = site.roamingNode("R");
        browser.read(roaming, "x");

        assertThat(set(roaming, "x", new Socket("live")).status()).isEqualTo(503);

        assertThat(browser.read(roaming, "x")).isEqualTo("1");
    }

    /** Another thread may have been in the middle of it: that passes, and nothing of it is to be given up. */
    @Test
    void valueThatCannotBeStoredNowIsRefusedAsEver() {
        assertThat(set(a, "x", TextCodec.UNENCODABLE).status()).isEqualTo(503);

        assertThat(browser.read(a, "x")).isEqualTo("1");
    }

    private TestNode node(String route, SessionOptions.Unstorable unstorable, Set<String> local) {
        return site.node(new SessionOptions(
                "shop",
                route,
                false,
                SessionOptions.Conflict.REFUSE,
                false,
                SessionOptions.Expiry.AT_LEAST_ONCE,
                SessionOptions.Outage.REFUSE,
                true,
                TestNode.PATIENT,
                unstorable,
                local::contains,
                null,
                () -> SessionOptions.UNKNOWN_THREADS));
    }
}
