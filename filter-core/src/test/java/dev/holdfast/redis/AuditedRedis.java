package dev.holdfast.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testing.RedisProcess;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import redis.clients.jedis.Jedis;

/**
 * A real server for all tests of a class, in a static field: with no more rights than users are told to give, and a
 * look over the keys after each test, which finds none of an earlier one.
 */
final class AuditedRedis implements AfterEachCallback, AfterAllCallback {
    private final RedisProcess redis = RedisProcess.start();
    private final RedisServer server = RedisServer.connect(redis.uriOfMinimalUser(), Duration.ofSeconds(5));

    RedisServer server() {
        return server;
    }

    /** Runs commands on a connection of its own, with all rights. */
    <T> T ask(Function<Jedis, T> commands) {
        return redis.ask(commands);
    }

    /** Comes after the methods of the test that close what it opened. */
    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(redis.ask(RedisAudit::of)).isEmpty();
        redis.ask(Jedis::flushAll);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        server.close();
        redis.close();
    }
}
