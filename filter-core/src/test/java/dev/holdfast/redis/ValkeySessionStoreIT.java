package dev.holdfast.redis;

import dev.holdfast.testing.RedisProcess;
import org.junit.jupiter.api.BeforeAll;

/** All that holds on Redis, on Valkey. */
class ValkeySessionStoreIT extends RedisSessionStoreIT {
    @BeforeAll
    static void start() {
        use(RedisProcess.startValkey());
    }
}
