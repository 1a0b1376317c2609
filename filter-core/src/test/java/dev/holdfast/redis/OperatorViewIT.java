package dev.holdfast.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.OperatorView.End;
import dev.holdfast.redis.StoredSession.State;
import dev.holdfast.session.Epoch;
import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.LogEntry;
import dev.holdfast.session.NodeRegistry.EntryKind;
import dev.holdfast.session.NodeRegistry.Order;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.Commit;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an operator sees and does, with the rights of a node. */
class OperatorViewIT {
    @RegisterExtension
    static final AuditedRedis redis = new AuditedRedis();

    private final RedisSessionStore store = new RedisSessionStore(redis.server(), "shop");
    private final OperatorView view = new OperatorView(redis.server(), "shop", OneSession::budget);

    private SessionId create(int maxInactiveSeconds) {
        OneSession session = new OneSession();
        session.create(store, "1", OneSession.budget(), maxInactiveSeconds);
        return session.id();
    }

    /** As a node that looks for what is due. */
    private ClaimReply claimAsNode(SessionId id, String token) {
        return store.claim(List.of(new Claim(id, "", token, "", 0, null)), OneSession.budget())
                .get(0);
    }

    @Test
    void sessionIsShownAsItIsStored() {
        OneSession created = new OneSession();
        created.create(store, "four");

        StoredSession session = view.find(created.id());

        assertThat(session).isNotNull();
        assertThat(session.state()).isEqualTo(State.LIVE);
        assertThat(session.node()).isEqualTo("n1");
        assertThat(session.version()).isEqualTo(1);
        assertThat(session.maxInactiveSeconds()).isEqualTo(1800);
        assertThat(session.idleMillis()).isBetween(0L, 60_000L);
        assertThat(session.values().keySet()).containsExactly("a:x");
        assertThat(session.values().get("a:x").bytes()).isEqualTo("four".getBytes(UTF_8));
        assertThat(view.read(List.of(created.id(), SessionId.random())))
                .singleElement()
                .satisfies(read -> assertThat(read.values()).isEmpty())
                .extracting(StoredSession::state)
                .isEqualTo(State.LIVE);
    }

    @Test
    void sessionsAreCountedAndTheLatestAreListed() {
        List<SessionId> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ids.add(create(600 + 60 * i));
        }
        create(0); // without timeout: in no index

