package dev.holdfast.redis;

import static dev.holdfast.redis.ScriptedRedis.Reply.after;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.redis.client.Connections;
import dev.holdfast.redis.client.RedisCommand;
import dev.holdfast.redis.client.Replies;
import dev.holdfast.session.SessionStore.LoadReply;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.session.StoreUnavailableException.Reason;
import dev.holdfast.session.WaitBudget;
import dev.holdfast.testing.Alone;
import dev.holdfast.testing.FaultyLink;
import dev.holdfast.testing.RedisProcess;
import dev.holdfast.testing.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Protocol.Command;

/** Which of two attempts is believed, and that neither leaves anything behind for others. */
@Alone
class SecondAttemptIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final String KEY = "{hf:shop:05}x";
    private static final String FIRST = "$5\r\nfirst\r\n";
    private static final String SECOND = "$6\r\nsecond\r\n";
    private static final String REFUSED = "-NOREPLICAS Not enough good replicas to write.\r\n";

    @TempDir
    private static Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private <T extends AutoCloseable> T keep(T what) {
        open.add(what);
        return what;
    }

    private ScriptedRedis redis(ScriptedRedis.Script script) {
        return keep(new ScriptedRedis("abc", script));
    }

    private RedisServer connect(URI uri, int replicas) {
        return keep(RedisServer.connect(uri, List.of(), TIMEOUT, replicas));
    }

    private static Object get(RedisServer server, String key) {
        Replies replies = server.run("get", new WaitBudget(TIMEOUT), List.of(RedisCommand.plain(Command.GET, key)));
        Object reply = replies.all().get(0);
        return reply instanceof byte[] bytes ? new String(bytes, US_ASCII) : String.valueOf(reply);
    }

    /** What a node is answered by such a Redis: by another one, where a busy machine was too late for its script. */
    private Object answerOf(ScriptedRedis.Script script) {
        return await().ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                .until(() -> get(connect(redis(script).uri(), 0), KEY), answer -> true);
    }

    // ---- which answer counts ----

    @Test
    void answerOfTheFirstCountsThoughNoSecondConnectionIsToBeHad() {
        ScriptedRedis redis = redis((connection, command) -> List.of(after(1_400, FIRST)));
        RedisServer server = connect(redis.uri(), 0);
        Future<Object> asked = executor().submit(() -> get(server, KEY));
        await().until(() -> Connections.busy(server.client()) == 1);
        redis.takeNoMore();

        assertThat(value(asked)).isEqualTo("first");
        assertThat(Connections.busy(server.client())).isZero();
    }

    @Test
    void answerOfTheFirstCountsWhereTheSecondIsRefused() {
        assertThat(answerOf(
                        (connection, command) -> List.of(connection == 0 ? after(1_400, FIRST) : after(50, REFUSED))))
                .isEqualTo("first");
    }

    @Test
    void refusalOfTheFirstIsNoReasonToLeaveTheSecond() {
        assertThat(answerOf(
                        (connection, command) -> List.of(connection == 0 ? after(1_200, REFUSED) : after(500, SECOND))))
                .isEqualTo("second");
    }

    @Test
    void refusalOfTheFirstIsSaidWhereTheSecondSaysNothing() {
        assertThat(answerOf((connection, command) -> connection == 0 ? List.of(after(1_200, REFUSED)) : List.of()))
                .asString()
                .contains("NOREPLICAS");
    }

    /** Its script is answered, and replicas are still waited for, when the first one begins to say something. */
    @Test
    void waitOfTheSecondForReplicasIsNotCutShort() {
        ScriptedRedis redis = redis((connection, command) -> connection == 0
                ? List.of(after(1_300, FIRST + ":1\r\n:1\r\n"))
                : List.of(after(50, SECOND + ":1\r\n:1\r\n"), after(600, ":1\r\n")));
        RedisServer server = connect(redis.uri(), 1);

        Replies replies =
                server.runReplicated("get", new WaitBudget(TIMEOUT), List.of(RedisCommand.plain(Command.GET, KEY)));

        assertThat(replies.replicas().areEnough()).isTrue();
    }

    // ---- a slot that has another owner meanwhile ----

    private static String slots(int port) {
        return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + port + "\r\n";
    }

    /** It may not have what it was told: this node knows that another one took its place. */
    @ParameterizedTest
    @ValueSource(strings = {FIRST, "-MOVED 1 127.0.0.1:1\r\n"})
    void answerOfAFormerOwnerIsTooLate(String late) {
        AtomicInteger owner = new AtomicInteger();
        ScriptedRedis next = keep(new ScriptedRedis(
                "bbb",
                (connection, command) ->
                        List.of(command.contains("SLOTS") ? after(0, slots(owner.get())) : after(500, SECOND))));
        ScriptedRedis former = keep(new ScriptedRedis("aaa", (connection, command) -> {
            if (command.contains("SLOTS")) {
                return List.of(after(0, slots(owner.get())));
            }
            return List.of(command.contains("warm") ? after(0, "$4\r\nwarm\r\n") : after(1_200, late));
        }));
        owner.set(former.port());
        RedisServer server = connect(URI.create("redis-cluster://127.0.0.1:" + former.port()), 0);
        get(server, "{hf:shop:05}warm");
        owner.set(next.port());

        assertThat(get(server, KEY)).isEqualTo("second");
    }

    // ---- what is left behind ----

    /**
     * Redis does not know the scripts: they are sent again on the connection of the first attempt, and that takes too
     * long.
     */
    @Test
    void connectionThatStillOwesAReplyIsGivenToNobody() {
        RedisProcess redis = keep(RedisProcess.start());
        FaultyLink link = keep(FaultyLink.to(redis.port()));
        RedisSessionStore store = new RedisSessionStore(connect(link.uri(), 0), "shop");
        OneSession one = new OneSession();
        OneSession other = new OneSession();
        one.create(store, "of one");
        other.create(store, "of other");
        redis.ask(jedis -> jedis.scriptFlush());
        link.slow(Duration.ofMillis(1_400));
        StoreUnavailableException late =
                catchThrowableOfType(StoreUnavailableException.class, () -> one.load(store, new WaitBudget(TIMEOUT)));
        assertThat(late).isNotNull();

        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try {
                LoadReply reply = other.load(store, new WaitBudget(TIMEOUT));
                seen.add(new String(reply.snapshot().values().get("a:x").bytes(), US_ASCII));
            } catch (StoreUnavailableException e) {
                seen.add("refused");
            }
        }

        assertThat(seen).doesNotContain("of one");
        link.heal();
        // It may be taken for away by now, and is found within half a second; but what is answered first has to be
        // right.
        assertThat(await().ignoreExceptionsInstanceOf(StoreUnavailableException.class)
                        .until(() -> other.value(store), value -> true))
                .isEqualTo("of other");
    }

    // ---- signs of life ----

    /** What does TLS for a Redis that is away shakes hands, and says that it ends. */
    @Test
    void whatTlsSaysForItselfIsNoSignOfRedis() throws Exception {
        TestAuthority authority = new TestAuthority("authority");
        SSLServerSocket listener = keep(terminator(authority));
        ScheduledExecutorService closing = executor();
        List<Future<?>> work = new CopyOnWriteArrayList<>();
        open.add(() -> work.forEach(each -> each.cancel(true)));
        Thread accepting = new Thread(() -> {
            try {
                while (true) {
                    SSLSocket socket = (SSLSocket) listener.accept();
                    work.add(closing.schedule(
                            () -> {
                                socket.close();
                                return true;
                            },
                            3,
                            TimeUnit.SECONDS));
                    work.add(closing.submit(() -> {
                        socket.startHandshake();
                        return true;
                    }));
                }
            } catch (IOException e) {
                // the test is over
            }
        });
        accepting.setDaemon(true);
        accepting.start();
        RedisServer server = keep(RedisServer.connect(
                URI.create("rediss://127.0.0.1:" + listener.getLocalPort()),
                List.of(authority.certificate()),
                TIMEOUT,
                0));
        AtomicBoolean over = new AtomicBoolean();
        open.add(() -> over.set(true));
        AtomicInteger heldBack = new AtomicInteger();
        Thread asking = new Thread(() -> {
            while (!over.get()) {
                try {
                    server.check(new WaitBudget(TIMEOUT));
                } catch (StoreUnavailableException e) {
                    heldBack.set(e.reason() == Reason.AWAY ? heldBack.get() + 1 : 0);
                }
            }
        });
        asking.setDaemon(true);
        asking.start();

        await().atMost(Duration.ofSeconds(20)).until(server::isAway);
        // The first of them are closed now, and the last ones that were asked before.
        await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(20)).until(server::isAway);
        assertThat(heldBack.get()).isPositive();
    }

    private static SSLServerSocket terminator(TestAuthority authority) throws IOException, GeneralSecurityException {
        TestAuthority.Server server = authority.loopback(directory);
        String pem = Files.readString(server.key()).replaceAll("-----[A-Z ]+-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        Certificate certificate;
        try (var in = Files.newInputStream(server.certificate())) {
            certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, new char[0], new Certificate[] {certificate});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 200, InetAddress.getLoopbackAddress());
    }

    private ScheduledExecutorService executor() {
        ScheduledExecutorService made = Executors.newScheduledThreadPool(2);
        open.add(made::shutdownNow);
        return made;
    }

    private static Object value(Future<Object> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
