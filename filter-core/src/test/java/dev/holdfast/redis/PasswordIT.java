package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.config.RedisLogin;
import dev.holdfast.session.SessionId;
import dev.holdfast.session.StoreUnavailableException;
import dev.holdfast.testing.Docs;
import dev.holdfast.testing.MinimalUser;
import dev.holdfast.testing.RedisProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** A login that stands beside the address, and a password that changes. */
class PasswordIT {
    private static final String USER = MinimalUser.documented().name();

    @TempDir
    private Path directory;

    private final RedisProcess redis = RedisProcess.start();
    private final List<RedisServer> servers = new ArrayList<>();

    @BeforeEach
    void write() throws IOException {
        Files.writeString(file(), MinimalUser.documented().password() + "\n");
    }

    @AfterEach
    void stop() {
        servers.forEach(RedisServer::close);
        redis.close();
    }

    private Path file() {
        return directory.resolve("password");
    }

    private RedisSessionStore store(RedisLogin login) {
        RedisServer server = RedisServer.connect(
                URI.create("redis://127.0.0.1:" + redis.port()), login, List.of(), Duration.ofSeconds(5), 0, () -> 200);
        servers.add(server);
        return new RedisSessionStore(server, "shop");
    }

    private void breakConnections() {
        redis.ask(jedis -> jedis.clientKill(
                ClientKillParams.clientKillParams().type(ClientType.NORMAL).skipMe(ClientKillParams.SkipMe.YES)));
    }

    @Test
    void loginStandsBesideTheAddress() {
        RedisSessionStore store =
                store(new RedisLogin(USER, MinimalUser.documented().password(), null));

        new OneSession().create(store, "1");

        RedisSessionStore stranger = store(new RedisLogin(USER, "another", null));
        assertThatThrownBy(() -> new OneSession().create(stranger, "1"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("HF-421: ")
                .hasMessageNotContaining("another");
    }

    /** As operators do it: the new one is added, the file gets it, the old one is taken away. */
    @Test
    void nobodyIsRefusedWhileThePasswordChangesUnderLoad() throws Exception {
        RedisSessionStore store = store(new RedisLogin(USER, null, file()));
        AtomicBoolean end = new AtomicBoolean();
        AtomicInteger done = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> all = new ArrayList<>();
            Callable<Integer> load = () -> {
                int created = 0;
                while (!end.get()) {
                    new OneSession(SessionId.random()).create(store, "1");
                    created++;
                    done.incrementAndGet();
                }
                return created;
            };
            for (int i = 0; i < 4; i++) {
                all.add(threads.submit(load));
            }
            String before = MinimalUser.documented().password();
            for (int i = 0; i < 5; i++) {
                String old = before;
                String next = "secret-" + i;
                redis.ask(jedis -> jedis.aclSetUser(USER, ">" + next));
                Files.writeString(file(), next + "\n");
                redis.ask(jedis -> jedis.aclSetUser(USER, "<" + old));
                breakConnections();
                int so = done.get();
                Awaitility.await().until(() -> done.get() > so + 20);
                before = next;
            }
            end.set(true);

            for (Future<Integer> each : all) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isPositive(); // what was refused would be thrown here
            }
        } finally {
            end.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    void documentationShowsThatWay() {
        String block = Docs.block("redis.md", "A password in a file", "sh");

        assertThat(Docs.exported(block, "HOLDFAST_REDIS_USER")).isEqualTo(USER);
        assertThat(Docs.exported(block, "HOLDFAST_REDIS")).doesNotContain("@");
        assertThat(Docs.exported(block, "HOLDFAST_REDIS_PASSWORD_FILE")).startsWith("/");
        assertThat(block.lines()).hasSize(3);
    }

    @Test
    void fileThatCannotBeReadIsNamedAndReadAgain() throws IOException {
        RedisSessionStore store = store(new RedisLogin(USER, null, file()));
        new OneSession().create(store, "1");
        Files.delete(file());
        breakConnections();

        assertThatThrownBy(() -> new OneSession().create(store, "1"))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("HF-423: Let the user of the server read " + file());

        write();
        Awaitility.await().ignoreExceptions().untilAsserted(() -> new OneSession().create(store, "1"));
    }
}
