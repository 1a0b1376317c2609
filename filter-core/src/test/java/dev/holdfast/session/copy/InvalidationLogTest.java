package dev.holdfast.session.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.Epoch;
import dev.holdfast.session.Lifetimes;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionCounters;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.ShardTail;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.session.testing.HookedStore;
import dev.holdfast.session.testing.InMemorySessionStore;
import dev.holdfast.session.testing.InMemorySessionStore.Fault;
import dev.holdfast.session.testing.Site;
import dev.holdfast.session.testing.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node may believe after each answer, and each silence, of a shard. */
class InvalidationLogTest {
    private static final int SHARD = 5;

    private final Site site = new Site();
    private final HookedStore store = new HookedStore(site.store);
    private final ShardStates shards = new ShardStates(new SessionCounters(), () -> true, shard -> true, this::missed);
    private final InvalidationLog log = new InvalidationLog(store, site.ticker, Rules.ALL, shards);
    private final List<String> heard = new ArrayList<>();
    private final List<Integer> missed = new ArrayList<>();

    /** The shard has a generation, and no entry yet. */
    @BeforeEach
    void begin() {
        for (SettleStore.Step step : SettleStore.Step.values()) {
            site.store
                    .settling()
                    .join(
                            List.of(new SettleStore.Join(SHARD, "A", step, SettleStore.Waiting.WAITS, 0, Set.of())),
                            () -> true,
                            new WaitBudget(TestNode.PATIENT));
        }
    }

    @Test
    void shardIsFollowedFromTheFirstReplyOn() {
        SessionId before = end();
        long era = load();
        SessionId after = end();

        ask();

        assertThat(heard).containsExactly(after.value()).doesNotContain(before.value());
        assertThat(log.fresh(SHARD, era)).isTrue();
    }

    @Test
    void eachEntryIsHeardOnce() {
        load();
        SessionId first = end();
        ask();
        SessionId second = end();
        ask();
        ask();

        assertThat(heard).containsExactly(first.value(), second.value());
        assertThat(missed).isEmpty();
    }

    @Test
    void firstEntryOfALogThatWasEmptyIsHeard() {
        load();
        SessionId first = end();

        ask();

        assertThat(heard).containsExactly(first.value());
    }

    @Test
    void laterRepliesDoNotSkipEntriesOfOtherSessions() {
        load();
        SessionId ended = end();
        load();

        ask();

        assertThat(heard).containsExactly(ended.value());
    }

    @Test
    void freshnessLastsForTheAgeOfTheLog() {
        long era = load();

        site.pass(Lifetimes.LOG_AGE);
        assertThat(log.fresh(SHARD, era)).isTrue();
        site.pass(Duration.ofMillis(1));
        assertThat(log.fresh(SHARD, era)).isFalse();
        ask();

        assertThat(log.fresh(SHARD, era)).isTrue();
    }

    @Test
    void answerThatWasLongOnItsWayGivesNoFreshness() {
        long era = load();
        site.pass(Duration.ofSeconds(1));
        store.after("ask", () -> site.pass(Lifetimes.LOG_AGE.plusMillis(1)));

        ask();

        assertThat(log.fresh(SHARD, era)).isFalse();
    }

    @Test
    void entriesAreActedUponBeforeTheAnswerGivesTrust() {
        long era = load();
        end();
        site.pass(Lifetimes.LOG_AGE.plusMillis(1));
        List<Boolean> freshWhileHeard = new ArrayList<>();

        log.ask(shard -> shard == SHARD, (shard, entry) -> freshWhileHeard.add(log.fresh(SHARD, era)));

        assertThat(freshWhileHeard).containsExactly(false);
        assertThat(log.fresh(SHARD, era)).isTrue();
    }

    @Test
    void failedQuestionIsNoGapAndTheNextOneReadsTheSameEntries() {
        long era = load();
        SessionId ended = end();
        site.store.failNext(Fault.BEFORE);
        ask();
        assertThat(heard).isEmpty();

        ask();

        assertThat(heard).containsExactly(ended.value());
        assertThat(log.fresh(SHARD, era)).isTrue();
    }

    // ---- much at once

