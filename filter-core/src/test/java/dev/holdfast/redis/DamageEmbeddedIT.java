package dev.holdfast.redis;

import dev.holdfast.testing.RedisProcess;
import org.junit.jupiter.api.BeforeAll;

/** The same on the Redis 6.2 that comes with the tests. */
class DamageEmbeddedIT extends DamageIT {
    @BeforeAll
    static void start() {
        use(RedisProcess.startEmbedded());
    }
}
