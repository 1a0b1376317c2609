package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.RealParts;
import dev.holdfast.testing.RedisClusterProcess;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TestAuthority;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real cluster with TLS, set up as docs/redis.md says, whose nodes have a certificate for their name and none for
 * their address.
 */
class ClusterTlsIT {
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final Duration FAILOVER = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private static TestAuthority authority;
    private static RedisClusterProcess cluster;

    private final List<RedisServer> servers = new ArrayList<>();
    private final OneSession session = new OneSession();
    private final String key = new RedisKeys("shop").session(session.id());

    @BeforeAll
    static void start() {
        RealParts.requireRedis7("A cluster that names its nodes by host names");
        authority = new TestAuthority("authority");
        TestAuthority.Server server = authority.serverNamed(directory, "localhost");
        List<String> configuration = new ArrayList<>();
        Docs.block("redis.md", "Cluster with TLS", "redis")
                .replace("/etc/redis/redis.crt", server.certificate().toString())
                .replace("/etc/redis/redis.key", server.key().toString())
                .replace("/etc/redis/ca.crt", authority.certificate(directory).toString())
                .replace("redis1.internal", "localhost")
                .lines()
                .filter(line -> !line.startsWith("tls-port"))
                .forEach(line -> configuration.addAll(List.of(("--" + line).split(" ", 2))));
        cluster = RedisClusterProcess.startWithTls(configuration);
        cluster.grantDocumented();
    }

    @AfterEach
    void disconnect() {
        servers.forEach(RedisServer::close);
    }

    @AfterAll
    static void stop() {
        if (cluster == null) {
            return; // left out
        }
        List<List<String>> findings = cluster.askPrimaries(RedisAudit::of);
        cluster.close();
        assertThat(findings).allMatch(List::isEmpty);
    }

    @Test
    void sessionsGoToAllPrimariesByTlsAlone() {
        RedisSessionStore store = store(authority);

        for (RedisProcess primary : cluster.nodes().subList(0, 3)) {
            OneSession there = sessionAt(primary);
            there.create(store, "1");
            there.change(store, "2");
            assertThat(there.value(store)).isEqualTo("2");
            assertThat(connections(primary))
                    .isNotEmpty()
                    .allMatch(line -> line.contains(" laddr=127.0.0.1:" + cluster.tlsPort(primary) + " "));
        }
    }

    @Test
    void slotThatMovedIsFollowed() {
        RedisSessionStore store = store(authority);
        session.create(store, "1");
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        RedisProcess target = cluster.otherThanOwnerOf(key);

        cluster.move(key, target);

        assertThat(session.value(store)).isEqualTo("1");
        assertThat(heard).hasValue(1);
        session.change(store, "2");
        assertThat(session.value(store)).isEqualTo("2");
        assertThat(connections(target))
                .isNotEmpty()
                .allMatch(line -> line.contains(" laddr=127.0.0.1:" + cluster.tlsPort(target) + " "));
    }

    /** It takes connections still, and the handshake goes unanswered. */
    @Test
    void pausedPrimaryIsLeftForTheNextOne() {
        RedisSessionStore store = store(authority);
        session.create(store(authority, 1), "1");
        RedisProcess paused = cluster.ownerOf(key);
        session.value(store);
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        paused.pause();
        try {
            await().atMost(FAILOVER)
                    .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                    .until(() -> session.load(store, new WaitBudget(SHORT)).snapshot() != null);
            assertThat(heard).hasPositiveValue();
            session.change(store, "2");
        } finally {
            paused.resume();
        }
        cluster.awaitWhole();
        assertThat(session.value(store)).isEqualTo("2");
    }

    @Test
    void certificatesOfAnotherAuthorityAreRefusedBeforeAnythingIsSaid() {
        RedisSessionStore store = store(new TestAuthority("stranger"));

        assertThat(refusal(store))
                .hasMessageContaining("(of the cluster " + cluster.tlsHosts("localhost") + ") is not known, ")
                .hasMessageContaining("localhost:"
                        + cluster.tlsPort(cluster.nodes().get(2)) + " showed a certificate that cannot be trusted, \"")
                .hasMessageContaining("HF-411: ");
        StoreUnavailableException again = refusal(store);
        assertThat(again.reason()).as(again.getMessage()).isEqualTo(StoreUnavailableException.Reason.NONE);
    }

    @Test
    void nodesThatAreNamedByAddressNeedItInTheirCertificates() {
        everyNode("cluster-preferred-endpoint-type", "ip");
        try {
            assertThat(refusal(store(authority)))
                    .hasMessageContaining("Redis 127.0.0.1:")
                    .hasMessageContaining("showed a certificate of another name, \"No subject alternative names")
                    .hasMessageContaining("HF-412: ");
        } finally {
            everyNode("cluster-preferred-endpoint-type", "hostname");
        }
        session.create(store(authority), "1");
    }

    @Test
    void plainPortsAreNeverMadeDoWith() {
        RedisSessionStore store = store(URI.create("rediss-cluster://" + cluster.hosts()), authority, 0);

        assertThat(refusal(store, new WaitBudget(SHORT)))
                .hasMessageContaining(" did not answer the TLS handshake")
                .hasMessageContaining("HF-416: ");
    }

    // ---- what the tests are written with ----

    private static OneSession sessionAt(RedisProcess primary) {
        RedisKeys keys = new RedisKeys("shop");
        OneSession candidate = new OneSession();
        while (cluster.ownerOf(keys.session(candidate.id())) != primary) {
            candidate = new OneSession();
        }
        return candidate;
    }

    private static List<String> connections(RedisProcess node) {
        String clients = node.ask(jedis -> jedis.clientList());
        return clients.lines().filter(line -> line.contains(" name=holdfast ")).toList();
    }

    private static void everyNode(String name, String value) {
        cluster.nodes().forEach(node -> node.ask(jedis -> jedis.configSet(name, value)));
    }

    private RedisSessionStore store(TestAuthority trusted) {
        return store(trusted, 0);
    }

    private RedisSessionStore store(TestAuthority trusted, int replicas) {
        String variables = Docs.block("redis.md", "Cluster with TLS", "sh")
                .replace(
                        "redis1.internal:6380,redis2.internal:6380,redis3.internal:6380",
                        cluster.tlsHosts("localhost"));
        return store(URI.create(Docs.exported(variables, "HOLDFAST_REDIS")), trusted, replicas);
    }

    private RedisSessionStore store(URI uri, TestAuthority trusted, int replicas) {
        RedisServer server = RedisServer.connect(uri, List.of(trusted.certificate()), Duration.ofSeconds(10), replicas);
        servers.add(server);
        return new RedisSessionStore(server, "shop");
    }

    /** At the end of the first attempt: a certificate does not change meanwhile. */
    private StoreUnavailableException refusal(RedisSessionStore store) {
        return refusal(store, OneSession.budget());
    }

    private StoreUnavailableException refusal(RedisSessionStore store, WaitBudget budget) {
        return catchThrowableOfType(StoreUnavailableException.class, () -> session.load(store, budget));
    }
}