    /** A node that stood still while many sessions moved asked for all of it again and again, in vain. */
    @Test
    void longLogIsReadInPartsAndGivesTrustWithTheLast() {
        long era = load();
        site.store.answerAtMost(3);
        List<String> ended = List.of(end().value(), end().value(), end().value(), end().value(), end().value());
        site.pass(Lifetimes.LOG_AGE.plusMillis(1));

        ask();
        assertThat(heard).containsExactlyElementsOf(ended.subList(0, 3));
        assertThat(log.fresh(SHARD, era)).isFalse();

        ask();
        assertThat(heard).containsExactlyElementsOf(ended);
        assertThat(log.fresh(SHARD, era)).as("it may go on").isFalse();

        ask();
        assertThat(heard).containsExactlyElementsOf(ended);
        assertThat(log.fresh(SHARD, era)).isTrue();
        assertThat(missed).isEmpty();
    }

    /** What a reply told of may stand behind what came; that is no gap. */
    @Test
    void entryThatAReplyToldOfMayStandInALaterPart() {
        long era = load();
        site.store.answerAtMost(2);
        end();
        end();
        end();
        load();

        ask();
        ask();
        ask();

        assertThat(shards.era(SHARD)).isEqualTo(era);
        assertThat(heard).hasSize(3);
        assertThat(missed).isEmpty();
    }

    @Test
    void longLogOfAShardThatLostItsDataIsHeardOfInTimeOnlyAtItsEnd() {
        load();
        site.store.loseData(SHARD);
        shards.otherGeneration(SHARD, "");
        ask();
        site.store.answerAtMost(3);
        buried();
        buried();
        buried();
        site.pass(Lifetimes.LOG_AGE.plusMillis(1));

        ask();
        assertThat(log.hearsOfEnds(SHARD)).isFalse();
        ask();

        assertThat(heard).hasSize(3);
        assertThat(log.hearsOfEnds(SHARD)).isTrue();
    }

    @Test
    void trimmedLogIsAGap() {
        end();
        long era = load();
        end();
        end();
        site.store.trimLog(SHARD);

        ask();

        assertThat(log.fresh(SHARD, era)).isFalse();
        assertThat(shards.era(SHARD)).isEqualTo(era + 1);
        assertThat(missed).containsExactly(SHARD);
    }

    /**
     * A load told of entries that a failover, which nothing showed, took back before they were read. What the new
     * history wrote in their place was not above what the copy knew, so its end was taken for old news, and the session
     * was served for ever.
     */
    @Test
    void logThatLacksWhatAReplyToldOfIsAGap() {
        load();
        ask();
        InMemorySessionStore.Image early = site.store.image();
        end();
        end();
        long era = load();
        site.store.restore(early);
        end();
        end();

        ask();

        assertThat(log.fresh(SHARD, era)).isFalse();
    }

    @Test
    void questionThatOvertookAReplyNeedNotShowWhatItToldOf() {
        load();
        long[] era = new long[1];
        store.after("ask", () -> {
            end();
            era[0] = load();
        });

        ask();

        assertThat(log.fresh(SHARD, era[0])).isTrue();
    }

    @Test
    void logThatWasEmptyAndWhoseFirstEntriesAreTrimmedIsAGap() {
        long era = load();
        end();
        end();
        site.store.trimLog(SHARD);

        ask();

        assertThat(log.fresh(SHARD, era)).isFalse();
    }

    /** Hole 3 of the third check: after a failover the numbers go back and are used again. */
    @Test
    void logOfAnotherHistoryIsAGapAlsoIfItsNumbersAreTheSame() {
        InMemorySessionStore.Image early = site.store.image();
        end();
        long era = load();
        site.store.restore(early);
        end();

        ask();

        assertThat(log.fresh(SHARD, era)).isFalse();
    }

    @Test
    void logThatIsGoneIsAGap() {
        end();
        InMemorySessionStore.Image image = site.store.image();
        long era = load();
        site.store.restore(image);
        site.store.loseData();

        ask();

        assertThat(log.fresh(SHARD, era)).isFalse();
    }

    @Test
    void afterAGapOnlyALoadSentAfterTheNextGoodAnswerIsTrusted() {
        end();
        load();
        end();
        end();
        site.store.trimLog(SHARD);
        ask();

        assertThat(load()).isEqualTo(-1);
        InvalidationLog.Sent early = log.sending(SHARD);
        ask();
        assertThat(log.heard(SHARD, early, tail())).isEqualTo(-1);

        long era = load();
        assertThat(era).isNotEqualTo(-1);
        assertThat(log.fresh(SHARD, era)).isTrue();
    }

