package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.ExpiryStore.FinishReply;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.EndReply;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.SessionStore.TouchReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} does with the uses of a session, and with its end. */
public abstract class SessionEndContract extends SessionWriteContract {
    // ---- touch

    @Test
    void touchMovesTheLastUseForwardOnly() {
        created(MAX_INACTIVE, Duration.ofSeconds(1000));

        touch(Duration.ofSeconds(500));
        touch(Duration.ofSeconds(800));

        assertThat(load(epoch, null).sinceUseMillis()).isBetween(500_000L, 530_000L);
    }

    @Test
    void touchKeepsASessionBeyondItsFormerDeadline() {
        created(60, Duration.ofSeconds(75));

        assertThat(touch(Duration.ZERO).outcome()).isEqualTo(Outcome.OK);
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void touchesAreAnsweredOneByOne() {
        created();
        SessionId unknown = id.sibling();

        List<TouchReply> replies = store().touch(
                        List.of(
                                new Touch(id, "", MAX_INACTIVE, 0),
                                new Touch(unknown, "", MAX_INACTIVE, 0),
                                new Touch(id, RandomToken.next(), MAX_INACTIVE, 0)),
                        budget());

        assertThat(replies)
                .extracting(TouchReply::outcome)
                .containsExactly(Outcome.OK, Outcome.GONE, Outcome.OTHER_GENERATION);
        assertThat(store().exists(unknown, budget()).there()).isFalse();
    }

    @Test
    void touchLeavesVersionEpochAndLogAlone() {
        StateVersion base = created();
        ShardTail before = load(epoch, base).tail();

        assertThat(touch(Duration.ZERO).tail()).isEqualTo(before);
        LoadReply after = load(epoch, base);
        assertThat(after.confirmed()).isTrue();
        assertThat(after.snapshot()).isNull();
    }

    // ---- end

    @Test
    void endIsLoggedAndFinal() {
        StateVersion base = created();
        String stamp = RandomToken.next();

        EndReply reply = end(stamp);

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.tail().newestEntry()).isEqualTo("1:" + stamp + ":" + id.value() + ":end");
        assertThat(load(epoch, base).outcome()).isEqualTo(Outcome.GONE);
        assertThat(touch(Duration.ZERO).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void endSaysWhetherItWasTheStateOfTheBase() {
        StateVersion base = created();
        End stale = new End(id, "", RandomToken.next(), MAX_INACTIVE, base.next(RandomToken.next()));
        End exact = new End(id, "", RandomToken.next(), MAX_INACTIVE, base);

        assertThat(store().end(exact, budget()).ofBase()).isTrue();
        assertThat(store().end(exact, budget()).ofBase()).isFalse(); // not known any more
        assertThat(store().end(stale, budget()).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void endOfAnotherStateSaysSo() {
        StateVersion base = created();
        End stale = new End(id, "", RandomToken.next(), MAX_INACTIVE, base.next(RandomToken.next()));

        EndReply reply = store().end(stale, budget());

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.ofBase()).isFalse();
    }

    @Test
    void repeatedEndIsLoggedOnceAndASecondOneFindsItGone() {
        created();
        String stamp = RandomToken.next();
        EndReply first = end(stamp);

        EndReply again = end(stamp);
        EndReply other = end(RandomToken.next());

        assertThat(again.outcome()).isEqualTo(Outcome.OK);
        assertThat(other.outcome()).isEqualTo(Outcome.GONE);
        assertThat(other.tail()).isEqualTo(first.tail());
    }

    @Test
    void endUnderAnIdThatWasChangedSaysSo() {
        StateVersion base = created();
        Commit rename = rename(base, RandomToken.next(), id.sibling());
        store().commit(rename, budget());

        assertThat(end(RandomToken.next()).outcome()).isEqualTo(Outcome.RENAMED);

        assertThat(store().exists(rename.newId(), budget()).there()).isTrue();
    }

    @Test
    void endOfAMissingSessionLeavesATombstone() {
        assertThat(end(RandomToken.next()).outcome()).isEqualTo(Outcome.OK);

        assertThat(store().create(create(id, "", Map.of()), budget()).outcome()).isEqualTo(Outcome.GONE);
    }

    // ---- claim, finish, due

    @Test
    void overdueSessionIsClaimedWithItsState() {
        StateVersion base = created(60, Duration.ofSeconds(71));

        ClaimReply reply = claim(RandomToken.next(), "", null);

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.sinceUseMillis()).isBetween(71_000L, 100_000L);
        assertThat(reply.snapshot().base()).isEqualTo(base);
        assertThat(reply.snapshot().maxInactiveSeconds()).isEqualTo(60);
        assertThat(text(reply.snapshot(), "a:x")).isEqualTo("1");
    }

    @Test
    void stateInHandIsClaimedWithoutAttributesAndAnotherOneWhole() {
        StateVersion base = created(60, Duration.ofSeconds(71));
        String token = RandomToken.next();

        assertThat(claim(token, "", base).snapshot()).isNull();
        assertThat(claim(token, "", new StateVersion(1, RandomToken.next()))
                        .snapshot()
                        .base())
                .isEqualTo(base);
    }

    @Test
    void claimedSessionIsGoneForEveryOtherCall() {
        StateVersion base = created(60, Duration.ofSeconds(71));
        claim(RandomToken.next(), "", null);

        assertThat(load(epoch, base).outcome()).isEqualTo(Outcome.GONE);
        assertThat(load(null, null).outcome()).isEqualTo(Outcome.GONE);
        assertThat(commit(base, RandomToken.next(), epoch, Map.of(), Set.of()).outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(store().commit(rename(base, RandomToken.next(), id.sibling()), budget())
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(touch(Duration.ZERO).outcome()).isEqualTo(Outcome.GONE);
        assertThat(end(RandomToken.next()).outcome()).isEqualTo(Outcome.GONE);
        assertThat(store().create(create(id, "", Map.of()), budget()).outcome()).isEqualTo(Outcome.GONE);
        assertThat(store().exists(id, budget()).there()).isFalse();
        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.GONE);
        assertThat(claim(RandomToken.next(), "n1", null).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void claimIsLoggedAsAnEndOnce() {
        created(60, Duration.ofSeconds(71));
        String token = RandomToken.next();

        ClaimReply first = claim(token, "", null);
        ClaimReply again = claim(token, "", null);
        letLeaseRunOut();
        ClaimReply other = claim(RandomToken.next(), "", null);
        finish(token);

        assertThat(first.tail().newestEntry()).isEqualTo("1:" + token + ":" + id.value() + ":end");
        assertThat(again.outcome()).isEqualTo(Outcome.OK);
        assertThat(again.snapshot().values()).containsOnlyKeys("a:x");
        assertThat(other.outcome()).isEqualTo(Outcome.OK);
        assertThat(ask("").entries())
                .containsExactly(first.tail().newestEntry())
                .containsExactly(again.tail().newestEntry())
                .containsExactly(other.tail().newestEntry());
    }

    @Test
    void sessionBeforeItsDeadlineIsNotClaimedByAnybodyButItsHolder() {
        created(60, Duration.ofSeconds(65));

        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(claim(RandomToken.next(), "n2", null).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void idleSessionIsClaimedByItsHolder() {
        StateVersion base = created(60, Duration.ofSeconds(61));

        assertThat(claim(RandomToken.next(), "n1", base).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void sessionInUseIsNotClaimedByItsHolder() {
        created(60, Duration.ofSeconds(50));

        assertThat(claim(RandomToken.next(), "n1", null).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
    }

    /** A load whose reply was lost has left an epoch that its node does not know. */
    @Test
    void idleSessionIsClaimedByItsHolderUnderAnyEpochOfItsOwn() {
        StateVersion base = created(60, Duration.ofSeconds(61));
        long idle = Duration.ofSeconds(61).toMillis();
        store().load(new Load(id, "", null, fresh("n1"), null, idle), budget());

        assertThat(claim(RandomToken.next(), "n1", base).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void idleSessionWithoutHolderIsClaimedByNobodyBeforeItsDeadline() {
        created(60, Duration.ofSeconds(61));
        store().load(new Load(id, "", epoch, fresh(""), null, 61_000), budget());

        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(claim(RandomToken.next(), "n1", null).outcome()).isEqualTo(Outcome.MISMATCH);
    }

    /** Others may have uses to tell that they could not tell while the store was away. */
    @Test
    void nothingIsClaimedWithinTheGraceAfterTheNodeReachedTheStore() {
        created(60, Duration.ofSeconds(71));
        long grace = Lifetimes.graceMillis(60);

        assertThat(claim(id, RandomToken.next(), "", grace - 1).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(claim(id, RandomToken.next(), "n1", grace - 1).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(claim(id, RandomToken.next(), "", grace).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void useThatArrivesAfterTheDeadlineComesBeforeTheClaim() {
        created(60, Duration.ofSeconds(75));
        touch(Duration.ofSeconds(5));

        assertThat(due()).isEmpty();
        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void sessionWithoutTimeoutIsNeverDue() {
        created(-1, Duration.ofDays(20));

        assertThat(due()).isEmpty();
        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(claim(RandomToken.next(), "n1", null).outcome()).isEqualTo(Outcome.MISMATCH);
    }

    @Test
    void missingSessionIsNotClaimed() {
        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.GONE);
        assertThat(finish(RandomToken.next())).isEqualTo(Outcome.GONE);
        assertThat(keys()).isZero();
    }

    @Test
    void finishedSessionLeavesATombstoneAlone() {
        created(60, Duration.ofSeconds(71));
        String token = RandomToken.next();
        claim(token, "", null);
        int before = keys();

        assertThat(finish(token)).isEqualTo(Outcome.OK);

        assertThat(finish(token)).isEqualTo(Outcome.OK);
        assertThat(finish(RandomToken.next())).isEqualTo(Outcome.GONE);
        assertThat(claim(RandomToken.next(), "", null).outcome()).isEqualTo(Outcome.GONE);
        assertThat(store().create(create(id, "", Map.of()), budget()).outcome()).isEqualTo(Outcome.GONE);
        assertThat(due()).isEmpty();
        assertThat(keys()).isLessThanOrEqualTo(before);
    }

    @Test
    void sessionIsFinishedByWhoClaimedItAlone() {
        created(60, Duration.ofSeconds(71));

        assertThat(finish(RandomToken.next())).isEqualTo(Outcome.MISMATCH);
        claim(RandomToken.next(), "", null);
        assertThat(finish(RandomToken.next())).isEqualTo(Outcome.MISMATCH);
    }

    /** E2: a claimer that pauses for longer than its lease comes back when another tells the listeners. */
    @Test
    void claimPassesOnWhenItsLeaseHasRunOut() {
        created(60, Duration.ofSeconds(71));
        String dead = RandomToken.next();
        String next = RandomToken.next();
        claim(dead, "", null);
        assertThat(due()).isEmpty();
        letLeaseRunOut();

        assertThat(due()).containsExactly(id);
        ClaimReply again = claim(next, "", null);

        assertThat(again.outcome()).isEqualTo(Outcome.OK);
        assertThat(text(again.snapshot(), "a:x")).isEqualTo("1");
        assertThat(finish(dead)).isEqualTo(Outcome.MISMATCH);
        assertThat(finish(next)).isEqualTo(Outcome.OK);
    }

    @Test
    void claimThatNobodyTookOverIsFinishedLate() {
        created(60, Duration.ofSeconds(71));
        String token = RandomToken.next();
        claim(token, "", null);
        letLeaseRunOut();

        assertThat(finish(token)).isEqualTo(Outcome.OK);
    }

    @Test
    void sessionsAreDueFromTheirDeadlineOnLongestFirstAndNoMoreThanAsked() {
        SessionId second = id.sibling();
        SessionId third = id.sibling();
        created(60, Duration.ofSeconds(80));
        store().create(create(second, 60, Duration.ofSeconds(90)), budget());
        store().create(create(third, 60, Duration.ofSeconds(65)), budget());

        assertThat(due()).containsExactly(second, id);
        assertThat(store().due(1, budget()).sessions()).containsExactly(second);
    }

    @Test
    void claimsAreAnsweredOneByOne() {
        created(60, Duration.ofSeconds(71));
        SessionId young = id.sibling();
        SessionId unknown = id.sibling();
        store().create(create(young, 60, Duration.ZERO), budget());
        String other = RandomToken.next();

        List<ClaimReply> replies = store().claim(
                        List.of(
                                claimOf(unknown, null),
                                claimOf(id, null),
                                claimOf(young, null),
                                new Claim(id, other, RandomToken.next(), "", HOUR, null)),
                        budget());
        List<FinishReply> finished = store().finish(
                        List.of(
                                new Finish(unknown, "", RandomToken.next(), 60),
                                new Finish(id, other, RandomToken.next(), 60)),
                        budget());

        assertThat(replies)
                .extracting(ClaimReply::outcome)
                .containsExactly(Outcome.GONE, Outcome.OK, Outcome.MISMATCH, Outcome.OTHER_GENERATION);
        assertThat(text(replies.get(1).snapshot(), "a:x")).isEqualTo("1");
        assertThat(finished).extracting(FinishReply::outcome).containsExactly(Outcome.GONE, Outcome.OTHER_GENERATION);
        assertThat(store().exists(young, budget()).there()).isTrue();
    }
}
