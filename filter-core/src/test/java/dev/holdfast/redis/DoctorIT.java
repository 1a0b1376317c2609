package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.config.RedisLogin;
import dev.holdfast.redis.client.RedisClient;
import dev.holdfast.redis.doctor.Diagnosis;
import dev.holdfast.redis.doctor.Doctor;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.SentinelProcess;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Each thing that the doctor finds, on a real server that has it. */
class DoctorIT {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void healthyServerIsDescribedAndNothingIsFound() {
        RedisProcess redis = start("--appendonly", "yes");

        Diagnosis diagnosis = examine(redis, 0);

        assertThat(diagnosis.findings()).isEmpty();
        assertThat(diagnosis.servers())
                .singleElement()
                .asString()
                .matches("Redis 127\\.0\\.0\\.1:" + redis.port()
                        + ": (Redis|Valkey) [0-9.]+, standalone, 0 replicas, \\d+ MB in use"
                        + " of no maxmemory \\(noeviction\\), appendonly yes, answers within \\d+us, clock [+-]\\d+ms");
    }

    @Test
    void memoryThatIsFullOrIsMadeFreeByThrowingSessionsAwayIsFound() {
        RedisProcess redis = start("--appendonly", "yes", "--maxmemory", "12mb", "--maxmemory-policy", "volatile-lru");
        for (int i = 0; i < 92; i++) {
            String filler = "filler" + i;
            redis.ask(jedis -> jedis.set(filler, "x".repeat(100_000)));
        }

        assertThat(codes(examine(redis, 0))).containsExactly("HF-504", "HF-505");
    }

