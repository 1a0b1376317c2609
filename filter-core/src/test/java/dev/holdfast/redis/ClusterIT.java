package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.ExpiryStore.Claim;
import dev.holdfast.session.ExpiryStore.ClaimReply;
import dev.holdfast.session.ExpiryStore.Finish;
import dev.holdfast.session.ExpiryStore.FinishReply;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.SessionStore.End;
import dev.holdfast.session.SessionStore.Outcome;
import dev.holdfast.session.SessionStore.Presence;
import dev.holdfast.session.SessionStore.ShardAnswer;
import dev.holdfast.session.SessionStore.ShardQuestion;
import dev.holdfast.session.SessionStore.Touch;
import dev.holdfast.session.SessionStore.TouchReply;
import dev.holdfast.session.SettleStore;
import dev.holdfast.session.StateVersion;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.Tombstone;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.RedisClusterProcess;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real cluster of six: where calls go, and what they meet while slots move and primaries die. */
class ClusterIT {
    private static final RedisKeys KEYS = new RedisKeys("shop");
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final Duration PATIENT = Duration.ofSeconds(15);
    private static final Duration FAILOVER = Duration.ofSeconds(30);

    private static RedisClusterProcess cluster;

    private final List<RedisServer> servers = new ArrayList<>();
    private final OneSession session = new OneSession();
    private final String key = KEYS.session(session.id());

    @BeforeAll
    static void start() {
        cluster = RedisClusterProcess.start();
        cluster.grantDocumented();
        cluster.setNodeTimeout(PATIENT); // all of them live, but for one test
    }

    @AfterEach
    void disconnect() {
        servers.forEach(RedisServer::close);
    }

    @AfterAll
    static void stop() {
        List<List<String>> findings = cluster.askPrimaries(RedisAudit::of);
        cluster.close();
        assertThat(findings).allMatch(List::isEmpty);
    }

    // ---- where calls go ----

    @Test
    void sessionsOfAllShardsLiveOnAllPrimaries() {
        RedisSessionStore store = store(1);
        Map<Integer, OneSession> sessions = oneOfEachShard();

        sessions.values().forEach(each -> {
            each.create(store, "1");
            each.change(store, "2");
            assertThat(each.value(store)).isEqualTo("2");
        });

        assertThat(cluster.askPrimaries(jedis -> RedisAudit.keys(jedis).size())).allMatch(count -> count > 64);
    }

    @Test
    void batchesGoToEachPrimaryAndComeBackInOrder() {
        RedisSessionStore store = store(1);
        Map<Integer, OneSession> sessions = oneOfEachShard();
        List<SessionId> ids = sessions.values().stream().map(OneSession::id).toList();
        sessions.values().forEach(each -> each.create(store, "1", OneSession.budget(), 1));

        assertThat(store.touch(ids.stream().map(id -> new Touch(id, "", 1, 0)).toList(), OneSession.budget()))
                .hasSize(64)
                .extracting(TouchReply::outcome)
                .containsOnly(Outcome.OK);
        List<ShardAnswer> answers = store.ask(
                ids.stream().map(id -> new ShardQuestion(id.shard(), "", "")).toList(), OneSession.budget());
        assertThat(answers).hasSize(64).doesNotContainNull();
        assertThat(answers.stream().map(ShardAnswer::generation)).doesNotHaveDuplicates();
        await().atMost(FAILOVER)
                .until(() -> store.due(100, OneSession.budget()).sessions().containsAll(ids));
        List<Claim> claims = ids.stream()
                .map(id -> new Claim(id, "", RandomToken.next(), "", 3_600_000, null))
                .toList();
        assertThat(store.claim(claims, OneSession.budget()))
                .extracting(ClaimReply::outcome)
                .containsOnly(Outcome.OK);
        assertThat(store.finish(
                        claims.stream()
                                .map(claim -> new Finish(claim.id(), "", claim.token(), 1))
                                .toList(),
                        OneSession.budget()))
                .extracting(FinishReply::outcome)
                .containsOnly(Outcome.OK);
    }

