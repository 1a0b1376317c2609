package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Written;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link SessionStore} does with a session that is created, loaded, committed, or changes its id. */
public abstract class SessionWriteContract extends SessionStoreCalls {
    // ---- create

    @Test
    void createdSessionIsLoadedAsItWas() {
        String internalId = RandomToken.next();
        String stamp = RandomToken.next();
        Map<String, byte[]> values = Map.of("a:name", bytes("Ada"), "h:principal", bytes("x|y|z"));

        CommitReply created =
                store().create(new Create(id, "", stamp, epoch, internalId, CREATED, 600, 0, values), budget());
        LoadReply loaded = load(epoch, null);

        assertThat(created.outcome()).isEqualTo(Outcome.OK);
        assertThat(created.epoch()).isEqualTo(epoch);
        assertThat(loaded.outcome()).isEqualTo(Outcome.OK);
        SessionSnapshot snapshot = loaded.snapshot();
        assertThat(snapshot.base()).isEqualTo(new StateVersion(1, stamp));
        assertThat(snapshot.createdMillis()).isEqualTo(CREATED);
        assertThat(snapshot.maxInactiveSeconds()).isEqualTo(600);
        assertThat(snapshot.internalId()).isEqualTo(internalId);
        assertThat(snapshot.values()).containsOnlyKeys("a:name", "h:principal");
        assertThat(text(snapshot, "h:principal")).isEqualTo("x|y|z");
        assertThat(snapshot.values().get("a:name").writtenBy()).isEqualTo(new StateVersion(1, stamp));
    }

    @Test
    void repeatedCreationFindsItsOwnWork() {
        Create create = create(id, "", Map.of("a:x", bytes("1")));

        CommitReply first = store().create(create, budget());
        CommitReply second = store().create(create, budget());

        assertThat(second.outcome()).isEqualTo(Outcome.OK);
        assertThat(second.epoch()).isEqualTo(epoch);
        assertThat(second.tail()).isEqualTo(first.tail());
        assertThat(load(null, null).snapshot().base().version()).isEqualTo(1);
    }

    @Test
    void creationOverAnotherSessionIsAMismatch() {
        StateVersion base = created();

        CommitReply other = store().create(create(id, "", Map.of("a:x", bytes("2"))), budget());

        assertThat(other.outcome()).isEqualTo(Outcome.MISMATCH);
        // Who has created it himself, unanswered, knows it by its internal id.
        assertThat(other.epoch()).isEqualTo(epoch);
        assertThat(other.snapshot().base()).isEqualTo(base);
        assertThat(other.snapshot().internalId())
                .isEqualTo(load(null, null).snapshot().internalId())
                .isNotEmpty();
    }

