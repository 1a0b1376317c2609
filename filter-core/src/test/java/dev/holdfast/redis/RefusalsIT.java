package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.LiveNode;
import dev.holdfast.session.NodeRegistry;
import dev.holdfast.session.RandomToken;
import dev.holdfast.session.SessionStore.CommitReply;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** What Redis refuses, told apart; by a real server where it can be brought to say it, else by a proxy that says it. */
class RefusalsIT {
    private static final Duration SHORT = Duration.ofMillis(300);

    private final OneSession session = new OneSession();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    // ---- in the words of Redis ----

    @ParameterizedTest
    @CsvSource({
        "LOADING Redis is loading the dataset in memory, HF-430",
        "BUSY Redis is busy running a script., HF-431",
        "READONLY You can't write against a read only replica., HF-432",
        "MASTERDOWN Link with MASTER is down, HF-433",
        "CLUSTERDOWN The cluster is down, HF-434",
        "TRYAGAIN Multiple keys request during rehashing of slot, HF-435",
        "MOVED 3999 127.0.0.1:6381, HF-436",
        "ASK 3999 127.0.0.1:6381, HF-436",
        "NOREPLICAS Not enough good replicas to write., HF-437",
        "OOM command not allowed when used memory > 'maxmemory'., HF-438",
        "NOSCRIPT No matching script., HF-440",
        "MISCONF Redis is configured to save RDB snapshots, HF-439",
        "WRONGTYPE Operation against a key, HF-441",
        "ERR something new, HF-449"
    })
    void eachRefusalHasItsCodeAndNothingIsDone(String words, String code) {
        FaultyLink proxy = proxy(start());
        RedisSessionStore store = store(proxy);
        session.create(store, "1");
        proxy.answerInstead("-" + words + "\r\n", Integer.MAX_VALUE);

        // As by default: the last try, which has an eighth of it, is heard on a busy machine, too.
        StoreUnavailableException refused = refusal(store, Duration.ofSeconds(2));

        assertThat(refused)
                .hasMessageStartingWith("Cannot commit session " + session.id().shortened() + ": Redis "
                        + proxy.uri().getAuthority() + " refused it, \"" + words + "\". " + code + ": ");
        assertThat(refused.maybeApplied()).isFalse();
        proxy.answerInstead("", 0);
        assertThat(session.value(store)).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"LOADING", "BUSY", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS"})
    void refusalThatPassesIsHealedWithinTheRequest(String word) {
        FaultyLink proxy = proxy(start());
        RedisSessionStore store = store(proxy);
        session.create(store, "1");
        proxy.answerInstead("-" + word + " for a while\r\n", 5);

        CommitReply reply = session.change(store, "2", OneSession.budget());

        assertThat(reply.repeated()).isFalse();
        assertThat(session.value(store)).isEqualTo("2");
    }

    @Test
    void lastTryThatMeetsSilenceTellsWhatWasRefusedBeforeIt() {
        RedisProcess redis = start();
        FaultyLink proxy = proxy(redis);
        RedisSessionStore store = store(proxy);
        session.create(store, "1");

        // How many tries there is time for depends on the machine, so it is looked for. Each round begins with a
        // connection that is there.
        AtomicInteger tries = new AtomicInteger(12);
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .untilAsserted(() -> {
                    proxy.answerInstead("", 0);
                    session.value(store);
                    redis.pause();
                    proxy.answerInstead("-TRYAGAIN for a while\r\n", tries.get());
                    StoreUnavailableException silent = refusal(store, Duration.ofMillis(600));
                    redis.resume();
                    boolean tooMany = !String.valueOf(silent.getMessage()).contains(" did not answer within ");
                    tries.updateAndGet(count -> tooMany ? Math.max(1, count - 1) : count + 1);

                    assertThat(silent)
                            .hasMessageContaining(" did not answer within ")
                            .hasMessageEndingWith("Before that, it refused it, \"TRYAGAIN for a while\". It may or may"
                                    + " not be applied. HF-435: The cluster is moving this key; it heals by itself.");
                    assertThat(silent.maybeApplied()).isTrue();
                });
    }

    /** Nearly all of the time was silence: that Redis stands still is what is to be told. */
    @Test
    void silenceBehindOneRefusalIsToldAsOne() {
        RedisProcess redis = start();
        FaultyLink proxy = proxy(redis);
        RedisSessionStore store = store(proxy);
        session.create(store, "1");
        redis.pause();
        proxy.answerInstead("-TRYAGAIN for a while\r\n", 1);

        StoreUnavailableException silent = refusal(store, Duration.ofMillis(600));
        redis.resume();

        assertThat(silent)
                .hasMessageContaining(" within ")
                .hasMessageContaining("HF-40")
                .hasMessageNotContaining("TRYAGAIN")
                .hasMessageNotContaining("HF-435");
    }

    /** The one script is refused again, and the other one may have been done by the attempt of before. */
    @Test
    void refusalBehindAnAttemptThatWasDoneInPartSaysSo() {
        AtomicInteger asked = new AtomicInteger();
        ScriptedRedis redis = new ScriptedRedis(
                "abc",
                (connection, command) -> List.of(ScriptedRedis.Reply.after(
                        0,
                        asked.getAndIncrement() == 0 ? "-TRYAGAIN a\r\n+OK\r\n" : "-TRYAGAIN a\r\n-TRYAGAIN b\r\n")));
        open.add(redis);
        RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));
        open.add(0, server);
        RedisCommand commit = RedisCommand.script(Script.COMMIT, List.of("{hf:shop:05}x"), List.of("1"));

