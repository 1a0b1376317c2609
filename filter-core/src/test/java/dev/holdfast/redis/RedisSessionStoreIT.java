package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SessionStoreContract;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import redis.clients.jedis.Jedis;

/** The contract on a real server, with a look over the keys after each test. */
class RedisSessionStoreIT extends SessionStoreContract {
    private static RedisProcess redis;
    private static RedisServer server;

    private RedisSessionStore store;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        server = RedisServer.connect(redis.uri(), Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        server.close();
        redis.close();
    }

    @BeforeEach
    void begin() {
        redis.ask(Jedis::flushAll);
        store = new RedisSessionStore(server, "shop");
    }

    @AfterEach
    void audit() {
        store.close();
        assertThat(redis.ask(RedisAudit::of)).isEmpty();
    }

    @Override
    protected SessionStore store() {
        return store;
    }

    @Override
    protected int keys() {
        return redis.ask(RedisAudit::keys).size();
    }
}