    @Test
    void repeatedCreationDoesNotBringAnEndedSessionBack() {
        Create create = create(id, "", Map.of());
        store().create(create, budget());
        end(RandomToken.next());

        assertThat(store().create(create, budget()).outcome()).isEqualTo(Outcome.GONE);
        assertThat(load(null, null).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void emptyAndLargeValuesComeBackByteForByte() {
        byte[] large = new byte[1024 * 1024];
        new Random(1).nextBytes(large);
        store().create(create(id, "", Map.of("a:empty", new byte[0], "a:large", large)), budget());

        SessionSnapshot snapshot = load(null, null).snapshot();

        assertThat(snapshot.values().get("a:empty").bytes()).isEmpty();
        assertThat(snapshot.values().get("a:large").bytes()).isEqualTo(large);
    }

    @Test
    void thousandsOfAttributesAreOneSession() {
        Map<String, byte[]> values = new java.util.HashMap<>();
        for (int i = 0; i < 5000; i++) {
            values.put("a:" + i, bytes("v" + i));
        }
        CommitReply created = store().create(create(id, "", values), budget());
        StateVersion base = load(null, null).snapshot().base();

        CommitReply removed = store().commit(
                        new Commit(
                                id,
                                "",
                                base,
                                RandomToken.next(),
                                epoch,
                                fresh("n1"),
                                60,
                                0,
                                Map.of(),
                                values.keySet(),
                                null),
                        budget());

        assertThat(created.outcome()).isEqualTo(Outcome.OK);
        assertThat(removed.outcome()).isEqualTo(Outcome.OK);
        assertThat(load(null, null).snapshot().values()).isEmpty();
    }

    @Test
    void namesOfAttributesMayBeAnyText() {
        store().create(create(id, "", Map.of("a:ключ|1 :{}", bytes("v"))), budget());

        assertThat(load(null, null).snapshot().values()).containsOnlyKeys("a:ключ|1 :{}");
    }

    // ---- load

    @Test
    void unknownIdIsGoneAndLeavesNoKey() {
        LoadReply reply = load(epoch, null);

        assertThat(reply.outcome()).isEqualTo(Outcome.GONE);
        assertThat(reply.tail()).isEqualTo(ShardTail.EMPTY);
        assertThat(store().exists(id, budget()).there()).isFalse();
        assertThat(keys()).isZero();
    }

    @Test
    void epochThatComesBackToItsHolderIsConfirmedAndNothingMoves() {
        CommitReply created = store().create(create(id, "", Map.of()), budget());

        LoadReply reply = load(epoch, null);

        assertThat(reply.confirmed()).isTrue();
        assertThat(reply.epoch()).isEqualTo(epoch);
        assertThat(reply.tail()).isEqualTo(created.tail());
    }

    @Test
    void requestWithoutTheEpochMovesItAndTheLogSaysSo() {
        created();
        Epoch fresh = fresh("n2");

        LoadReply reply = store().load(new Load(id, "", null, fresh, null, 0), budget());

        assertThat(reply.confirmed()).isFalse();
        assertThat(reply.epoch()).isEqualTo(fresh);
        assertThat(reply.tail().newestEntry()).isEqualTo("1:" + fresh.text() + ":" + id.value());
    }

    @Test
    void epochOfAnotherNodeIsNeverConfirmedHere() {
        created();
        Epoch fresh = fresh("n2");

        LoadReply reply = store().load(new Load(id, "", epoch, fresh, null, 0), budget());

        assertThat(reply.confirmed()).isFalse();
        assertThat(reply.epoch()).isEqualTo(fresh);
    }

    @Test
    void loadThatIsSentAgainMovesTheEpochOnce() {
        created();
        Load load = new Load(id, "", null, fresh("n2"), null, 0);

        LoadReply first = store().load(load, budget());
        LoadReply second = store().load(load, budget());

        assertThat(second.epoch()).isEqualTo(load.fresh());
        assertThat(second.confirmed()).isFalse();
        assertThat(second.tail()).isEqualTo(first.tail());
    }

    @Test
    void knownStateComesWithoutAttributesAndAnotherOneWhole() {
        StateVersion base = created();

        assertThat(load(epoch, base).snapshot()).isNull();
        assertThat(load(epoch, new StateVersion(base.version(), RandomToken.next()))
                        .snapshot()
                        .base())
                .isEqualTo(base);
        assertThat(load(epoch, new StateVersion(base.version() + 1, base.stamp()))
                        .snapshot()
                        .base())
                .isEqualTo(base);
    }

    @Test
    void roamingNodeTakesTheRightFromAHolderOnce() {
        created();
        Epoch first = fresh("");
        Epoch second = fresh("");

        LoadReply moved = store().load(new Load(id, "", epoch, first, null, 0), budget());
        LoadReply stays = store().load(new Load(id, "", first, second, null, 0), budget());

        assertThat(moved.epoch()).isEqualTo(first);
        assertThat(moved.tail().newestEntry()).isEqualTo("1:" + first.text() + ":" + id.value());
        assertThat(stays.epoch()).isEqualTo(first);
        assertThat(stays.confirmed()).isFalse();
        assertThat(stays.tail()).isEqualTo(moved.tail());
    }

    @Test
    void holderTakesTheRightFromNobody() {
        Epoch nobody = fresh("");
        store().create(
                        new Create(id, "", RandomToken.next(), nobody, RandomToken.next(), 0, 60, 0, Map.of()),
                        budget());
        Epoch fresh = fresh("n1");

        assertThat(store().load(new Load(id, "", nobody, fresh, null, 0), budget())
                        .epoch())
                .isEqualTo(fresh);
    }

    @Test
    void timeSinceTheLastUseIsTheStores() {
        created(MAX_INACTIVE, Duration.ofSeconds(100));

        assertThat(load(epoch, null).sinceUseMillis()).isBetween(100_000L, 130_000L);
        assertThat(load(epoch, null).sinceUseMillis()).isLessThan(30_000L);
    }

    @Test
    void sessionPastItsDeadlineIsGoneForLoads() {
        long grace = Lifetimes.graceMillis(MAX_INACTIVE);
        created(MAX_INACTIVE, Duration.ofSeconds(MAX_INACTIVE).plusMillis(grace).plusMillis(1));

        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.GONE);
        assertThat(store().exists(id, budget()).there()).isFalse();
    }

    @Test
    void sessionPastMaxInactiveButBeforeItsDeadlineIsThere() {
        created(MAX_INACTIVE, Duration.ofSeconds(MAX_INACTIVE + 5));

        assertThat(store().exists(id, budget()).there()).isTrue();
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
    }

    /** Nobody has a use of it to tell that is older: an idle logout is to be one. */
    @Test
    void sessionIsGoneForLoadsOfRoamingNodesTwoSecondsAfterItsTimeout() {
        created(MAX_INACTIVE, Duration.ofSeconds(MAX_INACTIVE).plusMillis(2001));

        assertThat(roamingLoad().outcome()).isEqualTo(Outcome.GONE);
        assertThat(load(epoch, null).outcome()).as("for others it is there").isEqualTo(Outcome.OK);
        assertThat(roamingLoad().outcome()).as("used since").isEqualTo(Outcome.OK);
    }

    @Test
    void sessionBeforeItsTimeoutIsThereForLoadsOfRoamingNodes() {
        created(MAX_INACTIVE, Duration.ofSeconds(MAX_INACTIVE - 30));

        assertThat(roamingLoad().outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void sessionWithoutTimeoutStaysForLoadsOfRoamingNodesToo() {
        created(0, Duration.ofDays(10));

        assertThat(roamingLoad().outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void sessionWithoutTimeoutStaysHoweverOldItsUse() {
        created(0, Duration.ofDays(10));

        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
        assertThat(store().exists(id, budget()).there()).isTrue();
    }

    // ---- commit

    @Test
    void commitWritesAndRemovesAndLeavesTheRest() {
        store().create(create(id, "", Map.of("a:x", bytes("1"), "a:y", bytes("2"), "a:z", bytes("3"))), budget());
        StateVersion base = load(epoch, null).snapshot().base();
        String stamp = RandomToken.next();

        CommitReply reply = commit(base, stamp, epoch, Map.of("a:x", bytes("4")), Set.of("a:y"));
        SessionSnapshot snapshot = load(epoch, null).snapshot();

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.epoch()).isEqualTo(epoch);
        assertThat(reply.repeated()).isFalse();
        assertThat(snapshot.base()).isEqualTo(new StateVersion(2, stamp));
        assertThat(snapshot.values()).containsOnlyKeys("a:x", "a:z");
        assertThat(text(snapshot, "a:x")).isEqualTo("4");
        assertThat(snapshot.values().get("a:x").writtenBy()).isEqualTo(new StateVersion(2, stamp));
        assertThat(snapshot.values().get("a:z").writtenBy()).isEqualTo(base);
    }

    @Test
    void commitOnAnOlderBaseIsAMismatchAndDoesNothing() {
        StateVersion base = created();
        commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("new")), Set.of());

        CommitReply late = commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("old")), Set.of());

        assertThat(late.outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("new");
    }

    /** What the node needs to merge, and to say who was faster, comes with the mismatch. */
    @Test
    void mismatchBringsTheWholeSessionAndItsHolder() {
        StateVersion base = created();
        String stamp = RandomToken.next();
        commit(base, stamp, epoch, Map.of("a:x", bytes("new")), Set.of());

        CommitReply late = commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("old")), Set.of());