    @Test
    void loadThatWasUnderWayWhenThePrimaryChangedIsNotTrusted() {
        load();
        InvalidationLog.Sent sent = log.sending(SHARD);
        shards.otherPrimary();

        assertThat(log.heard(SHARD, sent, tail())).isEqualTo(-1);
    }

    @Test
    void otherPrimaryEndsTheTrustOfAllShards() {
        long era = load();

        shards.otherPrimary();

        assertThat(log.fresh(SHARD, era)).isFalse();
        assertThat(shards.era(SHARD + 1)).isEqualTo(1);
    }

    @Test
    void anotherGenerationEndsTheTrustOfItsShardOnly() {
        long era = load();

        shards.otherGeneration(SHARD, RandomToken.next());

        assertThat(log.fresh(SHARD, era)).isFalse();
        assertThat(missed).containsExactly(SHARD);
        assertThat(shards.era(SHARD + 1)).isZero();
    }

    @Test
    void sameGenerationHeardAgainEndsNoTrust() {
        long era = load();

        shards.otherGeneration(SHARD, tail().generation());

        assertThat(log.fresh(SHARD, era)).isTrue();
    }

    @Test
    void generationLearntFromAnAnswerIsPassedFromThenOn() {
        load();
        site.store.loseData();
        end();

        ask();

        assertThat(log.sending(SHARD).generation()).isEqualTo(tail().generation());
    }

    @Test
    void generationThatIsMissingLeavesTheShardUnsettledUntilItHasOne() {
        long era = load();
        site.store.loseData();

        ask();

        assertThat(shards.isUnsettled(SHARD)).isTrue();
        assertThat(shards.unsettled()).isEqualTo(1L << SHARD);
        assertThat(log.fresh(SHARD, era)).isFalse();
        assertThat(log.sending(SHARD).generation()).isNotEmpty();
        begin();
        shards.settled(SHARD, tail().generation());
        assertThat(shards.isUnsettled(SHARD)).isFalse();
        SessionId ended = end();
        load();
        ask();
        assertThat(heard).contains(ended.value());
    }

    @Test
    void endsOfAnUnsettledShardAreHeardOnceAndGiveNoTrust() {
        end();
        end();
        long era = load();
        site.store.loseData();
        ask();
        ask();
        assertThat(heard).isEmpty();
        SessionId first = buried();

        ask();
        ask();
        SessionId second = buried();
        ask();

        assertThat(heard).containsExactly(first.value(), second.value());
        assertThat(shards.isUnsettled(SHARD)).isTrue();
        assertThat(log.fresh(SHARD, era)).isFalse();
        site.store.loseData();
        SessionId third = buried(); // of the same number as the first
        ask();
        ask();
        assertThat(heard).contains(third.value());
    }

    /** Each answer would else look at all ends, which a logout waits for. */
    @Test
    void whatIsToBeToldIsLookedForOnlyWhereTheGenerationIsAnother() {
        int[] looks = {0};
        ShardStates counted = new ShardStates(new SessionCounters(), () -> true, shard -> looks[0]++ >= 0, shard -> {});
        InvalidationLog counting = new InvalidationLog(store, site.ticker, Rules.ALL, counted);
        ShardTail tail = tail();
        counting.heard(SHARD, counting.sending(SHARD), tail);

        counting.ask(shard -> shard == SHARD, (shard, entry) -> {});
        counted.found(SHARD, tail.generation());
        counted.otherGeneration(SHARD, tail.generation());
        assertThat(looks[0]).isZero();
        counted.otherGeneration(SHARD, RandomToken.next());

        assertThat(looks[0]).isEqualTo(1);
    }

    /** Where this node has ends to tell, it tells them before it goes by a generation that others wrote. */
    @Test
    void anotherGenerationWaitsForWhatIsToBeTold() {
        ShardStates told = new ShardStates(new SessionCounters(), () -> true, shard -> false, shard -> {});
        InvalidationLog telling = new InvalidationLog(store, site.ticker, Rules.ALL, told);
        telling.heard(SHARD, telling.sending(SHARD), tail());

        told.otherGeneration(SHARD, RandomToken.next());

        assertThat(told.isUnsettled(SHARD)).isTrue();
        assertThat(shards.isUnsettled(SHARD)).isFalse();
    }

