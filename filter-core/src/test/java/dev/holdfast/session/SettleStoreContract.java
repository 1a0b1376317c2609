package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SettleStore.Join;
import dev.holdfast.session.SettleStore.Phase;
import dev.holdfast.session.SettleStore.Progress;
import dev.holdfast.session.SettleStore.Push;
import dev.holdfast.session.SettleStore.Step;
import dev.holdfast.session.SettleStore.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What each store has to do for nodes that settle a shard whose data it lost. */
public abstract class SettleStoreContract {
    private static final String A = "incarnation-of-node-A-";
    private static final String B = "incarnation-of-node-B-";

    protected final SessionId id = SessionId.random();
    private final StateVersion second = new StateVersion(2, RandomToken.next());

    protected abstract SessionStore store();

    private static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }

    private Progress join(String who, Step step, Waiting waiting, String... others) {
        return join(who, step, waiting, 0, others);
    }

    private Progress join(String who, Step step, Waiting waiting, long progress, String... others) {
        return store().settling()
                .join(List.of(new Join(id.shard(), who, step, waiting, progress, Set.of(others))), () -> true, budget())
                .get(0);
    }

    private Progress told(String who, String... others) {
        join(who, Step.BEGUN, Waiting.WAITS, others);
        return join(who, Step.TOLD, Waiting.WAITS, others);
    }

    private Progress sent(String who, String... others) {
        return join(who, Step.SENT, Waiting.WAITS, others);
    }

    private Push push(StateVersion base, StateVersion... history) {
        return new Push(
                id,
                base,
                List.of(history),
                "internal-id-of-session",
                1_690_000_000_123L,
                600,
                5000,
                Map.of("a:x", new StoredValue(new StateVersion(1, "stamp-of-the-first-one"), new byte[] {7})));
    }

    private Outcome pushed(StateVersion base, StateVersion... history) {
        return store().settling().push(List.of(push(base, history)), budget()).get(0);
    }

    private SessionStore.LoadReply load() {
        return store().load(new SessionStore.Load(id, "", null, Epoch.fresh("n1"), null, 0), budget());
    }

    private void bury(Tombstone.How how) {
        assertThat(store().settling().bury(List.of(new Tombstone(id, RandomToken.next(), how, 60)), budget()))
                .containsExactly(true);
    }

    private String generation() {
        return store().settling().generations(List.of(id.shard()), budget()).get(0);
    }

    // ---- the steps

    @Test
    public void nodeThatIsAloneSettlesInTwoSteps() {
        assertThat(generation()).isEmpty();
        assertThat(told(A).phase()).isEqualTo(Phase.SENDING);
        assertThat(generation()).isEmpty();

        Progress settled = sent(A);

        assertThat(settled.phase()).isEqualTo(Phase.SETTLED);
        assertThat(settled.generation()).hasSize(RandomToken.LENGTH).isEqualTo(generation());
        assertThat(told(B).generation()).isEqualTo(generation());
    }

    @Test
    public void nothingIsSentBeforeAllHaveToldAndNothingIsSettledBeforeAllHaveSent() {
        assertThat(told(A, B)).isEqualTo(new Progress(Phase.WAITING, "", 0, Set.of(B)));
        assertThat(pushed(second)).isEqualTo(Outcome.OTHER_GENERATION);

        assertThat(told(B, A)).isEqualTo(new Progress(Phase.SENDING, "", 0, Set.of(A, B)));
        assertThat(pushed(second)).isEqualTo(Outcome.OK);
        assertThat(sent(A, B)).isEqualTo(new Progress(Phase.SENDING, "", 0, Set.of(B)));
        assertThat(sent(B, A).phase()).isEqualTo(Phase.SETTLED);
        assertThat(pushed(second)).isEqualTo(Outcome.OTHER_GENERATION);
    }

    @Test
    public void whoOnlyOneOfThemHasSeenIsWaitedForByAll() {
        told(A, B);

        assertThat(told(B, A, "incarnation-of-node-C-").phase()).isEqualTo(Phase.WAITING);
        assertThat(told(A, B).awaited()).containsExactly("incarnation-of-node-C-");
    }

    @Test
    public void whereOneIsGivenUpNothingIsSentByAnybody() {
        told(A, B, "incarnation-of-node-C-");
        told(B, A, "incarnation-of-node-C-");

        Progress given = join(A, Step.TOLD, Waiting.FOR_THOSE_WHO_CAME, B, "incarnation-of-node-C-");

        assertThat(given.phase()).isEqualTo(Phase.GIVEN_UP);
        assertThat(pushed(second)).isEqualTo(Outcome.OTHER_GENERATION);
        assertThat(told("incarnation-of-node-C-").phase()).isEqualTo(Phase.GIVEN_UP);
        sent(A);
        sent(B);
        assertThat(sent("incarnation-of-node-C-").phase()).isEqualTo(Phase.SETTLED);
    }

    @Test
    public void whatIsBeingSentIsNotGivenUpAnyMore() {
        told(A);

        assertThat(join(A, Step.TOLD, Waiting.FOR_THOSE_WHO_CAME).phase()).isEqualTo(Phase.SENDING);
    }

    @Test
    public void whoWaitsHearsOfTheProgressOfThoseWhoSend() {
        told(A, B);
        told(B, A);
        sent(A, B);

        join(B, Step.TOLD, Waiting.WAITS, 17, A);

        assertThat(sent(A, B)).isEqualTo(new Progress(Phase.SENDING, "", 17, Set.of(B)));
        join(B, Step.TOLD, Waiting.WAITS, 18, A);
        assertThat(sent(A, B).progress()).isEqualTo(18);
    }

    @Test
    public void nodeThatDiesWhileItSendsIsNotWaitedForForEver() {
        told(A, B);
        told(B, A);
        assertThat(sent(A).phase()).isEqualTo(Phase.SENDING);

        assertThat(join(A, Step.SENT, Waiting.FOR_NOBODY).phase()).isEqualTo(Phase.SETTLED);
    }

    @Test
    public void nodeWhoseMarkWasLostBeginsAnew() {
        assertThat(sent(A).phase()).isEqualTo(Phase.FORGOTTEN);
        assertThat(join(A, Step.TOLD, Waiting.WAITS).phase()).isEqualTo(Phase.FORGOTTEN);
        told(B, A); // that others expect it is no mark of its own
        assertThat(join(A, Step.TOLD, Waiting.WAITS).phase()).isEqualTo(Phase.FORGOTTEN);
        assertThat(join(A, Step.BEGUN, Waiting.WAITS).phase()).isEqualTo(Phase.WAITING);
        assertThat(sent(A).phase()).isEqualTo(Phase.FORGOTTEN);
        assertThat(told(A).phase()).isEqualTo(Phase.SENDING);
    }

    // ---- what is sent

    @Test
    public void sessionIsAsItWasAndNobodyHoldsIt() {
        told(A);
        pushed(second);
        sent(A);

        SessionStore.LoadReply reply = load();

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.before().hasHolder()).isFalse();
        SessionSnapshot snapshot = reply.snapshot();
        assertThat(snapshot.base()).isEqualTo(second);
        assertThat(snapshot.createdMillis()).isEqualTo(1_690_000_000_123L);
        assertThat(snapshot.maxInactiveSeconds()).isEqualTo(600);
        assertThat(snapshot.internalId()).isEqualTo("internal-id-of-session");
        assertThat(snapshot.values().get("a:x").writtenBy()).isEqualTo(new StateVersion(1, "stamp-of-the-first-one"));
        assertThat(snapshot.values().get("a:x").bytes()).containsExactly(7);
        assertThat(reply.sinceUseMillis()).isGreaterThanOrEqualTo(5000);
    }

    @Test
    public void theNewestOfSeveralStatesStays() {
        told(A);
        StateVersion third = new StateVersion(3, RandomToken.next());
        StateVersion other = new StateVersion(2, RandomToken.next());

        assertThat(pushed(second)).isEqualTo(Outcome.OK);
        assertThat(pushed(second)).isEqualTo(Outcome.OK);
        assertThat(pushed(other)).isEqualTo(Outcome.MISMATCH);
        assertThat(pushed(third)).isEqualTo(Outcome.OK);
        assertThat(pushed(second)).isEqualTo(Outcome.MISMATCH);
        assertThat(pushed(new StateVersion(2, "after-it-went-back-to-"), second, third))
                .isEqualTo(Outcome.OK);
        sent(A);
        assertThat(load().snapshot().base().stamp()).isEqualTo("after-it-went-back-to-");
    }

    @Test
    public void tombstoneStaysAndTheLogTellsOfIt() {
        bury(Tombstone.How.ENDED);
        assertThat(generation()).isEmpty();
        told(A);

        assertThat(pushed(second)).isEqualTo(Outcome.GONE);
        sent(A);
        assertThat(load().outcome()).isEqualTo(Outcome.GONE);
        assertThat(LogEntry.parse(load().tail().newestEntry()).end()).isTrue();
    }

    @Test
    public void tombstoneTakesThePlaceOfALiveSession() {
        told(A);
        pushed(second);
        sent(A);

        bury(Tombstone.How.EXPIRED);
        bury(Tombstone.How.ENDED);

        assertThat(load().outcome()).isEqualTo(Outcome.GONE);
        assertThat(LogEntry.parse(load().tail().newestEntry()).sequence()).isEqualTo(1);
    }

    @Test
    public void endOfAnIdThatWasChangedIsToldAsSuch() {
        bury(Tombstone.How.RENAMED);
        told(A);
        sent(A);

        assertThat(store().end(new SessionStore.End(id, "", RandomToken.next(), 60, StateVersion.NONE), budget())
                        .outcome())
                .isEqualTo(Outcome.RENAMED);
    }
}