    @Test
    void registryOfNodesIsAtOneOfThePrimaries() {
        RedisServer server = RedisServer.connect(cluster.uri(), List.of(), Duration.ofSeconds(2), 1);
        servers.add(server);
        NodeRegistry registry = new RedisNodeRegistry(server, "shop");
        LiveNode n1 = new LiveNode(RandomToken.next(), "n1", "host-1:8080", 0);
        LiveNode n2 = new LiveNode(RandomToken.next(), "n2", "host-2:8080", 0);

        registry.enter(n1, NodeRegistry.EntryKind.FIRST, OneSession.budget());

        assertThat(registry.enter(n2, NodeRegistry.EntryKind.FIRST, OneSession.budget())
                        .others())
                .containsExactly(n1);
        registry.leave(n1, OneSession.budget());
        assertThat(registry.enter(n2, NodeRegistry.EntryKind.RENEWED, OneSession.budget())
                        .others())
                .isEmpty();
    }

    @Test
    void shardsThatLostTheirDataAreSettledOnAllPrimariesAtOnce() {
        RedisServer server = RedisServer.connect(cluster.uri(), List.of(), Duration.ofSeconds(2), 1);
        servers.add(server);
        SettleStore settling = new RedisSessionStore(server, "desk").settling();
        List<SessionId> ids =
                oneOfEachShard().values().stream().map(OneSession::id).toList();
        List<Integer> shards = ids.stream().map(SessionId::shard).toList();
        String node = RandomToken.next();

        assertThat(settling.generations(shards, OneSession.budget()))
                .hasSize(64)
                .containsOnly("");
        assertThat(settling.bury(
                        ids.stream()
                                .map(id -> new Tombstone(id.sibling(), RandomToken.next(), Tombstone.How.ENDED, 60))
                                .toList(),
                        OneSession.budget()))
                .hasSize(64)
                .containsOnly(true);
        assertThat(settling.join(joining(shards, node, SettleStore.Step.BEGUN), () -> true, OneSession.budget()))
                .extracting(SettleStore.Progress::phase)
                .containsOnly(SettleStore.Phase.WAITING);
        assertThat(settling.join(joining(shards, node, SettleStore.Step.TOLD), () -> true, OneSession.budget()))
                .extracting(SettleStore.Progress::phase)
                .containsOnly(SettleStore.Phase.SENDING);
        assertThat(settling.push(
                        ids.stream()
                                .map(id -> new SettleStore.Push(
                                        id,
                                        new StateVersion(3, RandomToken.next()),
                                        List.of(),
                                        RandomToken.next(),
                                        1,
                                        60,
                                        0,
                                        Map.of()))
                                .toList(),
                        OneSession.budget()))
                .hasSize(64)
                .containsOnly(Outcome.OK);
        assertThat(settling.join(joining(shards, node, SettleStore.Step.SENT), () -> true, OneSession.budget()))
                .extracting(SettleStore.Progress::phase)
                .containsOnly(SettleStore.Phase.SETTLED);
        assertThat(settling.generations(shards, OneSession.budget()))
                .hasSize(64)
                .doesNotContain("");
    }

    private static List<SettleStore.Join> joining(List<Integer> shards, String node, SettleStore.Step step) {
        return shards.stream()
                .map(shard -> new SettleStore.Join(shard, node, step, SettleStore.Waiting.WAITS, 0, Set.of()))
                .toList();
    }

    @Test
    void replicasAreNotAsked() {
        RedisSessionStore store = store(0);
        session.create(store, "1");

        session.value(store);

        assertThat(cluster.nodes())
                .filteredOn(node -> node.ask(jedis -> jedis.info("replication")).contains("role:slave"))
                .hasSize(3)
                .allSatisfy(replica -> assertThat(replica.<String>ask(jedis -> jedis.info("commandstats")))
                        .doesNotContain("cmdstat_hgetall", "cmdstat_eval"));
    }

    // ---- slots that move ----

    @Test
    void slotThatMovedIsFollowedAndTheStoreSaysSoBeforeItsFirstAnswer() {
        RedisSessionStore store = store(1);
        session.create(store, "1");
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);

        cluster.move(key, cluster.otherThanOwnerOf(key));