    @Test
    void nodeThatIsNotAloneWritesNoGeneration() {
        InvalidationLog among = new InvalidationLog(
                store,
                site.ticker,
                Rules.ALL,
                new ShardStates(new SessionCounters(), () -> false, shard -> true, shard -> {}));

        assertThat(among.sending(SHARD).generation()).isEqualTo(SessionStore.UNSEEN);
        assertThat(log.sending(SHARD).generation()).isEmpty();
    }

    @Test
    void shardWithoutCopiesIsNotAskedFor() {
        load();
        store.takeCalls();

        log.ask(shard -> false, (shard, entry) -> heard.add(entry.id().value()));

        assertThat(store.takeCalls()).isEmpty();
    }

    /** The node stopped reading while the load was under way: what ended in between was handed to nobody. */
    @Test
    void loadThatWasUnderWayWhenTheShardWasLeftIsNotTrusted() {
        load();
        InvalidationLog.Sent sent = log.sending(SHARD);
        ShardTail tail = tail();
        log.ask(shard -> false, (shard, entry) -> heard.add(entry.id().value()));

        assertThat(log.heard(SHARD, sent, tail)).isEqualTo(-1);
    }

    @Test
    void replyThatWasOvertakenByAQuestionIsNotTrusted() {
        load();
        InvalidationLog.Sent sent = log.sending(SHARD);
        ShardTail old = tail();
        end();
        ask();

        assertThat(log.heard(SHARD, sent, old)).isEqualTo(-1);
    }

    @Test
    void foreignMembersAreSkippedNotFatal() {
        String id = id().value();

        assertThat(LogEntry.parse("1:t:" + id)).isNotNull();
        assertThat(LogEntry.parse("rubbish")).isNull();
        assertThat(LogEntry.parse("1:t:no id")).isNull();
        assertThat(LogEntry.parse("0:t:" + id)).isNull();
        assertThat(LogEntry.parse("-1:t:" + id)).isNull();
        assertThat(LogEntry.parse("1:t:" + id + ":nonsense")).isNull();
        assertThat(LogEntry.parse("9999999999999999999:t:" + id)).isNull();
    }

    @Test
    void entriesTellMovesFromEnds() {
        String id = id().value();
        String move = "7:mark.n1:" + id;
        String moveToNobody = "7:mark.:" + id;
        String end = "12:token:" + id + ":end";

        assertThat(LogEntry.parse(move))
                .isEqualTo(new LogEntry(move, 7, "mark.n1", "n1", new SessionId(id), false, false));
        assertThat(LogEntry.parse(moveToNobody))
                .isEqualTo(new LogEntry(moveToNobody, 7, "mark.", "", new SessionId(id), false, false));
        assertThat(LogEntry.parse(end)).isEqualTo(new LogEntry(end, 12, "token", "", new SessionId(id), true, false));
        String renamed = "13:token:" + id + ":moved";
        assertThat(LogEntry.parse(renamed))
                .isEqualTo(new LogEntry(renamed, 13, "token", "", new SessionId(id), true, true));
        assertThat(LogEntry.parse("13:token:" + id + ":else")).isNull();
    }

    private void missed(int shard) {
        missed.add(shard);
    }

    /** Takes the reply of a load that asks now. */
    private long load() {
        return log.heard(SHARD, log.sending(SHARD), tail());
    }

    private ShardTail tail() {
        return site.store
                .load(
                        new SessionStore.Load(id(), "", null, Epoch.fresh("n1"), null, 0),
                        new WaitBudget(Duration.ofSeconds(1)))
                .tail();
    }

    /** An end that a node tells the store again. */
    private SessionId buried() {
        SessionId ended = id();
        site.store
                .settling()
                .bury(
                        List.of(new Tombstone(ended, RandomToken.next(), Tombstone.How.ENDED, 1800)),
                        new WaitBudget(TestNode.PATIENT));
        return ended;
    }

    private SessionId end() {
        SessionId ended = id();
        site.store.end(
                new SessionStore.End(ended, "", RandomToken.next(), 1800, StateVersion.NONE),
                new WaitBudget(Duration.ofSeconds(1)));
        return ended;
    }

    private static SessionId id() {
        return new SessionId("05" + SessionId.random().value().substring(2));
    }

    private void ask() {
        log.ask(shard -> shard == SHARD, (shard, entry) -> heard.add(entry.id().value()));
    }
}
