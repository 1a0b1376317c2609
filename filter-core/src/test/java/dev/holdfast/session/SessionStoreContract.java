package dev.holdfast.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.EndReply;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.ShardAnswer;
import dev.holdfast.session.SessionStore.ShardQuestion;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SessionStore} has to do, whatever it is made of: what {@link SessionWriteContract} and {@link
 * SessionEndContract} say, and here, with the generation and the log of a shard.
 */
public abstract class SessionStoreContract extends SessionEndContract {
    // ---- generation and log

    @Test
    void callWithAnotherGenerationDoesNothing() {
        StateVersion base = created();
        LoadReply before = load(epoch, base);
        String other = RandomToken.next();

        CommitReply create = store().create(create(id.sibling(), other, Map.of()), budget());
        LoadReply load = store().load(new Load(id, other, null, fresh("n2"), null, 0), budget());
        CommitReply commit = store().commit(
                        new Commit(
                                id,
                                other,
                                base,
                                RandomToken.next(),
                                epoch,
                                fresh("n1"),
                                60,
                                0,
                                Map.of(),
                                Set.of(),
                                null),
                        budget());
        EndReply end = store().end(new End(id, other, RandomToken.next(), 60, StateVersion.NONE), budget());

        assertThat(List.of(create.outcome(), load.outcome(), commit.outcome(), end.outcome()))
                .containsOnly(Outcome.OTHER_GENERATION);
        assertThat(List.of(create.tail(), load.tail(), commit.tail(), end.tail()))
                .containsOnly(before.tail());
        LoadReply after = load(epoch, base);
        assertThat(after.confirmed()).isTrue();
        assertThat(after.snapshot()).isNull();
    }

    @Test
    void callWithAGenerationThatIsMissingDoesNothing() {
        CommitReply reply = store().create(create(id, RandomToken.next(), Map.of()), budget());

        assertThat(reply.outcome()).isEqualTo(Outcome.OTHER_GENERATION);
        assertThat(reply.tail().generation()).isEmpty();
        assertThat(keys()).isZero();
    }

    @Test
    void nodeThatIsNotAloneWritesNoGenerationAndGoesByOneThatItNeverSaw() {
        CommitReply early = store().create(create(id.sibling(), SessionStore.UNSEEN, Map.of()), budget());
        LoadReply earlyLoad = store().load(new Load(id, SessionStore.UNSEEN, null, fresh("n2"), null, 0), budget());

        assertThat(List.of(early.outcome(), earlyLoad.outcome())).containsOnly(Outcome.OTHER_GENERATION);
        assertThat(keys()).isZero();
        created();
        assertThat(store().create(create(id.sibling(), SessionStore.UNSEEN, Map.of()), budget())
                        .outcome())
                .isEqualTo(Outcome.OK);
    }

    @Test
    void firstSessionOfAShardWritesItsGeneration() {
        String generation =
                store().create(create(id, "", Map.of()), budget()).tail().generation();

        assertThat(generation).hasSize(RandomToken.LENGTH);
        assertThat(store().create(create(id.sibling(), "", Map.of()), budget())
                        .tail()
                        .generation())
                .isEqualTo(generation);
        assertThat(store().load(new Load(id, generation, epoch, fresh("n1"), null, 0), budget())
                        .outcome())
                .isEqualTo(Outcome.OK);
    }

    @Test
    void questionIsAnsweredFromTheNodesLastEntryOn() {
        created();
        String first = end(RandomToken.next()).tail().newestEntry();
        SessionId second = id.sibling();
        String last = store().end(new End(second, "", RandomToken.next(), 60, StateVersion.NONE), budget())
                .tail()
                .newestEntry();

        assertThat(ask("").entries()).containsExactly(first, last);
        assertThat(ask(first).entries()).containsExactly(first, last);
        assertThat(ask(last).entries()).containsExactly(last);
        assertThat(ask(last).generation()).isEqualTo(load(null, null).tail().generation());
    }

    @Test
    void questionAboutAnotherHistoryDoesNotBeginWithItsEntry() {
        created();
        end(RandomToken.next());

        String mine = "1:" + RandomToken.next() + ":" + id.value() + ":end";

        assertThat(ask(mine).entries()).doesNotContain(mine).hasSize(1);
        assertThat(ask("7:" + RandomToken.next() + ":" + id.value() + ":end").entries())
                .isEmpty();
    }

    @Test
    void questionInAnEmptyShardWritesNothing() {
        ShardAnswer answer = ask("");

        assertThat(answer.generation()).isEmpty();
        assertThat(answer.entries()).isEmpty();
        assertThat(keys()).isZero();
    }

    @Test
    void questionsAreAnsweredInOrder() {
        created();
        String entry = end(RandomToken.next()).tail().newestEntry();
        int other = (id.shard() + 1) % SessionId.SHARDS;

        List<@Nullable ShardAnswer> answers =
                store().ask(List.of(new ShardQuestion(other, "", ""), new ShardQuestion(id.shard(), "", "")), budget());

        assertThat(answers).hasSize(2);
        assertThat(answers.get(0).entries()).isEmpty();
        assertThat(answers.get(1).entries()).containsExactly(entry);
    }
}
