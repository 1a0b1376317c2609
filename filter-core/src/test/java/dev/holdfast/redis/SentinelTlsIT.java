package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.SentinelProcess;
import dev.holdfast.testing.TestAuthority;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real sentinels, a primary and a replica that speak TLS, set up as docs/redis.md says. */
class SentinelTlsIT {
    private static final String NAME = "main";
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final Duration FAILOVER = Duration.ofSeconds(30);

    @TempDir
    private static Path directory;

    private final TestAuthority authority = new TestAuthority("authority");
    private final OneSession session = new OneSession();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Sentinel> sentinels = new ArrayList<>();
    private final int primaryTlsPort = Ports.free();
    private final int replicaTlsPort = Ports.free();
    private RedisProcess primary;
    private RedisProcess replica;

    private record Sentinel(SentinelProcess process, int tlsPort) {}

    @BeforeEach
    void start() {
        TestAuthority.Server server = authority.loopback(directory);
        primary = redis(server, primaryTlsPort);
        replica = redis(server, replicaTlsPort, "--replicaof", "127.0.0.1", Integer.toString(primaryTlsPort));
        for (int i = 0; i < 3; i++) {
            int port = Ports.free();
            List<String> lines = configuration(server, port).toList();
            sentinels.add(new Sentinel(keep(SentinelProcess.watch(NAME, primaryTlsPort, 2, lines)), port));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @Test
    void pausedPrimaryIsLeftForTheNextOneByTlsAlone() {
        RedisSessionStore store = store(Sentinel::tlsPort, authority);
        AtomicInteger heard = new AtomicInteger();
        store.onOtherPrimary(heard::incrementAndGet);
        session.create(store, "1");
        assertThat(connections(primary)).isNotEmpty().allMatch(line -> line.contains(":" + primaryTlsPort + " "));
        sentinels.forEach(sentinel -> sentinel.process().awaitKnown(NAME, 2, 1));
        assertThat(primary.<Long>ask(jedis -> jedis.waitReplicas(1, 10_000))).isEqualTo(1);
        primary.pause();

        await().atMost(FAILOVER)
                .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> session.load(store, new WaitBudget(SHORT)).snapshot() != null);

        assertThat(heard).hasValue(1);
        session.change(store, "2");
        assertThat(session.value(store)).isEqualTo("2");
        assertThat(connections(replica)).isNotEmpty().allMatch(line -> line.contains(":" + replicaTlsPort + " "));
    }

    @Test
    void sentinelsOfAnotherAuthorityAreNotBelieved() {
        assertThat(refusal(store(Sentinel::tlsPort, new TestAuthority("stranger"))))
                .hasMessageContaining("(primary \"main\" of the sentinels " + hosts(Sentinel::tlsPort)
                        + ") is not known, 127.0.0.1:" + sentinels.get(0).tlsPort()
                        + " showed a certificate that cannot be trusted, \"")
                .hasMessageContaining("HF-411: ");
    }

    @Test
    void plainPortsOfSentinelsAreNotMadeDoWith() {
        RedisSessionStore store = store(sentinel -> sentinel.process().port(), authority);

        // Each of the three gets a part of it, in which a plain port is to be heard on a busy machine, too.
        assertThat(refusal(store, new WaitBudget(Duration.ofSeconds(2))))
                .hasMessageContaining(" did not answer the TLS handshake")
                .hasMessageContaining("HF-416: ");
    }

    // ---- what the tests are written with ----

    private Stream<String> configuration(TestAuthority.Server server, int tlsPort) {
        return Docs.block("redis.md", "Sentinel with TLS", "redis")
                .replace("/etc/redis/redis.crt", server.certificate().toString())
                .replace("/etc/redis/redis.key", server.key().toString())
                .replace("/etc/redis/ca.crt", authority.certificate(directory).toString())
                .replace("tls-port 6380", "tls-port " + tlsPort)
                .lines();
    }

    private RedisProcess redis(TestAuthority.Server server, int tlsPort, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        configuration(server, tlsPort).forEach(line -> arguments.addAll(List.of(("--" + line).split(" ", 2))));
        return keep(RedisProcess.start(arguments.toArray(String[]::new)));
    }

    private static List<String> connections(RedisProcess node) {
        String clients = node.ask(jedis -> jedis.clientList());
        return clients.lines()
                .filter(line -> line.contains(" name=holdfast "))
                .map(line -> line.replaceFirst(".* (laddr=\\S+ ).*", "$1"))
                .toList();
    }

    private String hosts(ToIntFunction<Sentinel> port) {
        return sentinels.stream()
                .map(sentinel -> "127.0.0.1:" + port.applyAsInt(sentinel))
                .collect(Collectors.joining(","));
    }

    private RedisSessionStore store(ToIntFunction<Sentinel> port, TestAuthority trusted) {
        String variables = Docs.block("redis.md", "Sentinel with TLS", "sh")
                .replace("sentinel1:26380,sentinel2:26380,sentinel3:26380", hosts(port));
        return new RedisSessionStore(
                keep(RedisServer.connect(
                        URI.create(Docs.exported(variables, "HOLDFAST_REDIS")),
                        List.of(trusted.certificate()),
                        Duration.ofSeconds(2),
                        0)),
                "shop");
    }

    /** At the end of the first attempt: a certificate does not change meanwhile. */
    private StoreUnavailableException refusal(RedisSessionStore store) {
        return refusal(store, OneSession.budget());
    }

    private StoreUnavailableException refusal(RedisSessionStore store, WaitBudget budget) {
        return catchThrowableOfType(StoreUnavailableException.class, () -> session.load(store, budget));
    }

    private <T extends AutoCloseable> T keep(T each) {
        open.add(each);
        return each;
    }
}
