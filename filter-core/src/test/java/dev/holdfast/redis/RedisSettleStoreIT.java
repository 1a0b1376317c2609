package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.session.SessionStore;
import dev.holdfast.session.SettleStoreContract;
import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import redis.clients.jedis.Jedis;

/** The contract on a real server, with no more rights than users are told to give, and a look over the keys after each test. */
class RedisSettleStoreIT extends SettleStoreContract {
    private static RedisProcess redis;
    private static RedisServer server;

    private final RedisSessionStore store = new RedisSessionStore(server, "shop");

    @BeforeAll
    static void start() {
        redis = RedisProcess.start();
        server = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        server.close();
        redis.close();
    }

    @AfterEach
    void audit() {
        store.close();
        assertThat(redis.ask(RedisAudit::of)).isEmpty();
        redis.ask(Jedis::flushAll);
    }

    @Override
    protected SessionStore store() {
        return store;
    }
}
