package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
                        + " of no maxmemory \\(noeviction\\), appendonly yes, answers within \\d+us");
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

    @Test
    void serverThatKeepsNothingIsFound() {
        assertThat(examine(start(), 0).findings())
                .singleElement()
                .asString()
                .startsWith("HF-506: Redis 127.0.0.1:")
                .endsWith("without snapshots everything, and users are logged out. Set appendonly yes.");
    }

    @Test
    void missingReplicasAreFoundAndThoseThatAreThereAreCounted() {
        RedisProcess redis = start("--appendonly", "yes", "--repl-diskless-sync-delay", "0");
        assertThat(codes(examine(redis, 1))).containsExactly("HF-508");

        RedisProcess replica = start("--appendonly", "yes", "--replicaof", "127.0.0.1 " + redis.port());
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
        RedisProcess redis = start(
                "--appendonly",
                "yes",
                "--cluster-enabled",
                "yes",
                "--cluster-port",
                Integer.toString(RedisProcess.freePort()));

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

    // ---- what the tests are written with ----

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
        Places places = RedisAddress.parse(uri)
                .places(new Connector(RedisAddress.parse(uri).login(), null));
        open.add(places);
        return new Doctor(places, new Trips(places, timeout), 0, attempt);
    }

    private RedisProcess start(String... arguments) {
        RedisProcess redis = RedisProcess.start(arguments).unaudited();
        open.add(redis);
        return redis;
    }
}
