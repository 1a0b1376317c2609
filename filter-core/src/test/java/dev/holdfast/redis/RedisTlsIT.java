package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.Ports;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/**
 * TLS to a real Redis: who is believed, what each failure says, and that nothing of it waits longer than a request may.
 */
class RedisTlsIT {
    private static final Duration SHORT = Duration.ofMillis(300);
    // Room for a slow machine; what it excludes is waiting without end.
    private static final Duration ROOM = Duration.ofSeconds(3);

    @TempDir
    private static Path directory;

    private final TestAuthority authority = new TestAuthority("authority");
    private final OneSession session = new OneSession();
    private final int tlsPort = Ports.free();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    // ---- what works ----

    @Test
    void sessionsGoThroughTlsInBothDirectionsAlsoLargeOnes() {
        startRedis(authority.loopback(directory));
        RedisSessionStore store = store("rediss", authority);
        String large = "x".repeat(5_000_000);

        session.create(store, "small");
        session.change(store, large);

        assertThat(session.value(store)).isEqualTo(large);
    }

    @Test
    void connectionIsUsedAgainAndTheServersGoodbyeIsNoticed() {
        RedisProcess redis = startRedis(authority.loopback(directory));
        RedisSessionStore store = store("rediss", authority);
        session.create(store, "1");
        session.change(store, "2");
        assertThat(clients(redis)).isEqualTo(1);

        redis.ask(jedis -> jedis.clientKill(ClientKillParams.clientKillParams().type(ClientType.NORMAL)));

        assertThat(session.change(store, "3", OneSession.budget()).repeated()).isFalse();
    }

    @Test
    void nameInTheAddressIsComparedWithTheNamesOfTheCertificate() {
        startRedis(authority.serverNamed(directory, "other", "localhost"));

        session.create(store(URI.create("rediss://localhost:" + tlsPort), authority), "1");

        assertThat(session.value(store(URI.create("rediss://localhost:" + tlsPort), authority)))
                .isEqualTo("1");
    }

    @Test
    void configurationInTheDocumentationWorks() {
        TestAuthority.Server server = authority.serverNamed(directory, "localhost");
        Path ca = authority.certificate(directory);
        List<String> arguments = new ArrayList<>();
        Docs.block("redis.md", "TLS", "redis")
                .replace("/etc/redis/redis.crt", server.certificate().toString())
                .replace("/etc/redis/redis.key", server.key().toString())
                .replace("/etc/redis/ca.crt", ca.toString())
                .replace("tls-port 6380", "tls-port " + tlsPort)
                .lines()
                .forEach(line -> arguments.addAll(List.of(("--" + line).split(" ", 2))));
        RedisProcess redis = RedisProcess.start(arguments.toArray(String[]::new));
        open.add(redis);
        redis.ask(jedis -> jedis.aclSetUser("shop", "on", ">secret", "~{hf:*", "+@all"));

        String variables = Docs.block("redis.md", "TLS", "sh")
                .replace("/etc/holdfast/ca.crt", ca.toString())
                .replace("redis.internal:6380", "localhost:" + tlsPort);

        assertThat(Docs.exported(variables, "HOLDFAST_REDIS_CA")).isEqualTo(ca.toString());
        session.create(store(URI.create(Docs.exported(variables, "HOLDFAST_REDIS")), authority), "1");
    }

    // ---- what is refused ----

    @Test
    void certificateOfAnotherNameIsRefused() {
        startRedis(authority.serverNamed(directory, "redis.example"));

        assertThat(Said.of(refusal(store("rediss", authority))))
                .isEqualTo(message("showed a certificate of another name,"
                        + " \"No subject alternative names matching IP address 127.0.0.1 found\""
                        + " (attempt 1, 0 of 32 connections busy, budget 10000ms)."
                        + " HF-412: Call Redis in holdfast.redis by a name of its certificate, or give it one that has this"
                        + " name as subjectAltName. Nodes of a cluster, and the primary of sentinels, are called as the"
                        + " others name them."));
    }

    @Test
    void certificateOfAnotherAuthorityIsRefused() {
        startRedis(new TestAuthority("stranger").loopback(directory));

        assertThat(Said.of(refusal(store("rediss", authority))))
                .isEqualTo(message("showed a certificate that cannot be trusted,"
                        + " \"unable to find valid certification path to requested target\""
                        + " (attempt 1, 0 of 32 connections busy, budget 10000ms)."
                        + " HF-411: It is not signed by an authority of holdfast.redis.ca: that file must hold the"
                        + " certificate of the authority that signed it."));
    }