    /** The documented user may not: they hold passwords. */
    private static void letSettingsBeSeen(RedisProcess redis) {
        redis.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "+config|get"));
    }

    @Test
    void serverThatKeepsNothingIsFound() {
        RedisProcess redis = start();
        letSettingsBeSeen(redis);

        assertThat(examine(redis, 0).findings())
                .containsExactly("HF-516: Redis 127.0.0.1:" + redis.port()
                        + " has appendonly no and no save: when it starts again it is empty, and its replicas with it."
                        + " Nodes send again what is in their memory (holdfast.reseed); sessions that no node holds"
                        + " are lost, and their users are logged out. Set appendonly yes.");
    }

    @Test
    void snapshotsAloneAreFoundWithWhatTheyMayLose() {
        RedisProcess redis = start();
        letSettingsBeSeen(redis);
        redis.ask(jedis -> jedis.configSet("save", "60 10000 3600 1 300 100"));

        assertThat(examine(redis, 0).findings())
                .containsExactly("HF-517: Redis 127.0.0.1:" + redis.port()
                        + " has appendonly no and snapshots by save: when it starts again, what came after the"
                        + " last one is missing. That may be all of 3600 seconds, and the time that a snapshot"
                        + " takes. Changes come back only from nodes that still hold the session; sessions"
                        + " begun since are lost. Set appendonly yes.");

        redis.ask(jedis -> jedis.configSet("save", "60 1000 300 100"));
        assertThat(examine(redis, 0).findings())
                .singleElement()
                .asString()
                .contains("all of 300 seconds, and the time that a snapshot takes; while there are fewer than 100"
                        + " changes, those of any age.");
    }

    @Test
    void serverThatDoesNotSayWhichRunItIsIsFound() {
        RedisProcess redis = start("--appendonly", "yes");
        FaultyLink service = FaultyLink.to(redis.port());
        open.add(service);
        service.rewrite(reply -> reply.replace("run_id:", "hidden:"));

        assertThat(codes(examine(service.uri(), Duration.ofSeconds(2), 0))).containsExactly("HF-519");
    }

    /** As a Valkey without its Lua module has none. */
    @Test
    void serverThatRunsNoScriptsIsFound() {
        RedisProcess redis = start("--appendonly", "yes", "--rename-command", "EVAL", "");

        assertThat(examine(redis, 0).findings())
                .singleElement()
                .asString()
                .startsWith("HF-521: Redis 127.0.0.1:" + redis.port() + " runs no scripts, \"")
                .containsIgnoringCase("unknown command")
                .endsWith(
                        "Load its Lua module, take back a rename-command of EVAL or EVALSHA, or take a server that has"
                                + " both.");
    }

    @Test
    void snapshotsThatCannotBeSeenAreSaid() {
        RedisProcess redis = start();

        assertThat(examine(redis.uriOfMinimalUser(), Duration.ofSeconds(2), 0).findings())
                .containsExactly("HF-506: Redis 127.0.0.1:" + redis.port()
                        + " has appendonly no: when it starts again, what came after its last snapshot is missing,"
                        + " without snapshots everything, and users are logged out. Whether it makes any was not seen,"
                        + " this user may not ask CONFIG GET save. Set appendonly yes.");

        redis.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "+config|get"));
        assertThat(codes(examine(redis.uriOfMinimalUser(), Duration.ofSeconds(2), 0)))
                .containsExactly("HF-516");
    }

    /** Redis notes each refused command, and with appendonly there is nothing to learn from this one. */
    @Test
    void serverThatKeepsEverythingIsNotAskedForSnapshots() {
        RedisProcess redis = start("--appendonly", "yes");

        assertThat(codes(examine(redis.uriOfMinimalUser(), Duration.ofSeconds(2), 0)))
                .isEmpty();
        assertThat(redis.<Integer>ask(jedis -> jedis.aclLog().size())).isZero();
    }

    @Test
    void missingReplicasAreFoundAndThoseThatAreThereAreCounted() {
        RedisProcess redis = start("--appendonly", "yes", "--repl-diskless-sync-delay", "0");
        assertThat(codes(examine(redis, 1))).containsExactly("HF-508");

        RedisProcess replica = start("--appendonly", "yes", "--replicaof", "127.0.0.1", Integer.toString(redis.port()));
        await().until(() -> replica.ask(jedis -> jedis.info("replication")).contains("master_link_status:up"));

        assertThat(codes(examine(redis, 1))).isEmpty();
        assertThat(codes(examine(replica, 0))).containsExactly("HF-510");
    }

    @Test
    void whatThereAreNoRightsForIsSaid() {
        RedisProcess redis = start("--appendonly", "yes");
        redis.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "-info", "-wait"));

        assertThat(codes(examine(redis.uriOfMinimalUser(), Duration.ofSeconds(2), 1)))
                .containsExactly("HF-501", "HF-502");
    }

    @Test
    void nodeOfAClusterIsFound() {
        RedisProcess redis = start("--appendonly", "yes", "--cluster-enabled", "yes");

        assertThat(codes(examine(redis, 0))).containsExactly("HF-511");
    }

    @Test
    void timeoutThatIsTooShortForTheWayIsFound() {
        RedisProcess redis = start("--appendonly", "yes");
        // Nothing answers within a quarter of a microsecond; one attempt has the whole of it for each answer all the
        // same.
        Doctor doctor = doctor(redis.uri(), Duration.ofSeconds(2), Duration.ofNanos(1000));

        assertThat(codes(
                        doctor.examine(System.nanoTime() + Duration.ofSeconds(5).toNanos())))
                .containsExactly("HF-503");
    }

    @Test
    void diskThatCannotBeWrittenToIsFound() throws Exception {
        RedisProcess redis = start("--appendonly", "no");
        letSettingsBeSeen(redis);
        Path directory =
                Path.of(redis.<String>ask(jedis -> jedis.configGet("dir").get("dir")));
        // Redis stands in it, and a directory that is gone takes no file, whoever the user is.
        Files.delete(directory.resolve("redis.log"));
        Files.delete(directory);
        try {
            redis.ask(Jedis::bgsave);
            await().until(() -> redis.ask(jedis -> jedis.info("persistence")).contains("rdb_last_bgsave_status:err"));

            assertThat(codes(examine(redis, 0))).containsExactly("HF-507", "HF-516");
        } finally {
            Files.createDirectory(directory);
        }
    }

    @Test
    void sentinelsWithoutAReplicaToChooseAreFound() {
        RedisProcess redis = start("--appendonly", "yes");
        SentinelProcess sentinel = SentinelProcess.watch("main", redis.port(), 1);
        open.add(sentinel);
        URI uri = URI.create("redis-sentinel://127.0.0.1:" + sentinel.port() + "/main");

        assertThat(codes(examine(uri, Duration.ofSeconds(2), 0))).containsExactly("HF-509");
    }

    @Test
    void versionThatIsTooOldIsFound() {
        RedisProcess redis = start("--appendonly", "yes");
        FaultyLink proxy = proxy(redis);
        proxy.rewrite(reply -> reply.replaceAll("redis_version:\\d", "redis_version:5"));

        assertThat(codes(examine(proxy.uri(), Duration.ofSeconds(2), 0))).containsExactly("HF-512");
    }

    @Test
    void clockThatIsFarFromTheNodesIsFound() {
        RedisProcess redis = start("--appendonly", "yes");
        FaultyLink proxy = proxy(redis);
        proxy.rewrite(reply -> reply.replaceAll("\\$10\r\n1\\d", "\\$10\r\n19"));

        Diagnosis diagnosis = examine(proxy.uri(), Duration.ofSeconds(2), 0);

        assertThat(codes(diagnosis)).containsExactly("HF-515");
        assertThat(diagnosis.findings())
                .singleElement()
                .asString()
                .matches("HF-515: the clock of Redis 127\\.0\\.0\\.1:\\d+ is [1-9]\\d+ seconds ahead of this"
                        + " node's\\..*");
    }

    // ---- rights of an application

    @Test
    void userWhoMayDoAllThatIsDocumentedLacksNothing() {
        RedisProcess redis = start();

        assertThat(missingRights(redis)).isEmpty();
        assertThat(redis.<Long>ask(Jedis::dbSize)).isZero();
    }

    @Test
    void eachMissingRightIsNamedAndNothingIsLeftBehind() {
        RedisProcess redis = start();
        redis.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "-hset", "-zremrangebyrank"));

        assertThat(missingRights(redis))
                .containsExactly("HF-514: The user of holdfast.redis at Redis 127.0.0.1:" + redis.port()
                        + " may not use +hset +zremrangebyrank: sessions of this application are answered 503."
                        + " Grant ~{hf:shop:* and +hset +zremrangebyrank.");
        assertThat(redis.<Long>ask(Jedis::dbSize)).isZero();
    }

    @Test
    void eachRightThatIsTakenFromTheDocumentedLineIsMissedOrIsNotAboutKeys() {
        RedisProcess redis = start();
        List<String> notMissed = new ArrayList<>();
        for (String command : MinimalUser.documented().commands()) {
            redis.ask(jedis -> jedis.aclSetUser(
                    MinimalUser.documented().name(), MinimalUser.documented().rulesWithout(command)));
            redis.ask(Jedis::scriptFlush);
            try {
                if (missingRights(redis).isEmpty()) {
                    notMissed.add(command);
                }
            } catch (StoreUnavailableException e) {
                assertThat(e).hasMessageContaining("HF-422");
            }
            redis.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "+" + command));
        }

        // Asked for by the connection, and missed by the doctor of the server.
        assertThat(notMissed).containsExactlyInAnyOrder("client|setname", "info", "select", "wait");
    }

    @Test
    void keysThatTheUserMayNotTouchAreNamed() {
        RedisProcess redis = start();
        redis.ask(jedis -> jedis.aclSetUser(MinimalUser.documented().name(), "resetkeys", "~{hf:desk:*"));

        assertThat(missingRights(redis))
                .singleElement()
                .asString()
                .contains("NOPERM")
                .endsWith("Grant ~{hf:shop:* and the commands of docs/redis.md.");
    }

    // ---- what the tests are written with ----

    private List<String> missingRights(RedisProcess redis) {
        try (RedisServer server = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(2))) {
            return new RedisSessionStore(server, "shop").missingRights(OneSession.budget());
        }
    }

    private FaultyLink proxy(RedisProcess redis) {
        FaultyLink proxy = FaultyLink.to(redis.port());
        open.add(proxy);
        return proxy;
    }

    private static List<String> codes(Diagnosis diagnosis) {
        return diagnosis.findings().stream().map(line -> line.substring(0, 6)).toList();
    }

    private Diagnosis examine(RedisProcess redis, int durability) {
        return examine(redis.uri(), Duration.ofSeconds(2), durability);
    }

    private Diagnosis examine(URI uri, Duration timeout, int durability) {
        RedisServer server = RedisServer.connect(uri, List.of(), timeout, durability);
        open.add(server);
        return server.examine(OneSession.budget());
    }

    private Doctor doctor(URI uri, Duration timeout, Duration attempt) {
        RedisClient client = RedisClient.connect(uri, RedisLogin.NONE, List.of(), timeout, () -> Integer.MAX_VALUE);
        open.add(client);
        return new Doctor(client, 0, attempt);
    }

    private RedisProcess start(String... arguments) {
        RedisProcess redis = RedisProcess.start(arguments).unaudited();
        open.add(redis);
        return redis;
    }
}