        // On a busy machine the last try may be cut short, and then nobody says what came of it.
        await().ignoreExceptionsInstanceOf(StoreUnavailableException.class).untilAsserted(() -> {
            asked.set(0);
            Replies replies = server.run("commit two", budget(SHORT), List.of(commit, commit));

            assertThat(asked).hasValueGreaterThan(1);
            assertThat(replies.refusal(1)).isNotNull();
            assertThat(replies.repeated()).isTrue();
        });
    }

    // ---- by a real server ----

    @Test
    void requestWaitsForAServerThatReadsItsData() {
        // It answers each time that it has read two megabytes.
        RedisProcess redis = start("--key-load-delay", "3000", "--rdbcompression", "no");
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        redis.ask(jedis -> {
            for (int i = 0; i < 1000; i++) {
                jedis.set("filler" + i, "x".repeat(50_000));
            }
            jedis.getConnection().setSoTimeout(60_000); // a busy disk takes its time
            return jedis.save();
        });
        redis.restart();

        // On a busy machine the last try of a request may be cut short, and the message then tells of that.
        await().untilAsserted(() -> assertThat(refusal(store, Duration.ofMillis(500)))
                .hasMessageContaining("\"LOADING ")
                .hasMessageContaining("HF-430: "));
        // Nor does anybody wait any more, for a moment, where three tries in a row met no answer at all.
        await().ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .untilAsserted(() -> assertThat(session.value(store)).isEqualTo("1"));
    }

    @Test
    void requestWaitsForTheEndOfAnotherClientsScript() {
        RedisProcess redis = start("--lua-time-limit", "10");
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        CompletableFuture<Void> endless = CompletableFuture.runAsync(() -> redis.ask(RefusalsIT::runForEver));
        await().until(() -> isBusy(redis));

        assertRefused(store, "BUSY", "HF-431");

        redis.ask(Jedis::scriptKill);
        endless.join();
        session.change(store, "2");
    }

    private static String runForEver(Jedis jedis) {
        try {
            return String.valueOf(jedis.eval("while true do end"));
        } catch (JedisException killed) {
            return String.valueOf(killed.getMessage());
        }
    }

    private static boolean isBusy(RedisProcess redis) {
        try {
            redis.ask(Jedis::ping);
            return false;
        } catch (JedisException busy) {
            return String.valueOf(busy.getMessage()).startsWith("BUSY");
        }
    }

    @Test
    void replicaWithoutItsPrimarySaysSo() {
        RedisProcess replica = start("--replica-serve-stale-data", "no");
        RedisSessionStore store = store(replica);
        session.create(store, "1");
        replica.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));

        assertRefused(store, "MASTERDOWN", "HF-433");

        replica.ask(Jedis::replicaofNoOne);
        session.change(store, "2");
    }

    @Test
    void serverThatWantsMoreReplicasSaysSo() {
        RedisProcess redis = start();
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        redis.ask(jedis -> jedis.configSet("min-replicas-to-write", "1"));

        assertRefused(store, "NOREPLICAS", "HF-437");

        redis.ask(jedis -> jedis.configSet("min-replicas-to-write", "0"));
        session.change(store, "2");
    }

    @Test
    void serverThatCannotSaveSaysSo() {
        RedisProcess redis = start("--dbfilename", "taken");
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        // A directory has the name of the snapshot.
        String directory = redis.ask(jedis -> jedis.configGet("dir").get("dir"));
        assertThat(Path.of(directory, "taken").toFile().mkdir()).isTrue();
        redis.ask(jedis -> {
            jedis.configSet("save", "3600 1");
            return jedis.bgsave();
        });
        await().until(() ->
                redis.<String>ask(jedis -> jedis.info("persistence")).contains("rdb_last_bgsave_status:err"));

        assertRefused(store, "MISCONF", "HF-439");
    }

    @Test
    void serverThatIsFullSaysSo() {
        RedisProcess redis = start();
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        redis.ask(jedis -> jedis.configSet("maxmemory", "1"));

        assertRefused(store, "OOM", "HF-438");

        redis.ask(jedis -> jedis.configSet("maxmemory", "0"));
        session.change(store, "2");
    }

    @Test
    void replicaThatServesSaysSo() {
        RedisProcess replica = start();
        RedisSessionStore store = store(replica);
        session.create(store, "1");
        replica.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));

        assertThat(assertRefused(store, "READONLY", "HF-432").reason()).isEqualTo(Reason.NONE);
    }

    @Test
    void rightThatIsMissingInsideAScriptIsNamed() {
        RedisProcess redis = start();
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        giveRights(redis, "-hset");

        await().untilAsserted(() -> assertThat(refusal(store, SHORT)).hasMessageContaining("HF-422: "));

        giveRights(redis, "+hset");
        session.change(store, "2");
    }

    @Test
    void keyOfAnotherTypeInsideAScriptIsNamed() {
        RedisProcess redis = start().unaudited();
        redis.ask(jedis -> jedis.set("{hf:shop:nodes}", "x"));
        RedisServer server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));
        open.add(0, server);
        LiveNode me = new LiveNode(RandomToken.next() + ".1", "n1", "host:8080", 0);

        assertThat(catchThrowableOfType(
                        StoreUnavailableException.class,
                        () -> new RedisNodeRegistry(server, "shop")
                                .enter(me, NodeRegistry.EntryKind.FIRST, budget(Duration.ofSeconds(5)))))
                .hasMessageContaining("\"WRONGTYPE Operation against a key")
                .hasMessageContaining("HF-441: ");
    }

    /**
     * As in a failover: the call waits in the request until the server takes it, by the words that this kind of server
     * has.
     */
    @ParameterizedTest
    @ValueSource(strings = {"READONLY", "NOREPLICAS", "BUSY"})
    void callThatIsRefusedForAWhileIsHealedByTheRealServer(String word) {
        RedisProcess redis = start("--lua-time-limit", "10");
        RedisSessionStore store = store(redis);
        session.create(store, "1");
        CompletableFuture<Void> endless = CompletableFuture.completedFuture(null);
        switch (word) {
            case "READONLY" -> redis.ask(jedis -> jedis.replicaof("127.0.0.1", Ports.free()));
            case "NOREPLICAS" -> redis.ask(jedis -> jedis.configSet("min-replicas-to-write", "1"));
            default -> {
                endless = CompletableFuture.runAsync(() -> redis.ask(RefusalsIT::runForEver));
                await().until(() -> isBusy(redis));
            }
        }
        assertRefused(store, word, "HF-4");

        CompletableFuture<CommitReply> change =
                CompletableFuture.supplyAsync(() -> session.change(store, "2", budget(Duration.ofSeconds(20))));
        switch (word) {
            case "READONLY" -> redis.ask(Jedis::replicaofNoOne);
            case "NOREPLICAS" -> redis.ask(jedis -> jedis.configSet("min-replicas-to-write", "0"));
            default -> redis.ask(Jedis::scriptKill);
        }

        assertThat(change.join().repeated()).isFalse();
        assertThat(session.value(store)).isEqualTo("2");
        endless.join();
    }

    private static void giveRights(RedisProcess redis, String... rights) {
        redis.ask(jedis -> {
            jedis.aclSetUser("default", rights);
            return jedis.aclSetUser(MinimalUser.documented().name(), rights);
        });
    }

    @Test
    void nodeOfAClusterSaysThatItIsOne() {
        RedisProcess redis = start("--cluster-enabled", "yes");

        assertThat(catchThrowableOfType(
                        StoreUnavailableException.class, () -> session.load(store(redis), budget(SHORT))))
                .hasMessageContaining("\"CLUSTERDOWN ")
                .hasMessageContaining("HF-434: ");
    }

    // ---- damaged replies ----

    @Test
    void replyThatIsTornIsUnknownAndAskedForOnceMore() {
        FaultyLink proxy = proxy(start());
        RedisSessionStore store = store(proxy);
        session.create(store, "1");
        proxy.answerAndBreakOff("*4\r\n$2\r\nOK\r\n$22\r\nabc", 1);

        assertThat(session.change(store, "2", OneSession.budget()).repeated()).isTrue();

        proxy.answerAndBreakOff("*4\r\n$2\r\nOK\r\n$22\r\nabc", 2);
        StoreUnavailableException torn = refusal(store, Duration.ofSeconds(5));
        assertThat(torn)
                .hasMessageContaining(" broke the connection (attempt 2")
                .hasMessageContaining("HF-405: ");
        assertThat(torn.maybeApplied()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 400 Bad Request\r\n\r\n", "*2\r\n$2\r\nOKAY\r\n"})
    void replyThatIsNoneIsUnknown(String answer) {
        FaultyLink proxy = proxy(start());
        RedisSessionStore store = store(proxy);
        session.create(store, "1");
        proxy.answerInstead(answer, 2);

        StoreUnavailableException foreign = refusal(store, Duration.ofSeconds(5));

        assertThat(foreign)
                .hasMessageContaining(" answered with something that is no reply of Redis (attempt 2")
                .hasMessageContaining("HF-409: ");
        assertThat(foreign.maybeApplied()).isTrue();
        assertThat(session.value(store)).isEqualTo("1");
    }

    // ---- what the tests are written with ----

    /** A server of the kind that is tested. */
    RedisProcess launch(String... arguments) {
        return RedisProcess.start(arguments);
    }

    private RedisProcess start(String... arguments) {
        RedisProcess redis = launch(arguments);
        open.add(redis);
        return redis;
    }

    private FaultyLink proxy(RedisProcess redis) {
        FaultyLink proxy = FaultyLink.to(redis.port());
        open.add(0, proxy);
        return proxy;
    }

    private RedisSessionStore store(RedisProcess redis) {
        return store(RedisServer.connect(redis.uri(), Duration.ofSeconds(5)));
    }

    private RedisSessionStore store(FaultyLink proxy) {
        return store(RedisServer.connect(proxy.uri(), Duration.ofSeconds(5)));
    }

    private RedisSessionStore store(RedisServer server) {
        open.add(0, server);
        return new RedisSessionStore(server, "shop");
    }

    /** On a busy machine the last try of a request may be cut short, and the message then tells of that. */
    private StoreUnavailableException assertRefused(RedisSessionStore store, String word, String code) {
        List<StoreUnavailableException> last = new ArrayList<>();
        await().untilAsserted(() -> {
            StoreUnavailableException refused = refusal(store, SHORT);
            last.add(0, refused);
            assertThat(refused).hasMessageContaining("\"" + word + " ").hasMessageContaining(code);
        });
        return last.get(0);
    }

    private StoreUnavailableException refusal(RedisSessionStore store, Duration patience) {
        return catchThrowableOfType(
                StoreUnavailableException.class, () -> session.change(store, "refused", budget(patience)));
    }

    private static WaitBudget budget(Duration patience) {
        return new WaitBudget(patience);
    }
}