    @Test
    void ownAuthorityIsUnknownToJavaUntilItIsNamed() {
        startRedis(authority.loopback(directory));

        assertThat(refusal(store(URI.create("rediss://127.0.0.1:" + tlsPort), List.of())))
                .hasMessageEndingWith("HF-411: It is not signed by one of the authorities that Java knows:"
                        + " set holdfast.redis.ca to the PEM file of the authority that signed it.");
    }

    @Test
    void certificateThatHasExpiredOrIsNotYetValidIsRefused() {
        RedisProcess redis = startRedis(authority.loopback(directory, Duration.ofDays(-3), Duration.ofDays(-1)));
        RedisSessionStore store = store("rediss", authority);

        assertThat(refusal(store))
                .hasMessageContaining("showed a certificate that has expired, \"NotAfter: ")
                .hasMessageEndingWith("HF-413: Give Redis a new one; no node is to be restarted.");

        use(redis, authority.loopback(directory, Duration.ofDays(1), Duration.ofDays(3)));
        assertThat(refusal(store))
                .hasMessageContaining("showed a certificate that is not valid yet, \"NotBefore: ")
                .hasMessageEndingWith(
                        "HF-414: Set the clock of this machine, or of the one that made the certificate.");

        use(redis, authority.loopback(directory));
        session.create(store, "1");
    }

    @Test
    void serverThatWantsACertificateOfOursSaysSo() {
        startRedis(authority.loopback(directory), "--tls-auth-clients", "yes");

        assertThat(refusal(store("rediss", authority)))
                .hasMessageContaining("broke the connection behind the TLS handshake")
                .hasMessageEndingWith("HF-415: It may want a certificate from its clients, and Holdfast has none:"
                        + " set tls-auth-clients to no in Redis, and let a user and its password say who we are."
                        + " Otherwise see its log.");
    }

    @Test
    void serverWithoutACipherInCommonSaysSo() {
        startRedis(
                authority.loopback(directory),
                "--tls-auth-clients",
                "no",
                "--tls-protocols",
                "TLSv1.2",
                "--tls-ciphers",
                "ECDHE-RSA-CAMELLIA256-SHA384");

        assertThat(refusal(store("rediss", authority)))
                .hasMessageContaining("did not agree on TLS")
                .hasMessageEndingWith("HF-417: See its log, and tls-protocols and tls-ciphers there.");
    }

    @Test
    void plainPortForTlsAndTlsPortForPlainAreToldApart() {
        RedisProcess redis = startRedis(authority.loopback(directory));

        assertThat(refusal(store(URI.create("rediss://127.0.0.1:" + redis.port()), authority), new WaitBudget(SHORT)))
                .hasMessageContaining("took the connection and did not answer the TLS handshake")
                .hasMessageEndingWith(
                        "HF-416: It may stand still, or be gone behind a balancer: look at it, and at its log."
                                + " If it never answers, name the tls-port of Redis in holdfast.redis.");
        assertThat(refusal(store("redis", authority)))
                .hasMessageContaining("broke the connection before it said anything")
                .hasMessageEndingWith("HF-418: If this port speaks TLS, begin holdfast.redis with rediss in place of"
                        + " redis. Otherwise see the log of Redis.");
    }

    // ---- how long it takes ----

    /** As behind a balancer that has no Redis left: an outage, and nothing about versions of TLS. */
    @Test
    void handshakeThatIsResetIsAnOutage() throws IOException {
        ServerSocket resetting = new ServerSocket(tlsPort, 50, InetAddress.getLoopbackAddress());
        open.add(resetting);
        Thread thread = new Thread(() -> resetEach(resetting), "resetting");
        thread.setDaemon(true);
        thread.start();

        StoreUnavailableException refused = refusal(store("rediss", authority), new WaitBudget(SHORT));

        assertThat(refused).hasMessageContaining("HF-416: ");
        assertThat(refused.reason()).isNotEqualTo(StoreUnavailableException.Reason.NONE);
    }

