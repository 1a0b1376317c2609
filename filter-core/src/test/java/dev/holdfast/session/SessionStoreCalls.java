package dev.holdfast.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.SessionStore.Create;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.EndReply;
import dev.holdfast.session.SessionStore.Load;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.ShardAnswer;
import dev.holdfast.session.SessionStore.ShardQuestion;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.SessionStore.TouchReply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A session in a {@link SessionStore}, and the calls that {@link SessionStoreContract} is written with. */
public abstract class SessionStoreCalls {
    protected static final int MAX_INACTIVE = 1800;
    protected static final long HOUR = Duration.ofHours(1).toMillis();
    protected static final long CREATED = 1_690_000_000_123L;

    protected final SessionId id = SessionId.random();
    protected final Epoch epoch = Epoch.fresh("n1");

    protected abstract SessionStore store();

    /** Number of keys stored. */
    protected abstract int keys();

    /** Makes the lease of the session's claim end in the past. */
    protected abstract void letLeaseRunOut();

    protected static WaitBudget budget() {
        return new WaitBudget(Duration.ofSeconds(10));
    }

    protected static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    protected static String text(SessionSnapshot snapshot, String field) {
        return new String(snapshot.values().get(field).bytes(), UTF_8);
    }

    protected static Epoch fresh(String route) {
        return Epoch.fresh(route);
    }

    protected Create create(SessionId newId, String generation, Map<String, byte[]> values) {
        return new Create(
                newId, generation, RandomToken.next(), epoch, RandomToken.next(), CREATED, MAX_INACTIVE, 0, values);
    }

    /** Creates the session with {@code a:x = 1}. */
    protected StateVersion created() {
        return created(MAX_INACTIVE, Duration.ZERO);
    }

    protected StateVersion created(int maxInactive, Duration useAge) {
        String stamp = RandomToken.next();
        CommitReply reply = store().create(
                        new Create(
                                id,
                                "",
                                stamp,
                                epoch,
                                RandomToken.next(),
                                CREATED,
                                maxInactive,
                                useAge.toMillis(),
                                Map.of("a:x", bytes("1"))),
                        budget());
        assertThat(reply.outcome()).isEqualTo(Outcome.OK);
        return new StateVersion(1, stamp);
    }

    protected LoadReply roamingLoad() {
        return store().load(new Load(id, "", null, fresh(""), null, 0), budget());
    }

    protected LoadReply load(@Nullable Epoch presented, @Nullable StateVersion known) {
        return store().load(new Load(id, "", presented, fresh("n1"), known, 0), budget());
    }

    protected CommitReply commit(
            StateVersion base, String stamp, Epoch admitted, Map<String, byte[]> writes, Set<String> removes) {
        return store().commit(
                        new Commit(id, "", base, stamp, admitted, fresh("n1"), MAX_INACTIVE, 0, writes, removes, null),
                        budget());
    }

    protected Commit rename(StateVersion base, String stamp, SessionId newId) {
        return new Commit(id, "", base, stamp, epoch, fresh("n1"), MAX_INACTIVE, 0, Map.of(), Set.of(), newId);
    }

    protected TouchReply touch(Duration useAge) {
        return store().touch(List.of(new Touch(id, "", MAX_INACTIVE, useAge.toMillis())), budget())
                .get(0);
    }

    protected EndReply end(String stamp) {
        return store().end(new End(id, "", stamp, MAX_INACTIVE, StateVersion.NONE), budget());
    }

    protected Create create(SessionId newId, int maxInactive, Duration useAge) {
        return new Create(
                newId,
                "",
                RandomToken.next(),
                epoch,
                RandomToken.next(),
                CREATED,
                maxInactive,
                useAge.toMillis(),
                Map.of());
    }

    protected static Claim claimOf(SessionId claimed, @Nullable StateVersion known) {
        return new Claim(claimed, "", RandomToken.next(), "", HOUR, known);
    }

    protected ClaimReply claim(String token, String holder, @Nullable StateVersion known) {
        return store().claim(List.of(new Claim(id, "", token, holder, HOUR, known)), budget())
                .get(0);
    }

    protected ClaimReply claim(SessionId claimed, String token, String holder, long reachedMillis) {
        return store().claim(List.of(new Claim(claimed, "", token, holder, reachedMillis, null)), budget())
                .get(0);
    }

    protected @Nullable Outcome finish(String token) {
        return store().finish(List.of(new Finish(id, "", token, MAX_INACTIVE)), budget())
                .get(0)
                .outcome();
    }

    protected List<SessionId> due() {
        return store().due(100, budget()).sessions();
    }

    protected ShardAnswer ask(String from) {
        return store().ask(List.of(new ShardQuestion(id.shard(), from, "")), budget())
                .get(0);
    }
}