        assertThat(view.count()).isEqualTo(30);
        assertThat(view.latest(5).stream().map(StoredSession::id))
                .containsExactly(ids.get(29), ids.get(28), ids.get(27), ids.get(26), ids.get(25));
        assertThat(view.latest(100)).hasSize(30);
    }

    @Test
    void sessionIsFoundByTheBeginningOfItsId() {
        SessionId one = create(600);
        SessionId sibling = one.sibling();
        new OneSession(sibling).create(store, "1");

        assertThat(view.beginningWith(one.value().substring(0, 20), 10)).containsExactly(one);
        assertThat(view.beginningWith(one.value().substring(0, 2), 10)).containsExactlyInAnyOrder(one, sibling);
        assertThat(view.beginningWith(one.value().substring(0, 2), 1)).hasSize(1);
        assertThat(view.beginningWith("zz", 1)).isEmpty();
    }

    /** A key of another type costs its own line. */
    @Test
    void whatCannotBeReadIsSaidAndTheRestIsListed() {
        SessionId good = create(600);
        SessionId bad = create(1200);
        String key = "{hf:shop:" + bad.value().substring(0, 2) + "}:s:" + bad.value();
        redis.ask(jedis -> jedis.del(key));
        redis.ask(jedis -> jedis.set(key, "foreign"));

        assertThat(view.latest(10)).extracting(StoredSession::id).containsExactly(good);
        assertThat(view.troubles()).singleElement().asString().contains("HF-441");
        assertThat(view.troubles()).isEmpty();

        redis.ask(jedis -> jedis.del(key));
        redis.ask(jedis -> jedis.zrem("{hf:shop:" + bad.value().substring(0, 2) + "}:x", bad.value()));
    }

    /** More than are read at once. */
    @Test
    void sessionIsFoundAmongManyOfItsShard() {
        SessionId last = SessionId.parse("05" + "f".repeat(32));
        redis.ask(jedis -> {
            for (int i = 0; i < 4500; i++) {
                jedis.zadd("{hf:shop:05}:x", i, String.format("05%032x", i));
            }
            return jedis.zadd("{hf:shop:05}:x", 4500, last.value());
        });

        assertThat(view.beginningWith("05ff", 10)).containsExactly(last);

        redis.ask(jedis -> jedis.del("{hf:shop:05}:x")); // the audit would miss the sessions
    }

    /** A claim, as of a node that died at once: the next one that looks tells the listeners. */
    @Test
    void endedSessionIsGoneForEveryoneAndDueForTheNextNodeThatLooks() {
        OneSession session = new OneSession();
        session.create(store, "1");
        LogFollower logs = logs();

        assertThat(view.end(session.id())).isEqualTo(End.CLAIMED);
        // As long as a node may serve it from its memory, no listener is told.
        assertThat(claimAsNode(session.id(), RandomToken.next()).outcome()).isEqualTo(Outcome.GONE);

        assertThat(view.find(session.id()).state()).isEqualTo(State.ENDING);
        assertThat(store.exists(session.id(), OneSession.budget()).there()).isFalse();
        assertThat(commit(session.id())).isEqualTo(Outcome.GONE);
        assertThat(logs.news()).singleElement().satisfies(entry -> {
            assertThat(entry.id()).isEqualTo(session.id());
            assertThat(entry.end()).isTrue();
        });
        awaitDue(session.id());
        String token = RandomToken.next();
        ClaimReply claimed = claimAsNode(session.id(), token);
        assertThat(claimed.outcome()).isEqualTo(Outcome.OK);
        assertThat(claimed.snapshot().values()).containsKey("a:x");
        assertThat(claimAsNode(session.id(), RandomToken.next()).outcome()).isEqualTo(Outcome.GONE);

        assertThat(view.end(session.id())).as("while a node tells").isEqualTo(End.GONE);
        store.finish(List.of(new Finish(session.id(), "", token, 1800)), OneSession.budget());
        assertThat(view.find(session.id()).state()).isEqualTo(State.ENDED);
        assertThat(view.end(session.id())).isEqualTo(End.GONE);
    }

    private void awaitDue(SessionId id) {
        await().untilAsserted(() ->
                assertThat(store.due(10, OneSession.budget()).sessions()).containsExactly(id));
    }

    private Outcome commit(SessionId id) {
        return store.commit(
                        new Commit(
                                id,
                                "",
                                new StateVersion(1, RandomToken.next()),
                                RandomToken.next(),
                                Epoch.fresh("n1"),
                                Epoch.fresh("n1"),
                                1800,
                                0,
                                Map.of("a:x", "2".getBytes(UTF_8)),
                                Set.of(),
                                null),
                        OneSession.budget())
                .outcome();
    }

    @Test
    void sessionWithoutTimeoutIsEndedToo() {
        SessionId id = create(0);

        assertThat(view.end(id)).isEqualTo(End.CLAIMED);

        awaitDue(id);
        assertThat(claimAsNode(id, RandomToken.next()).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void whatIsNotThereCannotBeEnded() {
        SessionId ofAnEmptyShard = SessionId.random();
        assertThat(view.end(ofAnEmptyShard)).isEqualTo(End.GONE);

        SessionId ofAnother = create(600).sibling();
        assertThat(view.end(ofAnother)).isEqualTo(End.GONE);
        assertThat(view.find(ofAnother)).isNull();
    }

    @Test
    void sessionThatGoesOnUnderAnotherIdIsNotEnded() {
        OneSession session = new OneSession();
        session.create(store, "1");
        String key = "{hf:shop:" + session.id().value().substring(0, 2) + "}:s:";
        redis.ask(jedis -> jedis.rename(
                key + session.id().value(), key + session.id().sibling().value()));
        redis.ask(jedis -> jedis.hset(key + session.id().value(), ".t", "1|" + RandomToken.next() + "|renamed"));

        assertThat(view.end(session.id())).isEqualTo(End.RENAMED);
        assertThat(view.find(session.id()).state()).isEqualTo(State.RENAMED);

        redis.ask(jedis -> jedis.flushAll()); // made by hand: the audit would ask for more
    }

    /** Nobody serves it, and no node was there to end it. */
    @Test
    void sessionThatHasRunOutIsNoLiveOne() {
        OneSession session = new OneSession();
        session.create(store, "1", OneSession.budget(), 1);

        await().untilAsserted(() -> assertThat(view.find(session.id()).state()).isEqualTo(State.OVERDUE));
    }

    @Test
    void nothingIsEndedInAShardWhoseDataIsLost() {
        SessionId id = create(600);
        String generation = "{hf:shop:" + id.value().substring(0, 2) + "}:g";
        String before = redis.ask(jedis -> jedis.getDel(generation));

        assertThat(view.end(id)).isEqualTo(End.IN_RECOVERY);

        assertThat(redis.<Boolean>ask(jedis -> jedis.exists(generation))).isFalse();
        redis.ask(jedis -> jedis.set(generation, before));
        redis.ask(jedis -> jedis.pexpire(generation, 60_000));
        assertThat(view.find(id).state()).isEqualTo(State.LIVE);
    }

    @Test
    void sessionOfAnotherFormatIsLeftAlone() {
        SessionId id = create(600);
        String key = "{hf:shop:" + id.value().substring(0, 2) + "}:s:" + id.value();
        String meta = redis.ask(jedis -> jedis.hget(key, ".m"));
        redis.ask(jedis -> jedis.hset(key, ".m", "2|of a format to come"));

        assertThat(view.find(id).state()).isEqualTo(State.UNREADABLE);
        assertThat(view.end(id)).isEqualTo(End.OF_ANOTHER_VERSION);

        assertThat(redis.<String>ask(jedis -> jedis.hget(key, ".m"))).isEqualTo("2|of a format to come");
        redis.ask(jedis -> jedis.hset(key, ".m", meta));
    }

    @Test
    void newsAreWhatTheLogsHaveSaidSinceTheLastLook() {
        OneSession before = new OneSession();
        before.create(store, "1");
        LogFollower logs = logs();
        assertThat(logs.news()).isEmpty();

        view.end(before.id());

        assertThat(logs.news()).extracting(LogEntry::id).containsExactly(before.id());
        assertThat(logs.news()).isEmpty();
    }

    private LogFollower logs() {
        LogFollower logs = view.follow();
        assertThat(logs.news()).isEmpty();
        return logs;
    }

    /** As of a Redis that lost its data. */
    @Test
    void logThatBeginsAnewIsFollowed() {
        OneSession one = new OneSession();
        one.create(store, "1");
        view.end(one.id());
        LogFollower logs = logs();
        redis.ask(jedis -> jedis.flushAll());
        OneSession two = new OneSession(one.id().sibling());
        two.create(store, "1");
        assertThat(logs.news()).isEmpty();

        view.end(two.id());

        assertThat(logs.news()).extracting(LogEntry::id).contains(two.id());
    }

    @Test
    void nodesAreThoseOfTheRegistryAndFindWhatIsLeftForThem() {
        RedisNodeRegistry registry = new RedisNodeRegistry(redis.server(), "shop");
        LiveNode n2 = new LiveNode(RandomToken.next(), "n2", "host-2:8080", 3);
        LiveNode n1 = new LiveNode(RandomToken.next(), "n1", "host-1:8080", 0, null, LiveNode.Stage.DRAINS);
        registry.enter(n2, EntryKind.FIRST, OneSession.budget());
        registry.enter(n1, EntryKind.FIRST, OneSession.budget());

        RegistryView view = this.view.registry();
        assertThat(view.nodes()).extracting(RegistryView.Node::node).containsExactly(n1, n2);
        assertThat(view.nodes()).allMatch(RegistryView.Node::isLive).allMatch(node -> node.order() == null);

        view.order(n2, "move force");
        Order left = new Order("move force", null);
        Order followed = new Order("move force", true);
        Order refused = new Order("move force", false);
        assertThat(registry.enter(n2, EntryKind.RENEWED, OneSession.budget()).order())
                .isEqualTo(left);
        registry.enter(n2, EntryKind.RENEWED, followed, OneSession.budget());
        assertThat(view.nodes().get(1).order()).isEqualTo(followed);
        registry.enter(n2, EntryKind.RENEWED, refused, OneSession.budget());
        assertThat(view.nodes().get(1).order()).isEqualTo(refused);

        view.order(n2, "");
        assertThat(registry.enter(n2, EntryKind.RENEWED, followed, OneSession.budget())
                        .order())
                .isNull();
        assertThat(view.nodes().get(1).order()).isNull();
    }

    @Test
    void redisThatIsNotThereIsSaid() {
        try (RedisServer nowhere = RedisServer.connect(URI.create("redis://127.0.0.1:1"), Duration.ofMillis(200))) {
            OperatorView blind = new OperatorView(nowhere, "shop", OneSession::budget);

            assertThatThrownBy(() -> blind.registry().nodes())
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("127.0.0.1:1");
        }
    }
}