    private static void resetEach(ServerSocket listener) {
        try {
            while (true) {
                try (Socket client = listener.accept()) {
                    if (client.getInputStream().read() >= 0) { // the handshake has begun
                        client.setSoLinger(true, 0);
                    }
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    @Test
    void handshakeEndsWithTheRequestsBudget() throws IOException {
        ServerSocket silent = new ServerSocket(tlsPort, 5, InetAddress.getLoopbackAddress());
        open.add(silent);
        RedisSessionStore store = store("rediss", authority);

        long start = System.nanoTime();
        StoreUnavailableException refused = refusal(store, new WaitBudget(SHORT));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);

        assertThat(refused).hasMessageContaining("took the connection and did not answer the TLS handshake");
        assertThat(refused.maybeApplied()).isFalse();
        assertThat(waited).isBetween(SHORT, ROOM);
    }

    @Test
    void readingFromAPausedServerEndsWithTheRequestsBudget() {
        RedisProcess redis = startRedis(authority.loopback(directory));
        RedisSessionStore store = store("rediss", authority);
        session.create(store, "1");
        redis.pause();

        long start = System.nanoTime();
        StoreUnavailableException refused = refusal(store, new WaitBudget(SHORT));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        redis.resume();

        assertThat(refused).hasMessageContaining("did not answer");
        assertThat(refused.maybeApplied()).isTrue();
        assertThat(waited).isBetween(SHORT, ROOM);
        assertThat(session.value(store)).isEqualTo("1");
    }

    @Test
    void writingMoreThanTheSocketTakesEndsWithTheRequestsBudget() {
        RedisProcess redis = startRedis(authority.loopback(directory));
        RedisSessionStore store = store("rediss", authority);
        session.create(store, "1");
        String large = "x".repeat(32 * 1024 * 1024);
        redis.pause();

        long start = System.nanoTime();
        StoreUnavailableException refused = catchThrowableOfType(
                StoreUnavailableException.class, () -> session.change(store, large, new WaitBudget(SHORT)));
        Duration waited = Duration.ofNanos(System.nanoTime() - start);
        redis.resume();

        assertThat(refused).isNotNull();
        assertThat(waited).isLessThan(ROOM);
        assertThat(session.value(store)).isEqualTo("1");
    }

    // ---- what the tests are written with ----

    private RedisProcess startRedis(TestAuthority.Server server, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--tls-port", Integer.toString(tlsPort)));
        arguments.addAll(List.of("--tls-cert-file", server.certificate().toString()));
        arguments.addAll(List.of("--tls-key-file", server.key().toString()));
        arguments.addAll(
                List.of("--tls-ca-cert-file", authority.certificate(directory).toString()));
        arguments.addAll(more.length == 0 ? List.of("--tls-auth-clients", "no") : List.of(more));
        RedisProcess redis = RedisProcess.start(arguments.toArray(String[]::new));
        open.add(redis);
        return redis;
    }

    /**
     * The files change and their names stay: Redis 6.2 takes one setting at a time, and wants key and certificate to
     * fit after each.
     */
    private static void use(RedisProcess redis, TestAuthority.Server server) {
        redis.ask(jedis -> {
            String certificate = jedis.configGet("tls-cert-file").get("tls-cert-file");
            replace(server.key(), jedis.configGet("tls-key-file").get("tls-key-file"));
            replace(server.certificate(), certificate);
            return jedis.configSet("tls-cert-file", certificate);
        });
    }

    private static void replace(Path file, String old) {
        try {
            Files.copy(file, Path.of(old), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot replace " + old, e);
        }
    }

    private static long clients(RedisProcess redis) {
        String clients = redis.ask(jedis -> jedis.clientList());
        return clients.lines().filter(line -> line.contains("name=holdfast")).count();
    }

    private RedisSessionStore store(String scheme, TestAuthority trusted) {
        return store(URI.create(scheme + "://127.0.0.1:" + tlsPort), trusted);
    }

    private RedisSessionStore store(URI uri, TestAuthority trusted) {
        return store(uri, List.of(trusted.certificate()));
    }

    private RedisSessionStore store(URI uri, List<X509Certificate> trusted) {
        RedisServer server = RedisServer.connect(uri, trusted, Duration.ofSeconds(5), 0);
        open.add(0, server);
        return new RedisSessionStore(server, "shop");
    }

    private String message(String end) {
        return "Cannot load session " + session.id().shortened() + ": Redis 127.0.0.1:" + tlsPort + " " + end;
    }

    private StoreUnavailableException refusal(RedisSessionStore store) {
        return refusal(store, OneSession.budget());
    }

    private StoreUnavailableException refusal(RedisSessionStore store, WaitBudget budget) {
        return catchThrowableOfType(StoreUnavailableException.class, () -> session.load(store, budget));
    }
}