        assertThat(session.value(store)).isEqualTo("1");
        assertThat(heard).hasValue(1);
        session.change(store, "2");
        assertThat(session.value(store)).isEqualTo("2");
        assertThat(heard).hasValue(1);
    }

    @Test
    void slotWhoseKeysAreOnBothSidesIsRefusedUntilTheyAreOnOne() {
        RedisSessionStore store = store(0);
        session.create(store, "1");
        // A key that is nowhere, such as a log without entries, is on neither side until the slot has moved.
        store.end(
                new End(session.id().sibling(), "", RandomToken.next(), 1800, StateVersion.NONE), OneSession.budget());
        session.load(store, OneSession.budget());
        RedisProcess source = cluster.ownerOf(key);
        RedisProcess target = cluster.otherThanOwnerOf(key);
        cluster.beginMove(key, source, target);
        cluster.moveKey(key, source, target);

        assertThat(catchThrowableOfType(
                        StoreUnavailableException.class, () -> session.change(store, "2", new WaitBudget(SHORT))))
                .hasMessageContaining("TRYAGAIN")
                .hasMessageContaining("HF-435: ")
                .extracting(StoreUnavailableException::maybeApplied)
                .isEqualTo(false);

        cluster.moveKeys(key, source, target);
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        session.change(store, "3");
        assertThat(session.value(store)).isEqualTo("3");
        assertThat(heard).as("the target is not the owner yet").hasValue(0);
        cluster.endMove(key, source, target);
        assertThat(session.value(store)).isEqualTo("3");
        assertThat(heard).hasValue(1);
    }

    /** What is on the other side is not missing: neither is a session gone, nor was the shard lost. */
    @ParameterizedTest
    @ValueSource(strings = {"generation", "log", "session"})
    void readsOfASlotThatIsHalfMovedMissNothing(String moved) {
        RedisSessionStore store = store(0);
        session.create(store, "1");
        store.end(
                new End(session.id().sibling(), "", RandomToken.next(), 1800, StateVersion.NONE), OneSession.budget());
        int shard = session.id().shard();
        ShardAnswer before = store.ask(List.of(new ShardQuestion(shard, "", "")), OneSession.budget())
                .get(0);
        Presence there = store.exists(session.id(), OneSession.budget());
        RedisProcess source = cluster.ownerOf(key);
        RedisProcess target = cluster.otherThanOwnerOf(key);
        cluster.beginMove(key, source, target);
        cluster.moveKey(
                switch (moved) {
                    case "generation" -> KEYS.generation(shard);
                    case "log" -> KEYS.log(shard);
                    default -> key;
                },
                source,
                target);

        // Together with a shard of another slot, as each node asks every second.
        List<ShardAnswer> answers = store.ask(
                List.of(new ShardQuestion(shard, "", ""), new ShardQuestion((shard + 1) % SessionId.SHARDS, "", "")),
                new WaitBudget(SHORT));
        assertThat(answers.get(0)).isEqualTo(before);
        assertThat(answers.get(1)).isNotNull();
        // It may be refused, but is not said to be gone, nor to be of a shard without generation.
        AtomicReference<Presence> said = new AtomicReference<>(there);
        StoreUnavailableException refused = catchThrowableOfType(
                StoreUnavailableException.class, () -> said.set(store.exists(session.id(), new WaitBudget(SHORT))));
        assertThat(said).hasValue(there);
        assertThat(refused == null).isEqualTo(moved.equals("log"));

        cluster.moveKeys(key, source, target);
        cluster.endMove(key, source, target);
        assertThat(store.exists(session.id(), OneSession.budget())).isEqualTo(there);
        assertThat(session.value(store)).isEqualTo("1");
    }

    @Test
    void nothingAcknowledgedIsLostWhileSlotsMove() {
        RedisSessionStore store = store(1);
        session.create(store, "0");
        AtomicBoolean end = new AtomicBoolean();
        CompletableFuture<Integer> changes = CompletableFuture.supplyAsync(() -> {
            int value = 0;
            while (!end.get()) {
                session.change(store, Integer.toString(++value));
                assertThat(session.value(store)).isEqualTo(Integer.toString(value));
            }
            return value;
        });

        for (int i = 0; i < 10; i++) {
            cluster.move(key, cluster.otherThanOwnerOf(key));
        }
        end.set(true);

        int last = changes.join();
        assertThat(last).isGreaterThan(10);
        assertThat(session.value(store(0))).isEqualTo(Integer.toString(last));
    }

    // ---- servers that die ----

    @Test
    void killedPrimaryIsReplacedAndTheOthersServeOnMeanwhile() {
        cluster.setNodeTimeout(RedisClusterProcess.QUICK);
        RedisSessionStore careful = store(1);
        RedisSessionStore store = store(0);
        Map<Integer, OneSession> sessions = oneOfEachShard();
        sessions.values().forEach(each -> each.create(careful, "1"));
        RedisProcess killed = cluster.ownerOf(key);
        session.create(careful, "1");
        session.value(store);
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        killed.kill();

        List<ShardAnswer> answers = store.ask(
                sessions.keySet().stream()
                        .map(shard -> new ShardQuestion(shard, "", ""))
                        .toList(),
                new WaitBudget(Duration.ofSeconds(1)));
        assertThat(answers).containsNull().anyMatch(answer -> answer != null);

        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.load(store, new WaitBudget(SHORT)).snapshot() != null);
        assertThat(heard).hasPositiveValue();
        // Its replica has become the primary, and has none: it is started again as one.
        killed.restart();
        cluster.awaitWhole();
        cluster.setNodeTimeout(PATIENT);
        session.change(careful, "2");
        sessions.values().forEach(each -> assertThat(each.value(store)).isEqualTo("1"));
    }

    @Test
    void serversThatAreNoClusterAreNamed() {
        try (RedisProcess alone = RedisProcess.start()) {
            URI uri = URI.create("redis-cluster://127.0.0.1:" + alone.port());
            RedisSessionStore store = store(RedisServer.connect(uri, Duration.ofSeconds(5)));

            assertThat(catchThrowableOfType(
                            StoreUnavailableException.class, () -> session.load(store, new WaitBudget(SHORT))))
                    .hasMessageContaining("Redis 127.0.0.1:" + alone.port() + " (of the cluster 127.0.0.1:"
                            + alone.port() + ") is not known, ")
                    .hasMessageContaining("cluster support disabled")
                    .hasMessageEndingWith("HF-452: Check that these servers run as a cluster, and holdfast.redis.");
        }
    }

    @Test
    void nodeOfAClusterThatIsTakenForAServerOfItsOwnIsNamed() {
        RedisProcess wrong = cluster.otherThanOwnerOf(key);
        RedisSessionStore store =
                store(RedisServer.connect(URI.create("redis://127.0.0.1:" + wrong.port()), Duration.ofSeconds(5)));

        assertThat(catchThrowableOfType(
                        StoreUnavailableException.class, () -> session.load(store, new WaitBudget(SHORT))))
                .hasMessageContaining(
                        "HF-436: This is a node of a cluster: begin holdfast.redis with redis-cluster://, or"
                                + " rediss-cluster:// for TLS.");
    }

    @Test
    void configurationInTheDocumentationWorks() {
        String variables =
                Docs.block("redis.md", "Cluster", "sh").replace("redis1:6379,redis2:6379,redis3:6379", cluster.hosts());
        RedisSessionStore store = store(
                RedisServer.connect(URI.create(Docs.exported(variables, "HOLDFAST_REDIS")), Duration.ofSeconds(5)));

        session.create(store, "1");

        assertThat(session.value(store)).isEqualTo("1");
    }

    // ---- what the tests are written with ----

    private static Map<Integer, OneSession> oneOfEachShard() {
        Map<Integer, OneSession> sessions = new HashMap<>();
        while (sessions.size() < SessionId.SHARDS) {
            SessionId id = SessionId.random();
            sessions.putIfAbsent(id.shard(), new OneSession(id));
        }
        return sessions;
    }

    private RedisSessionStore store(int replicas) {
        return store(RedisServer.connect(cluster.uri(), List.of(), Duration.ofSeconds(2), replicas));
    }

    private RedisSessionStore store(RedisServer server) {
        servers.add(server);
        return new RedisSessionStore(server, "shop");
    }
}
