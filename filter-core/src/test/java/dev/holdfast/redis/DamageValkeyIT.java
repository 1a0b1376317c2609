package dev.holdfast.redis;

import dev.holdfast.testing.RedisProcess;
import org.junit.jupiter.api.BeforeAll;

/** The same on Valkey. */
class DamageValkeyIT extends DamageIT {
    @BeforeAll
    static void start() {
        use(RedisProcess.startValkey());
    }
}