        SessionSnapshot stored = late.snapshot();
        assertThat(late.epoch()).isEqualTo(epoch);
        assertThat(stored).isNotNull();
        assertThat(stored.base()).isEqualTo(base.next(stamp));
        assertThat(text(stored, "a:x")).isEqualTo("new");
        assertThat(stored.values().get("a:x").writtenBy()).isEqualTo(base.next(stamp));
    }

    @Test
    void severalSessionsAreWrittenEachWithAnOutcomeOfItsOwn() {
        StateVersion base = created();
        SessionId other = SessionId.random();
        Create creation = create(other, "", Map.of("a:x", bytes("new")));
        Commit commit = write(id, "", base, "2");
        Commit twin = write(id, "", base, "3");
        Commit ofNobody = write(SessionId.random(), "", base, "4");
        Commit ofAnotherTime = write(id, RandomToken.next(), base, "5");

        List<Written> written =
                store().write(List.of(creation, commit, twin, ofNobody, ofAnotherTime, creation), budget());

        assertThat(written).extracting(Written::failure).containsOnlyNulls();
        assertThat(written)
                .extracting(each -> each.reply().outcome())
                .containsExactly(
                        Outcome.OK, Outcome.OK, Outcome.MISMATCH, Outcome.GONE, Outcome.OTHER_GENERATION, Outcome.OK);
        SessionSnapshot met = written.get(2).reply().snapshot();
        assertThat(met.base()).isEqualTo(base.next(commit.stamp()));
        assertThat(text(met, "a:x")).isEqualTo("2");
        assertThat(written.get(2).reply().epoch()).isEqualTo(epoch);
        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("2");
        LoadReply loaded = store().load(new Load(other, "", epoch, fresh("n1"), null, 0), budget());
        assertThat(text(loaded.snapshot(), "a:x")).isEqualTo("new");
    }

    private Commit write(SessionId written, String generation, StateVersion base, String value) {
        return new Commit(
                written,
                generation,
                base,
                RandomToken.next(),
                epoch,
                fresh("n1"),
                MAX_INACTIVE,
                0,
                Map.of("a:x", bytes(value)),
                Set.of(),
                null);
    }

    @Test
    void loadSaysWhoHeldTheSessionBefore() {
        created();

        LoadReply taken = load(null, null);
        LoadReply confirmed = load(taken.epoch(), null);

        assertThat(taken.before()).isEqualTo(epoch);
        assertThat(confirmed.before()).isEqualTo(taken.epoch());
    }

    @Test
    void commitOnTheSameVersionOfAnotherHistoryIsAMismatch() {
        StateVersion base = created();

        CommitReply reply = commit(
                new StateVersion(base.version(), RandomToken.next()),
                RandomToken.next(),
                epoch,
                Map.of("a:x", bytes("2")),
                Set.of());

        assertThat(reply.outcome()).isEqualTo(Outcome.MISMATCH);
    }

    @Test
    void repeatedCommitIsAppliedOnce() {
        StateVersion base = created();
        String stamp = RandomToken.next();
        commit(base, stamp, epoch, Map.of("a:x", bytes("2")), Set.of());

        CommitReply again = commit(base, stamp, epoch, Map.of("a:x", bytes("2")), Set.of());

        assertThat(again.outcome()).isEqualTo(Outcome.OK);
        assertThat(load(epoch, null).snapshot().base()).isEqualTo(new StateVersion(2, stamp));
    }

    @Test
    void lateTwinOfACommitDoesNotOverwriteTheNextOne() {
        StateVersion base = created();
        String stamp = RandomToken.next();
        commit(base, stamp, epoch, Map.of("a:x", bytes("2")), Set.of());
        commit(base.next(stamp), RandomToken.next(), epoch, Map.of("a:x", bytes("3")), Set.of());

        assertThat(commit(base, stamp, epoch, Map.of("a:x", bytes("2")), Set.of())
                        .outcome())
                .isEqualTo(Outcome.MISMATCH);
        assertThat(text(load(epoch, null).snapshot(), "a:x")).isEqualTo("3");
    }

    @Test
    void commitUnderAnotherEpochMovesItAndTheLogSaysSo() {
        StateVersion base = created();
        Epoch other = fresh("n2");
        Epoch own = fresh("n1");
        store().load(new Load(id, "", null, other, base, 0), budget());

        CommitReply reply = store().commit(
                        new Commit(
                                id,
                                "",
                                base,
                                RandomToken.next(),
                                epoch,
                                own,
                                MAX_INACTIVE,
                                0,
                                Map.of("a:x", bytes("2")),
                                Set.of(),
                                null),
                        budget());

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.epoch()).isEqualTo(own);
        assertThat(reply.tail().newestEntry()).isEqualTo("2:" + own.text() + ":" + id.value());
    }

    @Test
    void commitWithoutAdmittedEpochMovesIt() {
        StateVersion base = created();
        Epoch own = fresh("n1");

        CommitReply reply = store().commit(
                        new Commit(
                                id,
                                "",
                                base,
                                RandomToken.next(),
                                null,
                                own,
                                60,
                                0,
                                Map.of("a:x", bytes("2")),
                                Set.of(),
                                null),
                        budget());

        assertThat(reply.epoch()).isEqualTo(own);
    }

    @Test
    void roamingCommitMovesOnlyAnEpochThatHasAHolder() {
        StateVersion base = created();
        Epoch nobody = fresh("");
        String stamp = RandomToken.next();

        CommitReply moved = store().commit(
                        new Commit(id, "", base, stamp, null, nobody, 60, 0, Map.of("a:x", bytes("2")), Set.of(), null),
                        budget());
        CommitReply stays = store().commit(
                        new Commit(
                                id,
                                "",
                                base.next(stamp),
                                RandomToken.next(),
                                null,
                                fresh(""),
                                60,
                                0,
                                Map.of("a:x", bytes("3")),
                                Set.of(),
                                null),
                        budget());

        assertThat(moved.epoch()).isEqualTo(nobody);
        assertThat(stays.epoch()).isEqualTo(nobody);
        assertThat(stays.tail()).isEqualTo(moved.tail());
    }

    @Test
    void repeatedCommitAnswersThePresentEpoch() {
        StateVersion base = created();
        String stamp = RandomToken.next();
        Epoch own = fresh("n1");
        Commit commit = new Commit(id, "", base, stamp, null, own, 60, 0, Map.of("a:x", bytes("2")), Set.of(), null);
        store().commit(commit, budget());
        Epoch other = fresh("n2");
        store().load(new Load(id, "", null, other, null, 0), budget());

        assertThat(store().commit(commit, budget()).epoch()).isEqualTo(other);
    }

    @Test
    void commitWithoutAttributesChangesMaxInactive() {
        StateVersion base = created();
        String stamp = RandomToken.next();

        store().commit(new Commit(id, "", base, stamp, epoch, fresh("n1"), 77, 0, Map.of(), Set.of(), null), budget());

        SessionSnapshot snapshot = load(epoch, null).snapshot();
        assertThat(snapshot.maxInactiveSeconds()).isEqualTo(77);
        assertThat(snapshot.base()).isEqualTo(new StateVersion(2, stamp));
    }

    @Test
    void commitRevivesASessionPastItsDeadline() {
        StateVersion base = created(60, Duration.ofSeconds(75));

        CommitReply reply = commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of());

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void commitAfterTheEndIsGoneAndBringsNothingBack() {
        StateVersion base = created();
        end(RandomToken.next());

        assertThat(commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of())
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(store().exists(id, budget()).there()).isFalse();
    }

    @Test
    void commitOfAnUnknownSessionIsGoneAndLeavesNoKey() {
        assertThat(commit(new StateVersion(1, RandomToken.next()), RandomToken.next(), epoch, Map.of(), Set.of())
                        .outcome())
                .isEqualTo(Outcome.GONE);
        assertThat(keys()).isZero();
    }

    // ---- change of id

    @Test
    void changeOfIdKeepsTheSessionAndEndsTheOldId() {
        StateVersion base = created();
        SessionId newId = id.sibling();
        String stamp = RandomToken.next();

        CommitReply reply = store().commit(rename(base, stamp, newId), budget());

        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        assertThat(reply.epoch()).isEqualTo(epoch);
        assertThat(reply.tail().newestEntry()).isEqualTo("1:" + stamp + ":" + id.value() + ":moved");
        assertThat(load(epoch, null).outcome()).isEqualTo(Outcome.RENAMED);
        assertThat(load(epoch, base).outcome()).isEqualTo(Outcome.RENAMED);
        assertThat(touch(Duration.ZERO).outcome()).isEqualTo(Outcome.RENAMED);
        assertThat(store().exists(id, budget()).there()).isFalse();
        LoadReply renamed = store().load(new Load(newId, "", epoch, fresh("n1"), null, 0), budget());
        assertThat(renamed.confirmed()).isTrue();
        assertThat(renamed.snapshot().base()).isEqualTo(new StateVersion(2, stamp));
        assertThat(text(renamed.snapshot(), "a:x")).isEqualTo("1");
    }

    @Test
    void repeatedChangeOfIdFindsItsOwnWork() {
        StateVersion base = created();
        Commit rename = rename(base, RandomToken.next(), id.sibling());
        CommitReply first = store().commit(rename, budget());

        CommitReply second = store().commit(rename, budget());

        assertThat(second.outcome()).isEqualTo(Outcome.OK);
        assertThat(second.epoch()).isEqualTo(epoch);
        assertThat(second.tail()).isEqualTo(first.tail());
    }

    @Test
    void repeatedChangeOfIdSaysIfTheNewIdWasChanged() {
        StateVersion base = created();
        String stamp = RandomToken.next();
        Commit rename = rename(base, stamp, id.sibling());
        store().commit(rename, budget());
        Commit again = new Commit(
                rename.newId(),
                "",
                new StateVersion(2, stamp),
                RandomToken.next(),
                epoch,
                fresh("n1"),
                MAX_INACTIVE,
                0,
                Map.of(),
                Set.of(),
                id.sibling());
        assertThat(store().commit(again, budget()).outcome()).isEqualTo(Outcome.OK);

        assertThat(store().commit(rename, budget()).outcome()).isEqualTo(Outcome.RENAMED);
    }

    @Test
    void repeatedChangeOfIdIsGoneIfTheNewIdWasEnded() {
        StateVersion base = created();
        Commit rename = rename(base, RandomToken.next(), id.sibling());
        store().commit(rename, budget());
        store().end(new End(rename.newId(), "", RandomToken.next(), 60, StateVersion.NONE), budget());

        assertThat(store().commit(rename, budget()).outcome()).isEqualTo(Outcome.GONE);
    }

    @Test
    void commitOfANeighbourUnderTheOldIdIsRefused() {
        StateVersion base = created();
        store().commit(rename(base, RandomToken.next(), id.sibling()), budget());

        assertThat(commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of())
                        .outcome())
                .isEqualTo(Outcome.RENAMED);
    }

    @Test
    void changeOfIdOnAnOlderBaseIsAMismatch() {
        StateVersion base = created();
        commit(base, RandomToken.next(), epoch, Map.of("a:x", bytes("2")), Set.of());
        Commit rename = rename(base, RandomToken.next(), id.sibling());

        assertThat(store().commit(rename, budget()).outcome()).isEqualTo(Outcome.MISMATCH);
        assertThat(store().exists(rename.newId(), budget()).there()).isFalse();
        assertThat(store().exists(id, budget()).there()).isTrue();
    }
}
